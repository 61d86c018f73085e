import { isIP } from 'node:net'
import { problemOf } from '../files/check-file.ts'
import { UnfitFile } from '../files/file-problem.ts'
import { FILES } from '../files/uses.ts'
import { file, listenAddress, type OptionValues } from '../options/kinds.ts'
import type { Log } from '../text/log.ts'
import { isLoopback } from '../text/loopback.ts'
import { secretIn, warnOfReaders } from './connect-options.ts'

/** Where the page of the open calls is, and the token that it asks for. */
export const liveDoorOptions = { live: listenAddress(), 'live-token-file': file(FILES.token) }

export type LiveDoorValues = OptionValues<typeof liveDoorOptions>

/** A token that can be guessed is none. */
const LEAST_TOKEN = 16
/** A header has to carry it. */
const TOKEN = new RegExp(`^[\\x21-\\x7e]{${LEAST_TOKEN},}$`)

/** What contradicts itself, in options and settings together. */
export function* liveDoorFaults({ live, 'live-token-file': tokenFile }: LiveDoorValues): Generator<string> {
  if (live !== undefined && tokenFile === undefined && !isLoopback(live.host)) {
    const where = isIP(live.host) ? live.host : `the name ${live.host}`
    yield `--live shows numbers and names, and other machines can reach ${where}: give a token with --live-token-file, or listen on 127.0.0.1`
  }
}

/** @throws FileProblem if there is no token in the file, or one that is too short */
export function tokenIn(path: string): string {
  const token = secretIn(path, FILES.token)
  if (TOKEN.test(token)) return token
  const reason = `its first line must have at least ${LEAST_TOKEN} letters, digits or signs and no blanks ("openssl rand -hex 24" makes a good token)`
  throw problemOf(new UnfitFile(reason), path, FILES.token, { cannotBe: 'used' })
}

/**
 * The token that the page asks for; undefined if it asks for none.
 *
 * @param log is warned of a file that everyone can read
 * @throws FileProblem if there is none in the file
 */
export function liveToken(path: string | undefined, log: Log): string | undefined {
  if (path === undefined) return undefined
  const token = tokenIn(path)
  warnOfReaders(path, FILES.token, log)
  return token
}
