import { join } from 'node:path'
import { FileProblem } from '../files/file-problem.ts'
import type { NamedFile } from '../files/same-file.ts'
import { UsageError } from '../options/kinds.ts'
import { type ExaminedSettings, examineProcess, examineSettings, type SettingsOptions } from './examine-settings.ts'
import { DEFAULTS, readSettingsFolder, type SettingsFolder, withKeys } from './settings-folder.ts'
import { TakenFiles } from './taken-files.ts'

/**
 * Reads a folder of settings, a file for each PBX, and tries all that they name, as this process may. Nothing is changed.
 *
 * @throws FileProblem if the folder cannot be read
 */
export async function examineFolder(folder: string, options: SettingsOptions): Promise<ExaminedSettings> {
  let found: SettingsFolder
  try {
    found = readSettingsFolder(folder)
  } catch (error) {
    // Nothing can be said of the others.
    if (error instanceof UsageError) return { faults: [error.message], files: [] }
    throw error
  }
  const { shared, files: pbxs, remarks } = found
  const process = await examineProcess(join(folder, DEFAULTS), shared, options)
  const faults = new Set([...remarks, ...process.faults])
  const files: NamedFile[] = [...process.files]
  const taken = new TakenFiles()
  for (const { name, path } of pbxs) {
    const examined = await examinePbx(path, { ...options, shared })
    files.push(...examined.files)
    for (const fault of examined.faults) faults.add(fault)
    for (const fault of taken.faultsOf(name, path, examined.files)) faults.add(withKeys(fault))
  }
  return { faults: [...faults], files }
}

async function examinePbx(path: string, options: SettingsOptions): Promise<ExaminedSettings> {
  try {
    return await examineSettings(path, options)
  } catch (error) {
    if (!(error instanceof FileProblem)) throw error
    return { faults: [error.message], files: [] }
  }
}
