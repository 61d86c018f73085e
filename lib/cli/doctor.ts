import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { examine } from '../doctor/examine.ts'
import type { Purpose } from '../doctor/facts.ts'
import { findingsOf } from '../doctor/findings.ts'
import { jsonOf, textOf } from '../doctor/view.ts'
import { FILES } from '../files/uses.ts'
import { file, flag, type OptionKinds, type OptionValues, onOff } from '../options/kinds.ts'
import { EXIT } from '../text/exit.ts'
import type { Log } from '../text/log.ts'
import type { Reporter } from '../text/report.ts'
import { eventsFor } from '../trackers/table.ts'
import { hasColours } from './colours.ts'
import { connectionSettings, connectOptions } from './connect-options.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readOptions } from './options.ts'
import { queueLogOption } from './queue-log-output.ts'
import { readSettings } from './settings.ts'
import { chosenTrackers, trackerOptions } from './tracker-options.ts'

/** A name server that does not answer is not waited for any longer, in ms. */
const LOOKUP_MS = 2000

/** The options of `ami-track doctor`. */
export const doctorOptions = {
  settings: file(FILES.settings),
  ...connectOptions,
  standby: onOff(true),
  'queuelog-tail': file(FILES.asterisksQueueLog),
  ...queueLogOption,
  write: onOff(true),
  json: flag(),
  ...trackerOptions,
}

/**
 * `ami-track doctor`: connects, and tells what is right and what is wrong for the daemon with the same options. The exit
 * code is 1 if anything is wrong.
 *
 * @throws UsageError if the options do not say where to connect
 */
export async function examinePbx(argv: readonly string[], reporter: Reporter): Promise<void> {
  const settingsOf = (path: string) => readSettings(path, (text) => reporter.report('settings', text))
  const {
    write,
    json,
    standby,
    queuelog,
    'queuelog-tail': tail,
    ...values
  } = readOptions(argv, doctorOptions, settingsOf)
  const { 'secret-file': secretFile, 'tls-ca': certificate } = values
  checkFiles(namedFiles({ 'secret-file': secretFile, 'tls-ca': certificate }, doctorOptions))
  const tell = (text: string): void => reporter.report('settings', text)
  const log: Log = { debug: () => {}, info: () => {}, warn: tell, error: tell }
  const settings = connectionSettings(values, { events: 'none', beats: false }, log)
  const switches: OptionValues<OptionKinds> = values
  const { host, port, login } = settings
  const purpose: Purpose = {
    host,
    port,
    login,
    isSameMachine: await isSameMachine(host),
    trackers: chosenTrackers(switches).map((entry) => ({ option: entry.option, events: eventsFor(entry) })),
    queuelog,
    tail,
    standby,
  }
  const findings = findingsOf(purpose, await examine({ settings, purpose, writes: write }))
  const show = json ? jsonOf : (finding: (typeof findings)[number]) => textOf(finding, hasColours())
  process.stdout.write(findings.map(show).join(''))
  process.exitCode = findings.some(({ state }) => state === 'wrong') ? EXIT.failed : EXIT.ok
}

/** Whether the PBX runs on this machine, with the same clock and files. */
async function isSameMachine(host: string): Promise<boolean> {
  const found = lookup(host).catch(() => undefined)
  const { address } = (await Promise.race([found, sleep(LOOKUP_MS, undefined, { ref: false })])) ?? {}
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map((one) => one.address))
  return address !== undefined && (/^127\.|^::1$/.test(address) || own.includes(address))
}
