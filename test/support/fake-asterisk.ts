import { createHash, randomInt } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { amiEvent, amiMessage } from './ami-messages.ts'
import { FakePbx } from './fake-pbx.ts'

/** An action as a client sent it; header names in lower case. */
export type Action = ReadonlyMap<string, string>

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
  /** Encrypts with this key and certificate, in PEM. */
  tls: { key: string; cert: string } | undefined
}

/** The longest line that Asterisk takes, with its line end: inbuf in main/manager.c. */
const LONGEST_LINE = 1024

export { amiEvent, amiMessage }

/**
 * A server that speaks AMI as Asterisk does: it greets, checks a login, answers actions in their order, and keeps what it
 * was given for its queue_log. It can also behave as servers and networks do on bad days.
 */
export class FakeAsterisk {
  private readonly options: FakeAsteriskOptions
  private readonly changes = new EventEmitter().setMaxListeners(0)
  private server: Server | undefined
  private held: (() => void)[] = []
  private readonly lineListeners: ((line: string) => void)[] = []

  /** The port it listens on, the same one after {@link restart}. */
  port = 0
  /** How the next logins are taken. */
  loginManner: LoginManner = 'accept'
  /** The sizes of the pieces in which the greeting is sent; the rest at once. */
  greetingPieces: number[] = []
  /** Whether it greets and closes, as while it starts. */
  closesAfterGreeting = false
  /** What is sent before the answer to a login. */
  beforeLoginReply: Buffer | undefined
  bootManner: BootManner = 'unseen'
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

  /** Calls back for each line that it is given. */
  onLine(listener: (line: string) => void): void {
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
    this.server.listen(this.port, '127.0.0.1')
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
        const writeLine = (): void => this.writeLine(action, reply)
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
    const key = createHash('md5').update(`${session.challenge}${secret}`).digest('hex')
    const isProven = action.get('authtype') === 'MD5' ? action.get('key') === key : action.get('secret') === secret
    if (this.loginManner === 'refuse' || action.get('username') !== login || !isProven) {
      reply({ Response: 'Error', Message: 'Authentication failed' })
      session.socket.end()
      return
    }
    if (this.beforeLoginReply !== undefined) session.send(this.beforeLoginReply)
    session.isLoggedIn = true
    session.eventMask = action.get('events') ?? ''
    reply({ Message: 'Authentication accepted' })
    if (this.bootManner === 'booted' && readsSystemEvents(session)) session.send(amiEvent('FullyBooted'))
    this.changed()
  }

  private writeLine(action: Action, reply: (headers: Record<string, string>) => void): void {
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
      for (const listener of this.lineListeners) listener(line)
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

/** One client of the server. */
export class FakeSession {
  readonly socket: Socket
  readonly challenge = String(randomInt(100_000_000, 999_999_999))
  readonly actions: Action[] = []
  isLoggedIn = false
  /** Which events it asked for: at its login, or since. */
  eventMask = ''
  isOpen = true
  private readonly server: FakeAsterisk
  private readonly onAction: (action: Action) => void
  private unread = ''
  private isSilent = false

  constructor(socket: Socket, server: FakeAsterisk, onAction: (action: Action) => void) {
    this.socket = socket
    this.server = server
    this.onAction = onAction
    socket.on('data', (chunk) => this.read(chunk))
    socket.on('error', () => {})
    socket.on('drain', () => server.changed())
    socket.on('close', () => {
      this.isOpen = false
      server.changed()
    })
  }

  /** The actions of a name, in their order. */
  sent(name: string): Action[] {
    return this.actions.filter((action) => action.get('action') === name)
  }

  send(bytes: Buffer): void {
    if (!this.isSilent && !this.socket.destroyed) this.socket.write(bytes)
  }

  /** Waits until everything is sent and the client has sent nothing for a while (ms). */
  async settled(quietMs = 500): Promise<void> {
    for (let before = -1; before !== this.actions.length || this.socket.writableLength > 0; ) {
      before = this.actions.length
      await new Promise((quiet) => setTimeout(quiet, quietMs))
    }
  }

  /** Sends a byte at a time. */
  async drip(bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      this.socket.write(Buffer.of(byte))
      await new Promise((turn) => setImmediate(turn))
    }
  }

  /** Resets the connection, as a host does that has lost it. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Goes half-open: takes everything and says nothing any more. */
  goSilent(): void {
    this.isSilent = true
  }

  private read(chunk: Buffer): void {
    this.unread += chunk.toString('utf8')
    for (let end = this.unread.indexOf('\r\n\r\n'); end >= 0; end = this.unread.indexOf('\r\n\r\n')) {
      const lines = this.unread.slice(0, end).split('\r\n')
      this.unread = this.unread.slice(end + 4)
      const action = new Map<string, string>()
      for (const line of lines) {
        const colon = line.indexOf(':')
        const name = line.slice(0, colon).toLowerCase()
        if (!action.has(name)) action.set(name, line.slice(colon + 1).trimStart())
      }
      this.actions.push(action)
      // Asterisk drops an action with a line too long, and its error names no ActionID.
      if (lines.some((line) => Buffer.byteLength(line) + 2 > LONGEST_LINE)) {
        this.send(
          amiMessage([
            ['Response', 'Error'],
            ['Message', 'Failed to parse message: line too long'],
          ]),
        )
      } else if (!this.isSilent) {
        this.onAction(action)
      }
      this.server.changed()
    }
  }
}
