import { realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { assertConnectable } from '../daemon/connect-options.ts'
import type { AskedPbx, WantedPbx } from '../daemon/kept-pbx.ts'
import type { ReadSet } from '../daemon/live-set.ts'
import { tailFaults } from '../daemon/tail-options.ts'
import { FileProblem } from '../files/file-problem.ts'
import { isOnlyRead } from '../files/file-use.ts'
import { type OptionKinds, type OptionValues, UsageError } from '../options/kinds.ts'
import { Tracking } from '../trackers/tracking.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readCommandLine } from './options.ts'
import type { Setting } from './settings.ts'
import { type FolderFile, OF_PROCESS, readSettingsFolder, refuseForMany, withKeys } from './settings-folder.ts'
import { liveOptions, onlyInReplay, trackOptions } from './track-options.ts'
import { chosenTrackers } from './tracker-options.ts'

/**
 * `ami-track --settings DIR`: follows a PBX for each `NAME.conf` in the folder.
 *
 * @throws UsageError for an option that makes no sense for many
 */
export async function followSet(argv: readonly string[], folder: string): Promise<void> {
  const { values, given } = readCommandLine(argv, trackOptions, () => new Map(readSettingsFolder(folder).shared))
  for (const name of Object.keys(onlyInReplay)) {
    if (given.has(name))
      throw new UsageError(`--${name} is for a dump of one PBX, and --settings ${folder} is a folder of many`)
  }
  refuseForMany(given, folder)
  const ofProcess = OF_PROCESS.map((name) => [name, values[name]])
  checkFiles(namedFiles(Object.fromEntries(ofProcess), liveOptions))
  const { runSet } = await import('../daemon/live-set.ts')
  await runSet(values, folder, () => readSet(argv, folder, values.state))
}

/** What is asked for by the command line and the files, as they are now. */
export function readSet(argv: readonly string[], folder: string, state: string | undefined): ReadSet {
  const { files, remarks } = readSettingsFolder(folder)
  const taken = new Map<string, string>()
  const asked = files.map((file): AskedPbx => {
    const { name, print } = file
    try {
      return { name, print, wanted: wantedOf(argv, file, state, taken) }
    } catch (error) {
      if (!(error instanceof UsageError || error instanceof FileProblem)) throw error
      return { name, print, wanted: { fault: withKeys(error.message) } }
    }
  })
  return { asked, remarks }
}

/**
 * What a PBX is followed with.
 *
 * @param taken the files that others write, each with the name of whose it is
 * @throws UsageError, FileProblem if it cannot be
 */
function wantedOf(
  argv: readonly string[],
  { name, path, settings }: FolderFile,
  state: string | undefined,
  taken: Map<string, string>,
): WantedPbx {
  if (!(settings instanceof Map)) throw new UsageError(settings.fault)
  const { values: said, secrets } = readPbx(argv, settings)
  const values = { ...said, state: state === undefined ? undefined : join(state, name) }
  for (const fault of tailFaults(values)) throw new UsageError(`${path}: ${fault}`)
  if (values.queuelog === '-') {
    throw new UsageError(`${path}: QUEUELOG=- would mix the lines of many PBXs on stdout: name a file`)
  }
  assertConnectable(values, secrets)
  const own = Object.entries(values).filter(
    ([option]) => !(OF_PROCESS as readonly string[]).includes(option) || option === 'state',
  )
  const files = namedFiles({ ...Object.fromEntries(own), settings: undefined }, liveOptions)
  checkFiles(files)
  for (const { by, path: file, use } of files.filter((one) => !isOnlyRead(one.use))) {
    const identity = identityOf(file)
    const other = taken.get(identity)
    if (other !== undefined)
      throw new UsageError(`${path}: ${by} ${file} is ${use.what} of ${other}: each PBX has its own`)
    taken.set(identity, name)
  }
  const switches: OptionValues<OptionKinds> = values
  const chosen = chosenTrackers(switches)
  return { values, secrets, create: () => new Tracking(chosen, switches) }
}

/** The command line, over what the files say of a PBX. */
function readPbx(argv: readonly string[], settings: ReadonlyMap<string, Setting>) {
  return readCommandLine(argv, liveOptions, () => new Map(settings))
}

/** The same text for the same file, also for one that is not there yet. */
function identityOf(path: string): string {
  const folder = dirname(resolve(path))
  try {
    return realpathSync(path)
  } catch {
    try {
      return join(realpathSync(folder), path.slice(path.lastIndexOf('/') + 1))
    } catch {
      return resolve(path)
    }
  }
}
