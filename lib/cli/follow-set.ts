import { join } from 'node:path'
import { assertConnectable } from '../daemon/connect-options.ts'
import type { ReadSet } from '../daemon/run-set.ts'
import type { AskedPbx, WantedPbx } from '../daemon/supervised-pbx.ts'
import { tailFaults } from '../daemon/tail-options.ts'
import { FileProblem } from '../files/file-problem.ts'
import type { NamedFile } from '../files/same-file.ts'
import { type OptionKinds, type OptionValues, UsageError } from '../options/kinds.ts'
import { chosenTrackers } from '../trackers/table.ts'
import { Tracking } from '../trackers/tracking.ts'
import { FolderSource } from './folder-source.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readCommandLine } from './options.ts'
import type { Setting } from './settings.ts'
import {
  type FolderFile,
  isOfProcess,
  ofProcess,
  readSettingsFolder,
  refuseForMany,
  withKeys,
} from './settings-folder.ts'
import { TakenFiles } from './taken-files.ts'
import { liveOptions, onlyInReplay, trackOptions } from './track-options.ts'
import { refuseUnfitDoor } from './unfit-door.ts'

/**
 * `ami-track --settings DIR`: follows a PBX for each `NAME.conf` in the folder.
 *
 * @throws UsageError for an option that makes no sense for many
 */
export async function followSet(argv: readonly string[], folder: string): Promise<void> {
  const { values, given } = readCommandLine(argv, trackOptions, () => new Map(readSettingsFolder(folder).shared))
  for (const name of Object.keys(onlyInReplay)) {
    if (given.has(name))
      throw new UsageError(`--${name} is for a dump of one PBX, but --settings ${folder} is a folder of many PBXs`)
  }
  refuseForMany(given, `--settings ${folder} is a folder of many PBXs`)
  if (values.fleet !== undefined) {
    throw new UsageError(
      `--settings ${folder} is a folder of PBXs, and --fleet has its PBXs in a bucket: remove one of the two`,
    )
  }
  refuseUnfitDoor(values, given)
  const { runSet } = await import('../daemon/run-set.ts')
  const own = checkedFilesOfProcess(values)
  const read = (): ReadSet => readSet(argv, folder, { state: values.state, own })
  // What is wrong with all of them ends it before it begins.
  read()
  await runSet(values, new FolderSource(folder, read, values.watch))
}

/**
 * The files that a process writes itself which follows many PBXs; in its folder of states each has its own.
 *
 * @throws FileProblem, UsageError if one cannot be used
 */
export function checkedFilesOfProcess(values: Readonly<Record<string, unknown>>): NamedFile[] {
  const files = namedFiles(ofProcess(values), liveOptions)
  checkFiles(files)
  return files.filter(({ by }) => by !== '--state')
}

/** What is of the process that follows many PBXs. */
export interface OfProcess {
  /** The folder in which the state of each has a folder of its own. */
  readonly state: string | undefined
  /** The files that it writes itself. */
  readonly own: readonly NamedFile[]
}

/** What is asked for by the command line and the files, as they are now. */
export function readSet(argv: readonly string[], folder: string, process: OfProcess): ReadSet {
  const { files, remarks } = readSettingsFolder(folder)
  return { asked: askedOf(argv, files, process), remarks }
}

/**
 * What is asked for of some PBXs.
 *
 * @param argv the command line, which goes before what files say
 */
export function askedOf(argv: readonly string[], files: readonly FolderFile[], { state, own }: OfProcess): AskedPbx[] {
  const taken = new TakenFiles()
  taken.faultsOf('the process', '', own)
  return files.map((file): AskedPbx => {
    const { name, print } = file
    try {
      return { name, print, wanted: wantedOf(argv, file, state, taken) }
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof FileProblem)) throw error
      const fault = withKeys(error.message)
      // What one PBX may do can depend on others: it is asked anew where that has changed.
      return { name, print: `${print} ${fault}`, wanted: { fault } }
    }
  })
}

/**
 * What a PBX is followed with.
 *
 * @param taken the files that others write
 * @throws UsageError, FileProblem if it cannot be
 */
function wantedOf(
  argv: readonly string[],
  { name, path, settings }: FolderFile,
  state: string | undefined,
  taken: TakenFiles,
): WantedPbx {
  if (!(settings instanceof Map)) throw new UsageError(settings.fault)
  const { values: said, secrets } = readPbx(argv, settings)
  const values = { ...said, state: state === undefined ? undefined : join(state, name) }
  for (const fault of tailFaults(values)) throw new UsageError(`${path}: ${fault}`)
  if (values.queuelog === '-') {
    throw new UsageError(`${path}: QUEUELOG=- would mix the lines of many PBXs on stdout. Name a file instead`)
  }
  assertConnectable(values, secrets)
  const own = Object.entries(values).filter(([option]) => !isOfProcess(option) || option === 'state')
  const files = namedFiles({ ...Object.fromEntries(own), settings: undefined }, liveOptions)
  checkFiles(files)
  const [fault] = taken.faultsOf(name, path, files)
  if (fault !== undefined) throw new UsageError(fault)
  const switches: OptionValues<OptionKinds> = values
  const chosen = chosenTrackers(switches)
  return { values, secrets, create: () => new Tracking(chosen, switches) }
}

/** The command line, over what the files say of a PBX. */
function readPbx(argv: readonly string[], settings: ReadonlyMap<string, Setting>) {
  return readCommandLine(argv, liveOptions, () => new Map(settings))
}
