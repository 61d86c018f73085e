import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionHeaders } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { startsWith } from '../ami/starts-with.ts'
import { aName, checkValue } from '../text/expected.ts'
import { ErrorLog, expectedLog, type Log, NO_LOG } from '../text/log.ts'
import { ArrivalClock } from './arrival-clock.ts'
import { BackOff } from './back-off.ts'
import { BootLists } from './boot-lists.ts'
import { ConnectionError } from './errors.ts'
import { RawStream } from './raw-stream.ts'
import { AmiSession, type SessionListener } from './session.ts'
import { type ConnectionOptions, type ConnectionSettings, connectionSettings } from './settings.ts'
import { Spaced } from './spaced.ts'
import { FULLY_BOOTED, RESYNC_BEGIN_MESSAGE, resyncEndMessage, Stamper, tickMessage } from './stamping.ts'
import { Ticker } from './ticker.ts'

const CATCH_UP_POLL_MS = 100
/**
 * Told of each UserEvent.
 *
 * @param message as a byte string, without its empty line
 * @param serverMs when Asterisk raised it: ms since the epoch
 * @returns whether it is handled: then nobody else gets it
 */
export type UserEventListener = (message: string, serverMs: number) => boolean

/** Where Asterisk puts the Timestamp. Further down it may be a header of the dialplan. */
const STAMP = /^Event: .*\r\n(?:Privilege: .*\r\n)?Timestamp: (\d+\.\d+)\r\n/
const USER_EVENT = Buffer.from('Event: UserEvent\r\n')
/** The version is known only if the user may read it and the server sends it within this time, in ms. */
const VERSION_MS = 1000

/**
 * A permanent connection to Asterisk's manager. If it is lost, it is made again, forever, except after a permanent
 * error.
 *
 * Messages go into {@link AmiConnection.stream}, every event with a Timestamp, with ticks between them. A new banner shows where the
 * connection was made again.
 */
export class AmiConnection {
  private readonly settings: ConnectionSettings
  private readonly log: Log
  private readonly errors: ErrorLog
  private readonly clock = new ArrivalClock()
  private readonly ticker = new Ticker(() => void this.tick())
  private readonly backOff = new BackOff()
  private readonly stopping = new AbortController()
  private readonly upListeners: (() => void)[] = []
  private readonly downListeners: (() => void)[] = []
  private readonly userEventListeners: UserEventListener[] = []
  private session: AmiSession | undefined
  private overflowing = false
  /** The event classes that the current session requested. */
  private eventMask = ''
  private isTicking = false
  private tellTried: () => void = () => {}
  private readonly lists: BootLists
  private readonly gaps: Spaced
  private hasLoggedIn = false
  private unsaidBanner: Buffer | undefined
  private standing: Buffer | undefined
  private readonly stamper = new Stamper(this.clock)
  private readonly heard: SessionListener = {
    onBanner: (line) => this.onBanner(line),
    onMessage: (bytes, start, end) => this.onMessage(bytes, start, end),
    onArrivalEnd: () => this.onArrivalEnd(),
    onGap: () => this.onGap(),
    onProblem: (text) => this.onProblem(text),
  }

  /** Fulfilled when a login has succeeded, or the first login has failed with an error that is not permanent. */
  readonly tried = new Promise<void>((resolve) => {
    this.tellTried = resolve
  })
  /** Since when it is logged in: ms since the epoch; undefined if it is not. */
  upSince: number | undefined
  /** Why it is not connected; undefined if it is, or if that is not known yet. */
  trouble: string | undefined

  /** The version of Asterisk from the last login, if it is known: a user may not be permitted to ask. */
  asteriskVersion: string | undefined

  /** When the server was started, if it said so after the login (13 and later): ms of performance.now(). */
  serverStartedAt: number | undefined

  /** The AMI stream: only whole messages, with the bytes of Asterisk and the added Timestamps. */
  readonly stream: RawStream

  /**
   * @param options how it is made; {@link AmiConnection.run} makes it
   * @param log where it tells what happens, one line each: `console`, or a logger of your own. Nowhere, if not given
   * @throws TypeError that names an option which does not exist, is missing, or has a value of a wrong kind
   */
  constructor(options: ConnectionOptions, log: Log = NO_LOG) {
    checkValue('AmiConnection', 'log', log, expectedLog)
    const settings = connectionSettings(options)
    this.settings = settings
    this.log = log
    this.errors = new ErrorLog(log)
    this.stream = new RawStream(settings.maxWaitingBytes, settings.shared?.pool)
    this.lists = new BootLists({
      login: settings.login,
      log,
      began: () => this.stamper.addRaw(RESYNC_BEGIN_MESSAGE),
      complete: (lists, serverMs) => this.stamper.addRaw(resyncEndMessage(this.clock.timeOf(serverMs), lists)),
    })
    this.gaps = new Spaced(settings.relistMs, () => this.askAgain())
  }

  /** `127.0.0.1:5038` */
  get address(): string {
    return `${this.settings.host}:${this.settings.port}`
  }

  /** Whether it is logged in. */
  get isUp(): boolean {
    return this.session?.isUp === true
  }

  /**
   * Whether the server is known to be still booting: then it may close the connection with unanswered actions (22.10).
   */
  get isBooting(): boolean {
    return this.lists.isBooting
  }

  /** Whether events arrive late: newer events may still wait. */
  get isBehind(): boolean {
    return this.clock.isBehind
  }

  /**
   * Fulfilled when the reader of {@link AmiConnection.stream} has everything that the server has sent until now, or when the
   * connection is lost.
   */
  async caughtUp(): Promise<void> {
    await this.request('Ping', []).catch(() => {})
    await this.stream.handedOn()
  }

  /** Whether events are lost because their reader is too slow. */
  get isOverflowing(): boolean {
    return this.overflowing
  }

  /** Calls back whenever a login has succeeded. */
  onUp(listener: () => void): void {
    this.upListeners.push(listener)
  }

  /** Calls back whenever a connection that was up is lost. */
  onDown(listener: () => void): void {
    this.downListeners.push(listener)
  }

  /** Calls back for each UserEvent. */
  onUserEvent(listener: UserEventListener): void {
    this.userEventListeners.push(listener)
  }

  /**
   * Puts our own message into the stream, at once and at the beginning of each later session, so that a dump that
   * begins with a session has it, too. It replaces the message before.
   */
  state(message: Buffer): void {
    this.standing = message
    if (this.isUp && this.unsaidBanner === undefined) this.stream.offer(message)
  }

  /**
   * Sends an action on the current session.
   *
   * @param isShown whether the response goes into the stream, too
   * @throws ConnectionError if there is none, or it ends before the response
   */
  request(name: string, headers?: ActionHeaders, isShown?: boolean): Promise<AmiMessage> {
    checkValue('request', 'name', name, aName)
    if (this.session?.isUp !== true) return Promise.reject(new ConnectionError('passing', 'not connected'))
    return this.session.request(name, headers, isShown)
  }

  /**
   * Connects, and connects again whenever the connection is lost, until {@link AmiConnection.close}. After one successful login, a
   * refused login is tried again, too: manager.conf may be changed back.
   *
   * @throws ConnectionError for a permanent error
   */
  async run(): Promise<void> {
    try {
      while (!this.stopping.signal.aborted) {
        await this.settings.shared?.turns.next(this.stopping.signal)
        if (this.stopping.signal.aborted) break
        const reason = await this.runSession()
        if (this.stopping.signal.aborted) break
        if (reason.isHopeless && !this.hasLoggedIn) throw reason
        this.trouble = reason.message
        this.tellTried()
        await this.pause(reason)
      }
    } finally {
      this.gaps.end()
      this.errors.end()
      this.stream.finish()
    }
  }

  /**
   * The reader of the stream says when something falls due. The server is asked for the time then, and rarely
   * otherwise.
   *
   * @param serverMs by the server's clock: ms since the epoch; undefined if nothing waits
   */
  expectTick(serverMs: number | undefined): void {
    this.ticker.expect(serverMs === undefined ? undefined : this.clock.untilTick(serverMs))
  }

  /** Takes no more events; actions can still be sent. */
  finishReading(): void {
    this.ticker.stop()
    this.stream.finish()
  }

  /** Logs off, and ends {@link AmiConnection.run}. */
  async close(): Promise<void> {
    this.finishReading()
    const { session } = this
    this.stopping.abort()
    await session?.logOff()
  }

  // ---- one session

  private async runSession(): Promise<ConnectionError> {
    // A reader that was too slow gets no more events until it has caught up. Lines can still be written.
    const eventMask = this.overflowing ? this.settings.overflowEventMask : this.settings.eventMask
    this.eventMask = eventMask
    this.unsaidBanner = undefined
    this.lists.reset()
    this.serverStartedAt = undefined
    const session = new AmiSession({ ...this.settings, eventMask }, this.heard)
    this.session = session
    try {
      await session.open(this.stopping.signal)
    } catch (error) {
      return error as ConnectionError
    }
    const began = performance.now()
    this.hasLoggedIn = true
    this.errors.mended('connect: ')
    this.trouble = undefined
    this.upSince = Date.now()
    this.tellTried()
    this.ticker.start()
    // Before the lists, which may be long.
    for (const listener of this.upListeners) listener()
    if (this.overflowing) void this.catchUp(session)
    else if (this.settings.resynchronises) this.lists.askWhenBooted(session)
    void this.tellConnected(session)
    const reason = await session.ended
    this.upSince = undefined
    this.ticker.stop()
    for (const listener of this.downListeners) listener()
    this.backOff.sessionEnded(performance.now() - began)
    // The time that the server said goes on, so that events before its next answer get timestamps from the same clock.
    if (!this.settings.resynchronises) this.clock.reset()
    return reason
  }

  private async tellConnected(session: AmiSession): Promise<void> {
    const { login, tls } = this.settings
    const response = session.request('CoreSettings').catch(() => undefined)
    const version = (await Promise.race([response, sleep(VERSION_MS, undefined, { ref: false })]))?.get(
      'AsteriskVersion',
    )
    this.asteriskVersion = version
    this.log.info(
      `connected to Asterisk${version === undefined ? '' : ` ${version}`} at ${this.address}` +
        `${tls === undefined ? '' : ' by TLS'} as ${login} (${session.banner})`,
    )
  }

  private async pause({ message, sort }: ConnectionError): Promise<void> {
    const waitMs = this.backOff.next()
    if (this.session?.hasLoggedIn === true) {
      this.log.warn(`lost the connection to Asterisk: ${message}; connecting again in ${(waitMs / 1000).toFixed(1)} s`)
    } else this.errors.tell(`connect: ${sort}`, `no connection to Asterisk: ${message}; trying again`)
    const stopped = (): void => {}
    await sleep(waitMs, undefined, { signal: this.stopping.signal }).catch(stopped)
  }

  /** Asks for events again when the reader has made room for them. */
  private async catchUp(session: AmiSession): Promise<void> {
    while (session.isUp && this.stream.depth > this.settings.maxWaitingBytes / 2) await sleep(CATCH_UP_POLL_MS)
    if (!session.isUp) return
    this.overflowing = false
    this.eventMask = this.settings.eventMask
    this.errors.mended('overflow')
    if (this.settings.resynchronises) this.stream.offer(RESYNC_BEGIN_MESSAGE)
    const eventsAreOn = session.request('Events', [['EventMask', this.settings.eventMask]]).catch(() => {})
    if (this.settings.resynchronises) this.lists.askNow(session)
    await eventsAreOn
    this.log.info('reading events again')
  }

  // ---- what arrives

  private onBanner(line: Buffer): void {
    this.unsaidBanner = Buffer.from(line)
  }

  private onMessage(bytes: Buffer, start: number, end: number): void {
    // If a session sends only the greeting, the greeting is not passed on: it would look like a part of the next
    // session.
    if (this.unsaidBanner !== undefined) {
      this.stamper.addRaw(this.unsaidBanner)
      // Before any event of the session: everything before this is from before the gap.
      if (this.settings.resynchronises) this.stamper.addRaw(RESYNC_BEGIN_MESSAGE)
      if (this.standing !== undefined) this.stamper.addRaw(this.standing)
    }
    this.unsaidBanner = undefined
    this.readUptime(bytes, start, end)
    if (this.isUserEvent(bytes, start, end)) return
    // Items of lists are not events: they have no time and say nothing about the clock.
    if (this.lists.onMessage(bytes, start, end)) this.stamper.addUnstamped(bytes, start, end)
    else this.stamper.add(bytes, start, end)
  }

  private readUptime(bytes: Buffer, start: number, end: number): void {
    if (!startsWith(bytes, start, end, FULLY_BOOTED)) return
    const uptime = /\r\nUptime: (\d+)/.exec(bytes.toString('latin1', start, end))?.[1]
    if (uptime !== undefined) this.serverStartedAt = performance.now() - Number(uptime) * 1000
  }

  /** No tracker needs user events, and they may contain anything: they are passed on only if all events are wanted. */
  private isUserEvent(bytes: Buffer, start: number, end: number): boolean {
    if (!startsWith(bytes, start, end, USER_EVENT)) return false
    const message = bytes.toString('latin1', start, end)
    const stamp = STAMP.exec(message)?.[1]
    if (stamp !== undefined) this.clock.stamped(Number(stamp) * 1000)
    const serverMs = stamp === undefined ? this.clock.arrived() : Number(stamp) * 1000
    const isTaken = this.userEventListeners.map((listener) => listener(message, serverMs)).includes(true)
    return isTaken || this.eventMask !== 'on'
  }

  private onArrivalEnd(): void {
    const bytes = this.stamper.take()
    if (bytes.length === 0) return
    this.ticker.heard()
    if (this.stream.offer(bytes) || this.stream.isFinished) return
    this.overflow()
  }

  private onGap(): void {
    this.gaps.want()
  }

  private onProblem(text: string): void {
    this.errors.tell(text, text)
  }

  /** The content of a damaged message is lost, but the server can be asked what is there now. */
  private askAgain(): void {
    if (!this.lists.askAgain()) return
    this.log.info('a message of Asterisk was damaged or skipped: asking again for the open calls')
    this.onArrivalEnd() // It may be between two arrivals.
  }

  private overflow(): void {
    if (this.overflowing) return
    this.overflowing = true
    const mebibytes = Math.round(this.stream.depth / 2 ** 20)
    const reason = `ami-track reads events too slowly: ${mebibytes} MiB of them wait, and new events are lost`
    this.errors.tell(
      'overflow',
      `${reason}. It connects again, and asks for events when half of the waiting ones are read`,
    )
    this.session?.end(new ConnectionError('passing', reason))
  }

  /**
   * Sends a Ping to the server, and lets time pass when the answer comes. Answers and events come in the order in which
   * they were sent, so all events from before the Ping are here then, even on a slow network. If a server does not
   * answer, nobody knows its time.
   */
  private async tick(): Promise<void> {
    const { session } = this
    // Before the lists are here, nobody knows what has ended while time passed. (Except if the server does not answer
    // at all.)
    if (this.isTicking || this.lists.areAwaited || !this.clock.isTold || session?.isUp !== true) return
    this.isTicking = true
    const asked = this.clock.now()
    try {
      await session.ping()
      const ms = session.isUp ? this.clock.tick(asked) : undefined
      if (ms !== undefined) this.stream.offer(tickMessage(ms))
    } catch {
      // The connection is lost: this is reported elsewhere.
    } finally {
      this.isTicking = false
    }
  }
}
