import { createHash } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { amiEvent, amiMessage } from './ami-messages.ts'
import { FakePbx } from './fake-pbx.ts'
import { type Action, FakeSession } from './fake-session.ts'

export type UserEventManner = 'unknown' | 'refused' | 'unseen' | 'seen'

/** Whether it has booted, and says so to the user at hand: `unseen` may not read events of the class system. */
export type BootManner = 'unseen' | 'booted' | 'starting'

/** How the server takes a login. */
export type LoginManner = 'accept' | 'refuse' | 'say nothing'

export interface FakeAsteriskOptions {
  banner: string
  login: string
  secret: string
  /** Whether it answers Challenge with one. */
  offersMd5: boolean
  /** The address it listens on: one of this machine. */
  host: string
  /** Encrypts with this key and certificate, in PEM. */
  tls: { key: string; cert: string } | undefined
}

export { type Action, amiEvent, amiMessage, FakeSession }

/**
 * A server that speaks AMI as Asterisk does: it greets, checks a login, answers actions in their order, and keeps what it
 * was given for its queue_log. It can also behave as servers and networks do on bad days.
 */
export class FakeAsterisk {
  private readonly options: FakeAsteriskOptions
  private readonly changes = new EventEmitter().setMaxListeners(0)
  private server: Server | undefined
  private held: (() => void)[] = []
  private readonly lineListeners: ((line: string, session: FakeSession) => void)[] = []

  /** The port it listens on, the same one after {@link restart}. */
  port = 0
  /** How the next logins are taken. */
  loginManner: LoginManner = 'accept'
  /** What it says to one that it refuses. */
  refusalOfLogin: () => string = () => 'Authentication failed'
  /** The sizes of the pieces in which the greeting is sent; the rest at once. */
  greetingPieces: number[] = []
  /** Whether it greets and closes, as while it starts. */
  closesAfterGreeting = false
  /** What is sent before the answer to a login. */
  beforeLoginReply: Buffer | undefined
  bootManner: BootManner = 'unseen'
  /** The actions that never get an answer, as behind a proxy that does not know them. */
  readonly swallowed = new Set<string>()
  /** Whether it says back what it was given at a login: before its answer, and in it. */
  echoesLogin = false
  /** What it says to a QueueLog; undefined: nothing, and the line is not written. */
  answerQueueLog: (action: Action) => Record<string, string> | undefined = () => ({
    Response: 'Success',
    Message: 'Event added successfully',
  })
  /** What it makes of UserEvents: `unknown` is no such action, `unseen` is not shown to those who send them. */
  userEvents: UserEventManner = 'unknown'
  /** The same of one session, where not all are alike. */
  userEventsOf: (session: FakeSession) => UserEventManner = () => this.userEvents
  /** The calls that it lists. */
  readonly pbx = new FakePbx()
  /** Its clock: ms since the epoch. */
  clock: () => number = Date.now
  /** All sessions since the beginning, those that are over too. */
  readonly sessions: FakeSession[] = []
  /** The lines it wrote by QueueLog actions, as `CALLID|QUEUE|AGENT|EVENT|DATA`. */
  readonly queueLog: string[] = []

  private constructor(options: FakeAsteriskOptions) {
    this.options = options
  }

  /** Starts a server on a free port of the loopback. */
  static async start(options: Partial<FakeAsteriskOptions> = {}): Promise<FakeAsterisk> {
    const server = new FakeAsterisk({
      banner: 'Asterisk Call Manager/11.0.0',
      login: 'tracker',
      secret: 'tr4ck',
      offersMd5: true,
      host: '127.0.0.1',
      tls: undefined,
      ...options,
    })
    await server.restart()
    return server
  }

  /** The sessions that are logged in and open. */
  get loggedIn(): FakeSession[] {
    return this.sessions.filter(({ isLoggedIn, isOpen }) => isLoggedIn && isOpen)
  }

  /** Waits until something is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await once(this.changes, 'change')
  }

  /** Waits for a client that is logged in and knows it: it asks for the version then. */
  async session(): Promise<FakeSession> {
    const isReady = (session: FakeSession): boolean => session.sent('CoreSettings').length > 0
    await this.until(() => this.loggedIn.some(isReady))
    return this.loggedIn.findLast(isReady) as FakeSession
  }

  /** Calls back for each line that it is given, with the session that gave it. */
  onLine(listener: (line: string, session: FakeSession) => void): void {
    this.lineListeners.push(listener)
  }

  /** Sends the same to every client. */
  send(bytes: Buffer): void {
    for (const session of this.loggedIn) session.send(bytes)
  }

  /** Ends every connection, and listens no more. */
  async stop(): Promise<void> {
    const { server } = this
    this.server = undefined
    for (const session of this.sessions) session.socket.destroy()
    if (server !== undefined) await new Promise((closed) => server.close(closed))
  }

  /** Listens, on the port it had before. */
  async restart(): Promise<void> {
    const { tls } = this.options
    const accept = (socket: Socket): void => void this.accept(socket)
    this.server = tls === undefined ? createTcpServer(accept) : createTlsServer(tls, accept)
    this.server.on('tlsClientError', () => {})
    this.server.listen(this.port, this.options.host)
    await once(this.server, 'listening')
    this.port = (this.server.address() as { port: number }).port
  }

  /** All modules are loaded. */
  finishBoot(): void {
    this.bootManner = 'booted'
    for (const session of this.loggedIn) {
      if (readsSystemEvents(session)) session.send(amiEvent('FullyBooted', { Status: 'Fully Booted' }, this.clock()))
    }
  }

  /** Keeps the answers to QueueLog back, until {@link resume}; events still go out. */
  stall(): void {
    this.held.push(() => {})
  }

  resume(): void {
    const answers = this.held
    this.held = []
    for (const answer of answers) answer()
  }

  /** @internal */
  changed(): void {
    this.changes.emit('change')
  }

  private async accept(socket: Socket): Promise<void> {
    socket.setNoDelay(true)
    const session = new FakeSession(socket, this, (action) => this.answer(session, action))
    this.sessions.push(session)
    this.changed()
    let greeting = Buffer.from(`${this.options.banner}\r\n`)
    for (const size of this.greetingPieces) {
      socket.write(greeting.subarray(0, size))
      greeting = greeting.subarray(size)
      await new Promise((turn) => setTimeout(turn, 5))
    }
    socket.write(greeting)
    if (this.closesAfterGreeting) socket.end()
  }

  private answer(session: FakeSession, action: Action): void {
    const reply = (headers: Record<string, string>): void => {
      const { Response = 'Success', ...others } = headers
      const id = action.get('actionid')
      session.send(
        amiMessage([
          ['Response', Response],
          ...(id === undefined ? [] : [['ActionID', id]]),
          ...Object.entries(others),
        ]),
      )
    }
    if (this.swallowed.has(action.get('action') ?? '')) return
    switch (action.get('action')?.toLowerCase()) {
      case 'challenge':
        if (this.options.offersMd5) reply({ Challenge: session.challenge })
        else reply({ Response: 'Error', Message: 'Must specify AuthType' })
        break
      case 'login':
        this.login(session, action, reply)
        break
      case 'logoff':
        reply({ Response: 'Goodbye', Message: 'Thanks for all the fish.' })
        session.socket.end()
        break
      case 'ping':
        reply({ Ping: 'Pong', Timestamp: (this.clock() / 1000).toFixed(6) })
        break
      case 'events':
        session.eventMask = action.get('eventmask') ?? ''
        reply({ Events: session.eventMask === 'off' ? 'Off' : 'On' })
        break
      case 'coresettings':
        reply({ AMIversion: '11.0.0', AsteriskVersion: '22.10.1' })
        break
      case 'userevent':
        this.raiseUserEvent(this.userEventsOf(session), action, reply)
        break
      case 'queuelog': {
        const writeLine = (): void => this.writeLine(session, action, reply)
        if (this.held.length > 0) this.held.push(writeLine)
        else writeLine()
        break
      }
      default: {
        const isMissing = this.bootManner === 'starting' && OF_MODULES.has(action.get('action') ?? '')
        const list = isMissing ? undefined : this.pbx.answer(action)
        if (list === undefined) reply({ Response: 'Error', Message: 'Invalid/unknown command' })
        else session.send(list)
      }
    }
  }

  private raiseUserEvent(
    manner: UserEventManner,
    action: Action,
    reply: (headers: Record<string, string>) => void,
  ): void {
    if (manner === 'unknown') reply({ Response: 'Error', Message: 'Invalid/unknown command' })
    if (manner === 'refused') reply({ Response: 'Error', Message: 'Permission denied' })
    if (manner === 'unknown' || manner === 'refused') return
    reply({ Message: 'Event Sent' })
    if (this.userEvents === 'unseen') return
    const headers = [...action].filter(([name]) => name !== 'action' && name !== 'userevent')
    const event = amiMessage([
      ['Event', 'UserEvent'],
      ['Privilege', 'user,all'],
      ['Timestamp', (this.clock() / 1000).toFixed(6)],
      ['UserEvent', action.get('userevent') ?? ''],
      ...headers.map(([name, value]): [string, string] => [`${name[0]?.toUpperCase()}${name.slice(1)}`, value]),
    ])
    for (const session of this.loggedIn) if (/\b(user|on)\b/.test(session.eventMask)) session.send(event)
  }

  private login(session: FakeSession, action: Action, reply: (headers: Record<string, string>) => void): void {
    const { login, secret } = this.options
    if (this.loginManner === 'say nothing') return
    const echo = this.echoesLogin ? [...action].filter(([name]) => name === 'key' || name === 'secret') : []
    if (this.echoesLogin) session.send(amiMessage([['Action', 'Login'], ...echo]))
    const said = echo.map(([, value]) => ` ${value}`).join('')
    const key = createHash('md5').update(`${session.challenge}${secret}`).digest('hex')
    const isProven = action.get('authtype') === 'MD5' ? action.get('key') === key : action.get('secret') === secret
    if (this.loginManner === 'refuse' || action.get('username') !== login || !isProven) {
      reply({ Response: 'Error', Message: `${this.refusalOfLogin()}${said}` })
      session.socket.end()
      return
    }
    if (this.beforeLoginReply !== undefined) session.send(this.beforeLoginReply)
    session.isLoggedIn = true
    session.eventMask = action.get('events') ?? ''
    reply({ Message: 'Authentication accepted', ...Object.fromEntries(echo) })
    if (this.bootManner === 'booted' && readsSystemEvents(session)) session.send(amiEvent('FullyBooted'))
    this.changed()
  }

  private writeLine(session: FakeSession, action: Action, reply: (headers: Record<string, string>) => void): void {
    const answer = this.answerQueueLog(action)
    if (answer?.Response === 'Success') {
      const column = (name: string, fallback: string): string => action.get(name) ?? fallback
      const line = [
        column('uniqueid', 'NONE'),
        column('queue', ''),
        column('interface', ''),
        column('event', ''),
        column('message', ''),
      ].join('|')
      this.queueLog.push(line)
      for (const listener of this.lineListeners) listener(line, session)
    }
    if (answer !== undefined) reply(answer)
    this.changed()
  }
}

/** A server that has not loaded these modules yet does not know their actions. */
const OF_MODULES: ReadonlySet<string> = new Set(['ParkedCalls', 'QueueStatus'])

function readsSystemEvents({ eventMask }: FakeSession): boolean {
  return /\b(system|on)\b/.test(eventMask)
}
