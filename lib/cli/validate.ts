import type { Finding } from '../doctor/finding.ts'
import { jsonOf } from '../doctor/view.ts'
import { FileProblem } from '../files/file-problem.ts'
import { flag, text, UsageError } from '../options/kinds.ts'
import { EXIT } from '../text/exit.ts'
import { examineFolder } from './examine-folder.ts'
import { examineSettings } from './examine-settings.ts'
import { readCommandLine, refuseOperands } from './options.ts'
import { becomeServiceUser, SERVICE_USER } from './service-user.ts'
import { isFolder } from './settings-folder.ts'
import { liveOptions } from './track-options.ts'

/** The options of `ami-track validate`: those of the daemon, and as whom it looks. */
export const validateOptions = { ...liveOptions, user: text('USER'), json: flag() }

/** What the unit of the packages gives on its command line: the keys of a settings file count for nothing there. */
const SET_BY_UNIT = new Set(['pid', 'state', 'control'])
/** What systemd makes for it, for its user, when it starts: LogsDirectory=, StateDirectory=, RuntimeDirectory=. */
const MADE_BY_UNIT = new Set(['/var/log/ami-track', '/var/lib/ami-track', '/run/ami-track'])
const NONE: ReadonlySet<string> = new Set()

/** What was found, and as whom. */
export interface ValidSettings {
  faults: readonly string[]
  /** The files that they name. */
  files: readonly string[]
  user: string
}

/**
 * `ami-track validate --settings FILE`: tries all that the settings name as the user of the service would, and says all
 * that is wrong. The exit code is 1 if anything is.
 *
 * @throws UsageError if no file is named, or nobody can become the user
 */
export async function validate(argv: readonly string[]): Promise<void> {
  const line = readCommandLine(argv, validateOptions)
  refuseOperands(line)
  const { values, given } = line
  const { settings: path, user: wanted, json } = values
  if (path === undefined) throw new UsageError('the settings file is missing: use ami-track validate --settings FILE')
  const { faults, user } = await validSettings(path, { values, given, wanted })
  const findings = faults.map((finding): Finding => ({ check: 'settings', state: 'wrong', finding }))
  const fine = `${path}: the user ${user} can use everything that it names`
  if (json) findings.push(...(faults.length === 0 ? [{ check: 'settings', state: 'ok', finding: fine } as const] : []))
  const lines = faults.length === 0 ? [fine] : faults
  process.stdout.write(json ? findings.map((one) => jsonOf(one)).join('') : lines.map((line) => `${line}\n`).join(''))
  process.exitCode = faults.length === 0 ? EXIT.ok : EXIT.failed
}

/** What the command line says. */
interface Asked {
  values: Readonly<Record<string, unknown>>
  given: ReadonlySet<string>
  wanted: string | undefined
}

/** Examines settings as the user of the service, whom this process becomes forever. */
export async function validSettings(path: string, { values, given, wanted }: Asked): Promise<ValidSettings> {
  const user = becomeServiceUser(wanted)
  const isOfPackage = wanted === undefined && user === SERVICE_USER
  const service = {
    setByService: isOfPackage ? SET_BY_UNIT : NONE,
    madeForService: isOfPackage ? MADE_BY_UNIT : NONE,
  }
  const options = { kinds: liveOptions, values, given, ...service }
  try {
    const { faults, files } = await (isFolder(path) ? examineFolder(path, options) : examineSettings(path, options))
    return { faults, files: files.map((file) => file.path), user }
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error
    return { faults: [error.message], files: [], user }
  }
}
