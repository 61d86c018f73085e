import { randomBytes } from 'node:crypto'
import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { interfaceOf } from '../ami/channel-name.ts'
import type { AmiMessage } from '../ami/message.ts'
import { LIST_ACTIONS, QUEUE_LOG_ACTION, USER_EVENT_ACTION } from '../ami/privileges.ts'
import type { ConnectionError } from '../connection/errors.ts'
import type { SessionSettings } from '../connection/session.ts'
import { type Beat, beatHeaders, placeOfProcess, readBeat } from '../election/beat.ts'
import { AT_START_BYTES, lastLines, namesLogged } from '../queue-log/names-logged.ts'
import { isOfTrackers } from '../trackers/table.ts'
import type { Answer, Configuration, Purpose, QueueMember, Refusal, ServerFacts } from './facts.ts'
import { LISTEN_MS } from './facts.ts'
import { Manager, messageOf } from './manager.ts'
import { sendTestLine } from './test-line.ts'

/** Only FullyBooted, and the signs of life of trackers: what calls do is not looked at. */
const EVENT_MASK = 'system,user'
const LOGIN_TIMEOUT_MS = 5000
/** How long it may take, in ms. */
const ECHO_MS = 1000
const PINGS = 3
/** Of more trackers nobody would know what to do. */
const MAX_TRACKERS = 100

export interface Examination {
  readonly settings: SessionSettings
  readonly purpose: Purpose
  /** Whether a line may be sent for a test. */
  readonly writes: boolean
}

/** Logs in and asks for all that the findings need. It ends in any case, and takes as long as LISTEN_MS if all is well. */
export async function examine({ settings, purpose, writes }: Examination): Promise<ServerFacts | Refusal> {
  const manager = new Manager({ ...settings, eventMask: EVENT_MASK, loginTimeoutMs: LOGIN_TIMEOUT_MS })
  const heard = new Heard(manager)
  try {
    await manager.open()
  } catch (error) {
    return refusalOf(error as ConnectionError, manager.banner, settings)
  }
  try {
    return await ask(manager, heard, purpose, writes)
  } finally {
    await manager.close()
  }
}

async function ask(manager: Manager, heard: Heard, purpose: Purpose, writes: boolean): Promise<ServerFacts> {
  const listened = sleep(LISTEN_MS)
  const { login, sink } = purpose
  const clock = await askClock(manager)
  const version = (await manager.ask('CoreSettings')).response?.get('AsteriskVersion')
  const readClasses = await askReadClasses(manager, login)
  const configuration = await askConfiguration(manager, login)
  const answers = new Map<string, Answer>()
  const members: QueueMember[] = []
  for (const { name, headers, isList } of LIST_ACTIONS) {
    const reply = isList ? await manager.list(name, headers) : { ...(await manager.ask(name, headers)), items: [] }
    answers.set(name, reply.answer)
    if (name === 'QueueStatus') members.push(...reply.items.flatMap(memberOf))
  }
  const lots = await manager.list('Parkinglots')
  const channels = await manager.list('Status', [['Variables', DIALLED_IN]])
  const userEvent = await heard.askEcho()
  answers.set(USER_EVENT_ACTION.name, userEvent.answer)
  // Without its headers it writes nothing, and is refused for that, or for who asks.
  answers.set(QUEUE_LOG_ACTION.name, (await manager.ask(QUEUE_LOG_ACTION.name)).answer)
  const isTried = writes && sink.stampsTimes && answers.get(QUEUE_LOG_ACTION.name) === 'permitted'
  const line = await sendTestLine(manager, { purpose, configuration, isTried })
  await listened
  const otherSessions = await askOtherSessions(manager, login)
  return {
    banner: manager.banner,
    version,
    answers,
    readClasses,
    isFullyBootedSeen: heard.isFullyBootedSeen,
    userEvent: userEvent.answer === 'permitted' ? userEvent : undefined,
    configuration,
    clock,
    trackers: [...heard.trackers.values()],
    otherSessions,
    members: answers.get('QueueStatus') === 'permitted' ? members : undefined,
    comingIn:
      channels.answer === 'permitted' ? [...new Set(channels.items.flatMap((item) => trunkOf(item) ?? []))] : undefined,
    namesLogged: await namesLoggedIn(purpose.tail?.kind === 'table' ? undefined : line.place),
    lots: lots.answer === 'permitted' ? lots.items.map((lot) => lot.get('Name') ?? '') : undefined,
    line,
    unwritable: sink.ownFile && unwritableBecause(sink.ownFile),
    lost: manager.lost,
  }
}

/** What came of itself. */
class Heard {
  readonly trackers = new Map<string, Beat>()
  isFullyBootedSeen = false
  private readonly manager: Manager
  private readonly token = randomBytes(6).toString('hex')
  private tellEcho: (isStamped: boolean) => void = () => {}

  constructor(manager: Manager) {
    this.manager = manager
    manager.onEvent((event) => this.hear(event))
  }

  /** Sends a beat, and waits until it comes back. A tracker that writes answers it with one of its own. */
  async askEcho(): Promise<{ answer: Answer; isSeen: boolean; isStamped: boolean }> {
    const echo = new Promise<boolean>((resolve) => {
      this.tellEcho = resolve
    })
    const headers = beatHeaders({ tracker: this.token, role: 'listening', number: 1, place: placeOfProcess() })
    const { answer } = await this.manager.ask(USER_EVENT_ACTION.name, headers)
    const isStamped = answer === 'permitted' ? await Promise.race([echo, sleep(ECHO_MS, undefined)]) : undefined
    return { answer, isSeen: isStamped !== undefined, isStamped: isStamped ?? false }
  }

  private hear(event: string): void {
    if (event.startsWith('Event: FullyBooted\r\n')) this.isFullyBootedSeen = true
    const beat = readBeat(event)
    if (beat === undefined) return
    if (beat.tracker === this.token) this.tellEcho(messageOf(event).get('Timestamp') !== undefined)
    else if (this.trackers.size < MAX_TRACKERS || this.trackers.has(beat.tracker)) this.trackers.set(beat.tracker, beat)
  }
}

function refusalOf(error: ConnectionError, banner: string, settings: SessionSettings): Refusal {
  const stage = banner === '' ? 'connection' : 'login'
  return { stage, finding: error.finding, remedy: error.remedy ?? remedyFor(error, stage, settings) }
}

function remedyFor(error: ConnectionError, stage: Refusal['stage'], { tls, login }: SessionSettings): string {
  const { kind, cause, message } = error
  if (kind === 'AMI 1.x') return 'upgrade Asterisk'
  if (/already in use/i.test(message)) {
    return (
      `manager.conf has allowmultiplelogin = no in [general] or of [${login}], and another program is logged in: remove that line, or stop ` +
      'the daemon while this runs'
    )
  }
  if (stage === 'login') return 'check the log of Asterisk for the reason, and try again'
  const certificate = tls === undefined ? '' : ', and the certificate (tlscertfile in manager.conf)'
  if (cause !== undefined) return `check --host and --port, and the network${certificate}`
  const encryption = tls === undefined ? 'The TLS port needs --tls 1' : 'The port without TLS needs --tls 0'
  return (
    `check that this is the port of Asterisk's manager (bindaddr and port in manager.conf; --host, --port), not its web ` +
    `server or SIP. ${encryption}`
  )
}

/** How far the clock of the PBX is ahead: of several answers, the quickest is the most exact. */
async function askClock(manager: Manager): Promise<ServerFacts['clock']> {
  let clock: ServerFacts['clock']
  for (let n = 0; n < PINGS; n++) {
    const began = performance.now()
    const before = Date.now()
    const { response } = await manager.ask('Ping')
    const uncertaintyMs = (performance.now() - began) / 2
    const serverMs = Number(response?.get('Timestamp')) * 1000
    if (!(serverMs > 0) || uncertaintyMs >= (clock?.uncertaintyMs ?? Number.POSITIVE_INFINITY)) continue
    clock = { aheadMs: serverMs - (before + uncertaintyMs), uncertaintyMs }
  }
  return clock
}

/** What the running Asterisk grants; it needs command in `write`, which ami-track itself does not. */
async function askReadClasses(manager: Manager, login: string): Promise<ReadonlySet<string> | undefined> {
  const { response, answer } = await manager.ask('Command', [['Command', `manager show user ${login}`]])
  if (answer !== 'permitted') return undefined
  const output = response?.headers().get('Output') ?? []
  const classes = [output]
    .flat()
    .map((line) => /^\s*read perm: (.*)$/.exec(line)?.[1])
    .find((found) => found !== undefined)
  return classes === undefined ? undefined : new Set(classes.trim().split(','))
}

/** A name that cannot end the argument in which it stands. */
const PLAIN_NAME = /^[\w.@-]+$/

/**
 * Reads what Asterisk's configuration files say, with the function AST_CONFIG (func_config.so), which `call` or
 * `reporting` in `write` lets a manager user do (16.28, 22.10). Only these values are asked for, and no secret.
 */
async function askConfiguration(manager: Manager, login: string): Promise<Configuration | undefined> {
  // Of a name that stands there more than once, the last one counts.
  const said = async (file: string, category: string, name: string): Promise<string> =>
    (await manager.variable(`AST_CONFIG(${file},${category},${name},-1)`)) ?? ''
  // Without it there would be nobody to ask.
  if ((await said('manager.conf', 'general', 'enabled')) === '' || !PLAIN_NAME.test(login)) return undefined
  return {
    read: await said('manager.conf', login, 'read'),
    writetimeout: await said('manager.conf', login, 'writetimeout'),
    eventfilter: await said('manager.conf', login, 'eventfilter'),
    timestampevents: await said('manager.conf', 'general', 'timestampevents'),
    disabledevents: await said('manager.conf', 'general', 'disabledevents'),
    queueLog: await said('logger.conf', 'general', 'queue_log'),
    queueLogName: await said('logger.conf', 'general', 'queue_log_name'),
    queueLogToFile: await said('logger.conf', 'general', 'queue_log_to_file'),
    logFolder: await said('asterisk.conf', 'directories', 'astlogdir'),
    realtime: await said('extconfig.conf', 'settings', 'queue_log'),
    logMembernameAsAgent: await said('queues.conf', 'general', 'log_membername_as_agent'),
  }
}

async function askOtherSessions(manager: Manager, login: string): Promise<number | undefined> {
  if (!PLAIN_NAME.test(login)) return undefined
  const sessions = await manager.variable(`AMI_CLIENT(${login},sessions)`)
  return sessions === undefined || sessions === '' ? undefined : Number(sessions) - 1
}

/** The variable that FreePBX and Issabel give a call that comes in over a trunk; its legs inherit it. */
const DIALLED_IN = 'FROM_DID'
/** The contexts in which such calls begin there. */
const TRUNK_CONTEXT = /^(from-(trunk|pstn|did|digital|analog|dahdi|zaptel|sip-external)|ext-did)/
/** What a leg that was dialled is listed with. */
const LEG = /^App(Dial|Queue)/

/** The interface of a channel by which a call comes in over a trunk. */
function trunkOf(item: AmiMessage): string | undefined {
  const name = item.get('Channel') ?? ''
  if (LEG.test(item.get('Application') ?? '') || /^Local\//i.test(name)) return undefined
  const variables = [item.headers().get('Variable') ?? []].flat()
  const hasDid = variables.some(
    (variable) => variable.startsWith(`${DIALLED_IN}=`) && variable.length > DIALLED_IN.length + 1,
  )
  return hasDid || TRUNK_CONTEXT.test(item.get('Context') ?? '') ? interfaceOf(name) : undefined
}

async function namesLoggedIn(path: string | undefined): Promise<boolean | undefined> {
  if (path === undefined) return undefined
  try {
    return namesLogged(await lastLines(path, AT_START_BYTES), isOfTrackers)
  } catch {
    // Why it cannot be read is another finding.
    return undefined
  }
}

function memberOf(item: { get(name: string): string | undefined }): QueueMember[] {
  const queue = item.get('Queue')
  const location = item.get('Location')
  if (queue === undefined || location === undefined) return []
  return [{ queue, location, name: item.get('Name') ?? '', stateInterface: item.get('StateInterface') ?? '' }]
}

/** Why lines cannot be appended to a file; undefined if they can. */
function unwritableBecause(path: string): string | undefined {
  try {
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory()) return 'it is a folder'
    accessSync(there === undefined ? dirname(path) : path, constants.W_OK)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
