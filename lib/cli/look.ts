import { statSync } from 'node:fs'
import { problemOf } from '../files/check-file.ts'
import { UnfitFile } from '../files/file-problem.ts'
import { FILES } from '../files/uses.ts'
import { DaemonClient } from '../look/daemon-client.ts'
import { type DaemonStatus, statusText } from '../look/status-text.ts'
import { file, flag, text, UsageError } from '../options/kinds.ts'
import { EXIT } from '../text/exit.ts'
import { hasColours } from './colours.ts'
import { type CommandLine, readCommandLine, refuseOperands } from './options.ts'

/** Where the service of the packages answers. */
const CONTROL = '/run/ami-track/ami-track.sock'

/** How a daemon that runs is found. */
export const lookOptions = { control: { ...file(FILES.controlOfDaemon), shown: 'PATH' }, pbx: text('NAME') }

/** The options of `ami-track status`. */
export const statusOptions = { ...lookOptions, json: flag() }

/** The options of `ami-track top`. */
export const topOptions = lookOptions

/** `ami-track status`: how a daemon that runs is, on one screen. The exit code is 1 if anything is wrong with it. */
export async function showStatus(argv: readonly string[]): Promise<void> {
  const line = readCommandLine(argv, statusOptions)
  refuseOperands(line)
  const { pbx, json } = line.values
  const status = (await clientOf(line).ask('/v1/status', { pbx })) as DaemonStatus
  process.stdout.write(json ? `${JSON.stringify(status)}\n` : statusText(status))
  const isTroubled = status.pbxs.some(({ trouble }) => trouble !== null)
  process.exitCode = isTroubled ? EXIT.failed : EXIT.ok
}

/** `ami-track top`: the open calls of a daemon that runs, as they change. */
export async function showTop(argv: readonly string[]): Promise<void> {
  const line = readCommandLine(argv, topOptions)
  refuseOperands(line)
  const client = clientOf(line)
  if (!process.stdin.isTTY || !process.stdout.isTTY || process.env.TERM === 'dumb') {
    throw new UsageError('top needs a terminal. Use ami-track status instead')
  }
  const { runTop } = await import('../look/run-top.ts')
  await runTop(client, line.values.pbx, hasColours())
}

/** @throws FileProblem if the socket that is named is none */
export function clientOf({ values, given }: Pick<CommandLine<typeof lookOptions>, 'values' | 'given'>): DaemonClient {
  const { control = CONTROL } = values
  // That nobody is there, or that one may not ask, is told by who asks.
  if (given.has('control') && isNoSocket(control)) {
    throw problemOf(new UnfitFile('it is not a socket'), control, FILES.controlOfDaemon)
  }
  return new DaemonClient(control)
}

function isNoSocket(path: string): boolean {
  try {
    return !statSync(path).isSocket()
  } catch {
    return false
  }
}
