import { lookup } from 'node:dns/promises'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { assertConnectable, connectionSettings, connectOptions } from '../daemon/connect-options.ts'
import { asterisksQueueLog } from '../daemon/queue-log-tail.ts'
import { tailOptions } from '../daemon/tail-options.ts'
import { examine } from '../doctor/examine.ts'
import type { Purpose } from '../doctor/facts.ts'
import { type Finding, isWrong, ok, wrong } from '../doctor/finding.ts'
import { findingsOf } from '../doctor/findings.ts'
import { logrotateFindings } from '../doctor/logrotate-findings.ts'
import { jsonOf, textOf } from '../doctor/view.ts'
import { FileProblem } from '../files/file-problem.ts'
import { FILES } from '../files/uses.ts'
import { file, flag, type OptionKinds, type OptionValues, onOff, UsageError } from '../options/kinds.ts'
import { sinkFor } from '../sinks/table.ts'
import { EXIT } from '../text/exit.ts'
import { oneLine } from '../text/one-line.ts'
import { chosenTrackers } from '../trackers/table.ts'
import { hasColours } from './colours.ts'
import { examineSet } from './doctor-set.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { type CommandLine, readCommandLine, refuseOperands, type SettingsOf } from './options.ts'
import { queueLogOption } from './queue-log-output.ts'
import { readSettings } from './settings.ts'
import { isFolder, refuseForMany } from './settings-folder.ts'
import { stderrLog } from './stderr-log.ts'
import { trackerOptions } from './tracker-options.ts'
import { validSettings } from './validate.ts'

/** A name server that does not answer is not waited for any longer, in ms. */
const LOOKUP_MS = 2000

/** Where the packages have the settings of the shippers of a machine. */
const SHIPPERS = '/etc/ami-track/ship'

/** The options of `ami-track doctor`. */
export const doctorOptions = {
  settings: file(FILES.settings),
  ...connectOptions,
  standby: onOff(true),
  ...tailOptions,
  ...queueLogOption,
  write: onOff(true),
  json: flag(),
  shippers: { ...file(FILES.shipperSettings), shown: 'DIR' },
  ...trackerOptions,
}

/**
 * `ami-track doctor`: connects, and tells what is right and what is wrong for the daemon with the same options. The exit
 * code is 1 if anything is wrong.
 *
 * @throws UsageError if the options do not say where to connect
 */
export async function examinePbx(argv: readonly string[]): Promise<void> {
  const line = readCommandLine(argv, doctorOptions)
  refuseOperands(line)
  const { json, settings: path, shippers = SHIPPERS } = line.values
  if (path !== undefined && isFolder(path)) {
    refuseForMany(line.given, `--settings ${path} is a folder of many PBXs`)
    await examineSet(path, (name, settings) => findingsOfPbx(argv, () => new Map(settings), `ami-track: ${name}: `), {
      isJson: json,
      others: async () => [...(await findingsOfSettings(path, line)), ...(await shippersIn(shippers))],
    })
    return
  }
  let findings: Finding[] = []
  let hindrance: unknown
  try {
    // What is wrong with the settings is among the findings.
    findings = await findingsOfPbx(argv, (file) => readSettings(file, () => {}), 'ami-track: ')
  } catch (error) {
    if (path === undefined || !(error instanceof UsageError || error instanceof FileProblem)) throw error
    hindrance = error
  }
  // Last, as this process is the user of the service from there on.
  if (path !== undefined) findings.unshift(...(await findingsOfSettings(path, line)))
  if (hindrance !== undefined && !findings.some(isWrong)) throw hindrance
  findings.push(...(await shippersIn(shippers)))
  const show = json ? (finding: Finding) => jsonOf(finding) : (finding: Finding) => textOf(finding, hasColours())
  process.stdout.write(findings.map(show).join(''))
  process.exitCode = findings.some(isWrong) ? EXIT.failed : EXIT.ok
}

/** What is found of the shippers whose settings are in a folder. */
async function shippersIn(folder: string): Promise<Finding[]> {
  if (!isFolder(folder)) return []
  // It brings the libraries of databases and of NATS with it.
  const { findingsOfShippers } = await import('./doctor-shippers.ts')
  return findingsOfShippers(folder, Date.now() / 1000)
}

/** @param prefix stands before each line on stderr */
async function findingsOfPbx(argv: readonly string[], settingsOf: SettingsOf, prefix: string): Promise<Finding[]> {
  const line = readCommandLine(argv, doctorOptions, settingsOf)
  const { secrets } = line
  const {
    write,
    json: _json,
    shippers: _shippers,
    standby,
    queuelog,
    'queuelog-tail': tailPlace,
    'queuelog-tail-secret-file': tailSecretFile,
    ...values
  } = line.values
  const { 'secret-file': secretFile, 'tls-ca': certificate } = values
  assertConnectable(values, secrets)
  const secretFiles = { 'secret-file': secretFile, 'queuelog-tail-secret-file': tailSecretFile }
  checkFiles(namedFiles({ ...secretFiles, 'tls-ca': certificate }, doctorOptions))
  const log = stderrLog(prefix)
  const settings = connectionSettings(values, { events: 'none', beats: false }, log, secrets)
  const switches: OptionValues<OptionKinds> = values
  const { host, port, login } = settings
  const purpose: Purpose = {
    host,
    port,
    login,
    isSameMachine: await isSameMachine(host),
    trackers: chosenTrackers(switches),
    options: switches,
    sink: sinkFor(queuelog),
    // Lines of a file of our own are in no table.
    tail:
      queuelog === undefined
        ? asterisksQueueLog({ 'queuelog-tail': tailPlace, 'queuelog-tail-secret-file': tailSecretFile }, log, secrets)
        : undefined,
    standby,
  }
  return findingsOf(purpose, await examine({ settings, purpose, writes: write }))
}

/** What `ami-track validate` says of the settings, and logrotate of the files that they name. */
async function findingsOfSettings(
  path: string,
  { values, given }: Pick<CommandLine<OptionKinds>, 'values' | 'given'>,
): Promise<Finding[]> {
  const { faults, files, user } = await validSettings(path, { values, given, wanted: undefined })
  const remedy = `correct it, then check again: ami-track validate --settings ${path}`
  const settings =
    faults.length === 0
      ? [ok('settings', `the user ${user} can use everything that ${path} names`)]
      : faults.map((fault) => wrong('settings', oneLine(fault), remedy))
  return [...settings, ...logrotateFindings(files)]
}

/** Whether the PBX runs on this machine, with the same clock and files. */
async function isSameMachine(host: string): Promise<boolean> {
  const found = lookup(host).catch(() => undefined)
  const { address } = (await Promise.race([found, sleep(LOOKUP_MS, undefined, { ref: false })])) ?? {}
  const own = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map((one) => one.address))
  return address !== undefined && (/^127\.|^::1$/.test(address) || own.includes(address))
}
