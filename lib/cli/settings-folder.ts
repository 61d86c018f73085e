import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { problemOf } from '../files/check-file.ts'
import { FileProblem } from '../files/file-problem.ts'
import { nodeCrypto } from '../files/node-crypto.ts'
import { FILES } from '../files/uses.ts'
import { UsageError } from '../options/kinds.ts'
import { isPbxName, PBX_NAME_FORM } from '../text/pbx-name.ts'
import { readSettings, SECRETS, SETTINGS, type Setting } from './settings.ts'

type Settings = Map<string, Setting>

/** The file of what all PBXs of a folder have in common. */
export const DEFAULTS = 'defaults.conf'
/** What is of the process, which has it once. */
const OF_PROCESS = [
  ...['logfile', 'loglevel', 'pid', 'metrics', 'control', 'live', 'live-token-file', 'state', 'watch'],
  ...['fleet', 'member', 'fleet-secret', 'fleet-secret-file', 'nats-creds', 'replicas'],
]

/** Those of the options that are of the process. */
export function ofProcess(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => isOfProcess(name)))
}

export function isOfProcess(option: string): boolean {
  return OF_PROCESS.includes(option)
}

/** What is of one PBX alone: it can stand neither for all nor on the command line. */
const OF_ONE_PBX = ['queuelog', 'queuelog-tail', 'debugfile'] as const
/** What names one PBX: it can be a default, and not stand on the command line, which goes before all files. */
const OF_ONE_HOST = ['host', ...OF_ONE_PBX] as const

/** A file of the folder. */
export interface FolderFile {
  /** `NAME` of `NAME.conf` */
  readonly name: string
  readonly path: string
  /** What it says, and what all have in common; or what is wrong with it. */
  readonly settings: Settings | { readonly fault: string }
  /** The same for the same settings. */
  readonly print: string
}

/** What the files of a folder say. */
export interface SettingsFolder {
  /** What all have in common. */
  readonly shared: Settings
  /** In the order of their names. */
  readonly files: readonly FolderFile[]
  /** What is odd: a line each. */
  readonly remarks: readonly string[]
}

/**
 * @param many where many are asked for: `--fleet is for many`
 * @throws UsageError for the first option on the command line that makes no sense for many PBXs
 */
export function refuseForMany(given: ReadonlySet<string>, many: string): void {
  for (const name of OF_ONE_HOST) {
    if (given.has(name))
      throw new UsageError(`--${name} belongs to one PBX, but ${many}: write it into the settings of that PBX`)
  }
}

/** @throws UsageError for the first setting that many PBXs cannot have in common */
export function assertCommon(shared: ReadonlyMap<string, Setting>): void {
  for (const option of OF_ONE_PBX) {
    const setting = shared.get(option)
    if (setting !== undefined)
      throw new UsageError(`${setting.where} belongs to one PBX: write it into the settings of that PBX`)
  }
}

/** Why no PBX of a fleet can have a file of lines. */
export const TWO_WRITE =
  'is not possible in a fleet: two members follow each PBX, and they need Asterisk to decide which of them writes'

/** Whether a path is that of a folder. What cannot be looked at is none: who reads it as a file tells why. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  } catch {
    return false
  }
}

/**
 * Reads a folder of settings: `NAME.conf` is the settings file of the PBX `NAME`, and `defaults.conf` says what all have in
 * common. What is wrong in one file concerns no other.
 *
 * @throws FileProblem if the folder cannot be read, or what all have in common
 * @throws UsageError for what cannot be common to all
 */
export function readSettingsFolder(folder: string): SettingsFolder {
  const remarks: string[] = []
  const remark = (text: string): void => {
    remarks.push(text)
  }
  const defaults = join(folder, DEFAULTS)
  const names = namesIn(folder)
  const shared = existsSync(defaults) ? readSettings(defaults, remark) : new Map<string, Setting>()
  assertCommon(shared)
  const files = names.flatMap((file): FolderFile[] => {
    const name = file.replace(/\.conf$/, '')
    const path = join(folder, file)
    if (!isPbxName(name)) {
      remark(`${path} is skipped: ${PBX_NAME_FORM}`)
      return []
    }
    return [settingsOfPbx(name, path, shared, () => readSettings(path, remark), remark)]
  })
  return { shared, files, remarks }
}

/**
 * The settings of one PBX of many.
 *
 * @param path where they stand, for messages
 * @param read what they say alone
 */
export function settingsOfPbx(
  name: string,
  path: string,
  shared: ReadonlyMap<string, Setting>,
  read: () => Settings,
  remark: (text: string) => void,
): FolderFile {
  const settings = settingsOf(shared, read, remark)
  return { name, path, settings, print: printOf(settings) }
}

function namesIn(folder: string): string[] {
  try {
    return settingsFilesIn(folder).filter((name) => name !== DEFAULTS)
  } catch (error) {
    throw problemOf(error, folder, FILES.settingsFolder)
  }
}

/**
 * The settings files of a folder, in the order of their names: `north.conf`.
 *
 * @throws Error (of node:fs) if it cannot be read
 */
export function settingsFilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.conf') && !name.startsWith('.'))
    .sort()
}

function settingsOf(
  shared: ReadonlyMap<string, Setting>,
  read: () => Settings,
  remark: (text: string) => void,
): FolderFile['settings'] {
  try {
    const own = read()
    for (const option of OF_PROCESS) {
      const setting = own.get(option)
      if (setting !== undefined)
        remark(`${setting.where} belongs to the whole process and has no effect here: write it into ${DEFAULTS}`)
    }
    return ofOnePbx(shared, own)
  } catch (error) {
    if (error instanceof UsageError || error instanceof FileProblem) return { fault: error.message }
    throw error
  }
}

/** What counts for one PBX: what its own file says goes before what all have in common; what is of the process has no effect there. */
export function ofOnePbx(shared: ReadonlyMap<string, Setting>, own: ReadonlyMap<string, Setting>): Settings {
  const all = new Map(shared)
  for (const { option } of SECRETS) {
    const names = [option, `${option}-file`]
    // One of the two says which is the secret.
    if (names.some((name) => own.has(name))) for (const name of names) all.delete(name)
  }
  for (const [option, setting] of own) if (!isOfProcess(option)) all.set(option, setting)
  return all
}

/** Of secrets only this is kept. */
function printOf(settings: FolderFile['settings']): string {
  const said = settings instanceof Map ? [...settings].map(([option, { text }]) => [option, text]).sort() : settings
  return nodeCrypto().createHash('sha256').update(JSON.stringify(said)).digest('base64')
}

/** With the key of each option that a message names: it is the file that has to be changed. */
export function withKeys(text: string, keys: Readonly<Record<string, string>> = SETTINGS): string {
  return text.replace(/--([a-z-]+)/g, (option, name) => {
    const key = Object.keys(keys).find((one) => keys[one] === name)
    return key === undefined ? option : key
  })
}
