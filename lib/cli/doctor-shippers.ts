import { join } from 'node:path'
import { type Finding, wrong } from '../doctor/finding.ts'
import { readCommandLine } from './options.ts'
import { readSettings } from './settings.ts'
import { settingsFilesIn, withKeys } from './settings-folder.ts'
import { findingsOfShipping } from './ship-check.ts'
import { assertShippable, shippedFile, sinkOf } from './ship-ends.ts'
import { SHIP_SETTINGS, shipOptions } from './ship-options.ts'
import { stderrLog } from './stderr-log.ts'

/**
 * What is right and wrong with the shippers of this machine: each settings file of a folder is that of one. Nothing is
 * shipped, and nothing changed.
 *
 * @param now seconds since the epoch
 */
export async function findingsOfShippers(folder: string, now: number): Promise<Finding[]> {
  const names = filesIn(folder).map((file) => file.slice(0, -'.conf'.length))
  const found = await Promise.all(names.map((name) => findingsOf(name, join(folder, `${name}.conf`), now)))
  return found.flat()
}

function filesIn(folder: string): string[] {
  try {
    return settingsFilesIn(folder)
  } catch {
    return []
  }
}

async function findingsOf(name: string, path: string, now: number): Promise<Finding[]> {
  const log = stderrLog(`ami-track: shipper ${name}: `)
  try {
    const settingsOf = (file: string) => readSettings(file, log.warn, undefined, SHIP_SETTINGS)
    const { values, secrets } = readCommandLine(['--settings', path], shipOptions, settingsOf)
    assertShippable(values)
    const sink = await sinkOf(values, secrets, log)
    const start = `systemctl enable --now qlog-ship@${name}`
    const findings = await findingsOfShipping({ sink, path: shippedFile(values), start, now })
    return findings.map((finding) => ({ ...finding, check: 'shipper', finding: `${name}: ${finding.finding}` }))
  } catch (error) {
    return [
      wrong(
        'shipper',
        `${name}: ${withKeys((error as Error).message, SHIP_SETTINGS)}`,
        `correct it, then check again: qlog-ship --settings ${path} --check`,
      ),
    ]
  }
}
