import { readFileSync } from 'node:fs'
import { text as textOfStream } from 'node:stream/consumers'
import { FILES } from '../files/uses.ts'
import { FleetBus } from '../fleet/bus.ts'
import { Ranking } from '../fleet/ranking.ts'
import { file, flag, type OptionKinds, type OptionValues, UsageError } from '../options/kinds.ts'
import { table } from '../text/columns.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { Failure, Hopeless } from '../text/exit.ts'
import { isPbxName, PBX_NAME_FORM } from '../text/pbx-name.ts'
import { quoted } from '../text/quoted.ts'
import { fleetOptions } from './fleet-options.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { natsLogin } from './nats-login.ts'
import { readCommandLine } from './options.ts'
import { parseSettings, readSettings, SECRETS } from './settings.ts'
import { assertCommon, isOfProcess, TWO_WRITE } from './settings-folder.ts'
import { stderrLog } from './stderr-log.ts'
import { liveOptions } from './track-options.ts'

/** The options of `ami-track fleet`. */
export const fleetCommandOptions = { settings: file(FILES.settings), ...fleetOptions, json: flag() }

type Values = OptionValues<typeof fleetCommandOptions>

interface Command {
  /** How they stand in the help: `NAME [FILE]`. */
  readonly operands: string
  run(bus: FleetBus, operands: readonly string[], values: Values): Promise<void>
}

const COMMANDS: Readonly<Record<string, Command>> = {
  put: { operands: 'NAME [FILE]', run: put },
  get: { operands: 'NAME', run: get },
  list: { operands: '', run: list },
  members: { operands: '', run: members },
  remove: { operands: 'NAME', run: remove },
}

/** What all PBXs have in common is called so, as in a folder. */
const DEFAULTS = 'defaults'

const log = stderrLog('ami-track: ')

/**
 * `ami-track fleet put|get|list|members|remove`: the PBXs of a fleet, as they stand on its bus.
 *
 * @throws UsageError for what makes no sense; Failure if there is no such PBX, or the bus does not answer
 */
export async function fleet(argv: readonly string[]): Promise<void> {
  const {
    values,
    secrets,
    operands: words,
  } = readCommandLine(argv, fleetCommandOptions, (path) => readSettings(path, () => {}))
  const [word = '', ...operands] = words
  const command = commandOf(word, operands)
  const { fleet: address, replicas, 'fleet-secret-file': secretFile, 'nats-creds': creds } = values
  if (address === undefined) throw new UsageError('--fleet is missing: give --fleet nats://HOST/BUCKET')
  checkFiles(namedFiles(values, fleetCommandOptions))
  const login = natsLogin(address, { secretFile, secret: secrets.FLEETSECRET, creds }, log)
  let bus: FleetBus
  try {
    bus = await FleetBus.open(address, login, { replicas, makes: word === 'put' })
  } catch (error) {
    throw error instanceof Hopeless ? error : new Failure((error as Error).message)
  }
  try {
    await command.run(bus, operands, values)
  } finally {
    await bus.close()
  }
}

function commandOf(word: string, operands: readonly string[]): Command {
  const command = Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined
  if (command === undefined) {
    const all = Object.keys(COMMANDS)
    throw new UsageError(`ami-track fleet takes ${all.join(', ')}${didYouMean(word, all)}`)
  }
  const forms = command.operands.split(' ').filter(Boolean)
  const needed = forms.filter((form) => !form.startsWith('['))
  if (operands.length < needed.length || operands.length > forms.length) {
    throw new UsageError(`use: ami-track fleet ${[word, ...forms].join(' ')}`)
  }
  const [name] = operands
  // Dots part the words of a subject: none of these is empty.
  if (name !== undefined && (!isPbxName(name) || /\.\.|\.$/.test(name))) {
    throw new UsageError(`${quoted(name)} is not a name of a PBX: ${PBX_NAME_FORM}`)
  }
  return command
}

/** @returns undefined for what all have in common */
function pbxOf(name = ''): string | undefined {
  return name === DEFAULTS ? undefined : name
}

async function put(bus: FleetBus, [name = '', path = '-']: readonly string[]): Promise<void> {
  const settings = path === '-' ? await textOfStream(process.stdin) : textOfFile(path)
  assertSharable(settings, path === '-' ? 'stdin' : path, pbxOf(name) === undefined)
  await bus.put(pbxOf(name), settings)
}

function textOfFile(path: string): string {
  checkFiles([{ by: 'FILE', path, use: FILES.settings }])
  return readFileSync(path, 'utf8')
}

function refuse(text: string): never {
  throw new UsageError(text)
}

/**
 * @param from where the settings are from, for messages
 * @throws UsageError for the first setting that does not belong on the bus
 */
function assertSharable(text: string, from: string, isOfAll: boolean): void {
  // Also what has no effect, in a comment or as it stands twice, would be there to be read.
  const secret = SECRETS.find(({ variable }) => new RegExp(`^[\\s#]*(export\\s+)?${variable}=\\s*\\S`, 'm').test(text))
  if (secret !== undefined) {
    throw new UsageError(
      `${from}: ${secret.variable} is not allowed here: everyone who can read the bucket could read it. Put the secret into a file on the machine of each member, and write SECRETFILE=FILE`,
    )
  }
  const kinds: OptionKinds = liveOptions
  const settings = parseSettings(text, from, refuse)
  if (isOfAll) assertCommon(settings)
  const queueLog = settings.get('queuelog')
  if (queueLog !== undefined) throw new UsageError(`${queueLog.where} ${TWO_WRITE}`)
  for (const [option, { text, where }] of settings) {
    if (isOfProcess(option)) throw new UsageError(`${where} belongs to the process of a member and has no effect here`)
    try {
      kinds[option]?.read(option, text)
    } catch (error) {
      throw new UsageError(`${where}: ${(error as Error).message}`)
    }
  }
}

async function get(bus: FleetBus, [name]: readonly string[]): Promise<void> {
  process.stdout.write(await knownText(bus, name))
}

async function remove(bus: FleetBus, [name]: readonly string[]): Promise<void> {
  await knownText(bus, name)
  await bus.remove(pbxOf(name))
}

async function knownText(bus: FleetBus, name: string | undefined): Promise<string> {
  const text = await bus.get(pbxOf(name))
  if (text === undefined) throw new Failure(`${bus.name} has no PBX ${name}`)
  return text
}

async function list(bus: FleetBus, _operands: readonly string[], { json }: Values): Promise<void> {
  const { defaults, pbxs } = await bus.readSettings()
  const ranking = new Ranking(await bus.members())
  const shared = parseSettings(
    defaults ?? '',
    DEFAULTS,
    () => {},
    () => {},
  )
  const rows = [...pbxs.keys()].sort().map((pbx) => {
    const own = parseSettings(
      pbxs.get(pbx) ?? '',
      pbx,
      () => {},
      () => {},
    )
    const said = (option: string): string | undefined => (own.get(option) ?? shared.get(option))?.text
    return { pbx, host: said('host') ?? '127.0.0.1', port: said('port'), members: ranking.followersOf(pbx) }
  })
  tell(rows, json, ({ pbx, host, port, members: both }) => [
    pbx,
    port === undefined ? host : `${host}:${port}`,
    both.join(', '),
  ])
}

async function members(bus: FleetBus, _operands: readonly string[], { json }: Values): Promise<void> {
  const names = await bus.members()
  const entries = await Promise.all(names.sort().map((name) => bus.member(name)))
  const rows = entries.filter((entry) => entry !== undefined)
  tell(rows, json, ({ name, host, pid, pbxs }) => [name, host, `process ${pid}`, `follows ${pbxs}`])
}

/** Writes rows for people, in columns, or each as a line of JSON. */
function tell<R extends object>(rows: readonly R[], isJson: boolean, cellsOf: (row: R) => string[]): void {
  // What another program has put there may steer a terminal.
  const lines = isJson ? rows.map((row) => JSON.stringify(row)) : table(rows.map(cellsOf))
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}
