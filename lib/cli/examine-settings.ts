import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { type ConnectValues, certificatesOf, connectFaults, secretIn } from '../daemon/connect-options.ts'
import { type LiveDoorValues, liveDoorFaults, tokenIn } from '../daemon/live-door-options.ts'
import { asterisksQueueLog, unreadable } from '../daemon/queue-log-tail.ts'
import { TAIL_SECRET, type TailValues, tailFaults } from '../daemon/tail-options.ts'
import type { FileProblem } from '../files/file-problem.ts'
import { type NamedFile, sameFiles } from '../files/same-file.ts'
import { tryFile } from '../files/try-file.ts'
import { FILES } from '../files/uses.ts'
import type { ListenAddress, OptionKinds } from '../options/kinds.ts'
import type { Log } from '../text/log.ts'
import { namedFiles } from './named-files.ts'
import { readSettings, SECRETS, type Setting } from './settings.ts'
import { isOfProcess, ofOnePbx, withKeys } from './settings-folder.ts'
import { LISTENING, tryToListen } from './try-to-listen.ts'

/** What is wrong with settings, and the files that they name. */
export interface ExaminedSettings {
  /** A line for each fault: where it stands, what it is, what to do. */
  faults: readonly string[]
  files: readonly NamedFile[]
}

export interface SettingsOptions {
  kinds: OptionKinds
  /** What the command line says, which wins over the file, and the names of what it says. */
  values: Readonly<Record<string, unknown>>
  given: ReadonlySet<string>
  /** What a service sets itself whatever the file says. */
  setByService: ReadonlySet<string>
  /** The folders that are made for a service when it starts. */
  madeForService: ReadonlySet<string>
  /** What this PBX has in common with others of its process; what is of the process is left out then. */
  shared?: ReadonlyMap<string, Setting>
}

/**
 * Reads a settings file and tries all that it names, as this process may. Nothing is changed.
 *
 * @throws FileProblem if the file itself cannot be read
 */
export async function examineSettings(path: string, options: SettingsOptions): Promise<ExaminedSettings> {
  const faults: string[] = []
  const tell = (fault: string): void => {
    faults.push(fault)
  }
  const own = readSettings(path, tell, tell)
  const settings = options.shared === undefined ? own : ofOnePbx(options.shared, own)
  const values = valuesOf(settings, options, tell)
  // Of the file, the secret is no option.
  if (!options.given.has('secret')) values.secret = undefined
  for (const { option, variable } of SECRETS) {
    const isGiven = options.given.has(option) || options.given.has(`${option}-file`)
    const [text, file] = [settings.get(option), settings.get(`${option}-file`)]
    if (!isGiven && text !== undefined && file !== undefined) {
      tell(`both ${file.where} and ${variable} give the secret: remove one of them`)
    }
  }
  const secret = settings.get('secret')
  const connect = values as unknown as ConnectValues
  // Of a member of a fleet, what is missing may stand in the bucket.
  const faultsOfLogin = values.fleet === undefined ? connectFaults(connect, secret?.text ?? process.env.AMISECRET) : []
  for (const fault of faultsOfLogin) tell(`${path}: ${withKeys(fault)}`)
  const isOfOther = (name: string): boolean => options.shared !== undefined && isOfProcess(name)
  const used = Object.fromEntries(Object.entries(values).filter(([name]) => !isOfOther(name)))
  const files = await triedValues(path, used, settings, options, tell)
  const tail = values as unknown as TailValues
  for (const fault of tailFaults(tail)) tell(`${path}: ${withKeys(fault)}`)
  const fault = await tableFault(tail, settings.get('queuelog-tail-secret')?.text ?? process.env[TAIL_SECRET])
  // Of a secret file that cannot be read it is told already.
  const isTold = faults.some((told) => fault !== undefined && told.endsWith(fault))
  if (fault !== undefined && !isTold) tell(`${whereOf('queuelog-tail', settings, options)}: ${withKeys(fault)}`)
  return { faults: faults.sort(byLine), files }
}

/** Tries what is of a process that follows many PBXs: what they have in common says it, or the command line. */
export async function examineProcess(
  path: string,
  shared: ReadonlyMap<string, Setting>,
  options: SettingsOptions,
): Promise<ExaminedSettings> {
  const faults: string[] = []
  const tell = (fault: string): void => {
    faults.push(fault)
  }
  const values = Object.entries(valuesOf(shared, options, tell)).filter(([name]) => isOfProcess(name))
  const files = await triedValues(path, Object.fromEntries(values), shared, options, tell)
  return { faults: faults.sort(byLine), files }
}

/** The values of options: what the command line says, and else what settings do. */
function valuesOf(
  settings: ReadonlyMap<string, Setting>,
  options: SettingsOptions,
  tell: (fault: string) => void,
): Record<string, unknown> {
  const values: Record<string, unknown> = { ...options.values }
  for (const [name, setting] of settings) {
    const kind = options.kinds[name]
    if (kind === undefined || options.given.has(name)) continue
    try {
      values[name] = kind.read(name, setting.text)
    } catch (error) {
      tell(`${setting.where}: ${(error as Error).message}`)
    }
  }
  return values
}

/** Tries the files that values name, and to listen where somebody may ask. */
async function triedValues(
  path: string,
  values: Readonly<Record<string, unknown>>,
  settings: ReadonlyMap<string, Setting>,
  options: SettingsOptions,
  tell: (fault: string) => void,
): Promise<NamedFile[]> {
  const isSetByService = (name: string): boolean => options.setByService.has(name) && !options.given.has(name)
  const used = Object.fromEntries(Object.entries(values).filter(([name]) => !isSetByService(name)))
  const files = namedFiles(used, options.kinds).filter(({ path: file, use }) => file !== '-' && use !== FILES.settings)
  for (const file of files) {
    const folder = dirname(file.path)
    if (options.madeForService.has(folder) && !existsSync(folder)) continue
    tryNamed(file, whereOf(file.by.slice(2), settings, options), tell)
  }
  for (const fault of sameFiles([{ by: '--settings', path, use: FILES.settings }, ...files])) {
    tell(`${path}: ${withKeys(fault)}`)
  }
  for (const name of LISTENING) {
    const place = values[name] as ListenAddress | undefined
    const refusal = place && (await tryToListen(place, name))
    if (refusal !== undefined) tell(`${whereOf(name, settings, options)}: ${refusal}`)
  }
  for (const fault of liveDoorFaults(values as unknown as LiveDoorValues)) {
    tell(`${path}: ${withKeys(fault)}`)
  }
  return files
}

/** In the order of the lines of the file; what is in no line comes last. */
function byLine(one: string, other: string): number {
  const [first, second] = [one, other].map((fault) =>
    Number(/^line (\d+) of /.exec(fault)?.[1] ?? Number.MAX_SAFE_INTEGER),
  )
  return (first ?? 0) - (second ?? 0)
}

function tryNamed({ path, use }: NamedFile, where: string, tell: (fault: string) => void): void {
  try {
    tryFile(path, use)
    if (use === FILES.secret) secretIn(path)
    if (use === FILES.token) tokenIn(path)
    if (use === FILES.certificate) certificatesOf(path)
  } catch (error) {
    tell(`${where}: ${(error as FileProblem).message}`)
  }
}

/** What is warned of is no fault. */
const NO_LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** Why the table of a queue_log cannot be read; a file is among those that are tried. */
async function tableFault(values: TailValues, secret: string | undefined): Promise<string | undefined> {
  if (typeof values['queuelog-tail'] !== 'object') return undefined
  try {
    const tail = asterisksQueueLog(values, NO_LOG, { [TAIL_SECRET]: secret })
    return tail && (await unreadable(tail))
  } catch (error) {
    return (error as Error).message
  }
}

/** Where a value is from: a line of the file, or an option. */
function whereOf(name: string, settings: ReadonlyMap<string, Setting>, { given }: SettingsOptions): string {
  return given.has(name) ? `--${name}` : (settings.get(name)?.where ?? `--${name}`)
}
