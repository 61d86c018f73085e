import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type ActionHeaders, formatAction, OWN_ACTION_ID } from '../ami/action.ts'
import { decodeHeaders } from '../ami/decode.ts'
import { AmiFramer } from '../ami/framer.ts'
import { type AmiMessage, HeaderMessage } from '../ami/message.ts'
import { MAX_MESSAGE_BYTES } from '../ami/parser.ts'
import { isShuttingDown } from '../ami/privileges.ts'
import { isShutdown, SHUTTING_DOWN, tellsOfShutdown } from '../ami/shutdown.ts'
import { startsWith } from '../ami/starts-with.ts'
import { isLoopback } from '../text/loopback.ts'
import { isDamaged } from './damage.ts'
import { ConnectionError } from './errors.ts'
import { type LoginSettings, logIn } from './login.ts'
import { Secrets } from './secrets.ts'
import { lossOf } from './socket-errors.ts'
import { type Request, Unanswered } from './unanswered.ts'

export interface SessionSettings extends LoginSettings {
  port: number
  /** Encrypts, and checks the server's certificate. */
  tls?: {
    /** The certificates to trust, in PEM; those of the system if undefined. */
    ca?: string | undefined
    /** The name the certificate must be for; {@link SessionSettings.host} if undefined. */
    servername?: string | undefined
  }
  /** After how many ms of silence a Ping is sent to the server. */
  pingIntervalMs: number
  /** After how many ms of silence the connection is given up. */
  deadPeerMs: number
  /** How many ms a connection may take from its start to the answer to the login. */
  loginTimeoutMs: number
}

/** Callbacks for everything that arrives. */
export interface SessionListener {
  /** @param line the banner with its line end */
  onBanner(line: Buffer): void
  /** A whole message without its empty line, `bytes[start..end)`. Valid only during the call. */
  onMessage(bytes: Buffer, start: number, end: number): void
  /** Called after all messages that arrived at once. */
  onArrivalEnd(): void
  /** A message, or a part of one, is missing: its content is lost. Called after the part that is there. */
  onGap(): void
  /** Something was wrong in the stream and was skipped. */
  onProblem(text: string): void
}

const BANNER = /^Asterisk Call Manager\/(\d+)(?:\.[\d.]*)?$/
const MAX_BANNER_BYTES = 200
const RESPONSE = Buffer.from('Response:')
const LOGOFF_MS = 500
/** How many bytes of one connection are read at once. Then other connections have their turn. */
const READ_BYTES = 32 * 1024
/** The bytes stay here until they are processed, in the same turn. All connections share this buffer. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES)
/** The answer that an Asterisk that shuts down would have given to actions that it did not answer. */
const SHUTDOWN_REFUSAL = new HeaderMessage(
  new Map([
    ['Response', 'Error'],
    ['Message', SHUTTING_DOWN],
  ]),
)

/** One connection to Asterisk's manager, from its banner to its end. */
export class AmiSession {
  private readonly settings: SessionSettings
  private readonly listener: SessionListener
  private readonly tcp: Socket
  /** The socket to read and write: {@link tcp}, or TLS on it. */
  private readonly socket: Socket
  private readonly framer: AmiFramer
  private readonly secrets: Secrets
  private readonly unanswered: Unanswered
  private readonly bannerRead: Promise<void>
  private tellBanner: () => void = () => {}
  private readonly tellEnd: (reason: ConnectionError) => void
  private unreadBanner = Buffer.alloc(0)
  private lastActionId = 0
  private loggedIn = false
  private shutdownSeen = false
  /**
   * The last response, if it says that the server shuts down. Asterisk does the actions of a session one after the
   * other, and none after that one. So actions without an answer were refused, too (16.28: it then resets the
   * connection).
   */
  private lastRefusal: AmiMessage | undefined
  private heardAt = performance.now()
  private pingedAt = 0
  private keepAlive: NodeJS.Timeout | undefined
  private endReason: ConnectionError | undefined

  /** The first line from the server, without its line end. */
  banner = ''
  /** Fulfilled with the reason when the connection is over. */
  readonly ended: Promise<ConnectionError>

  /** Starts to connect; {@link open} does the rest. */
  constructor(settings: SessionSettings, listener: SessionListener) {
    this.settings = settings
    this.listener = listener
    this.secrets = new Secrets(settings.secret)
    // A server that stands still for this time is given up earlier. So an older action was lost on the way.
    this.unanswered = new Unanswered(2 * settings.deadPeerMs)
    this.framer = new AmiFramer(
      { maxMessageBytes: MAX_MESSAGE_BYTES },
      (bytes, start, end) => this.readMessage(bytes, start, end),
      () => {
        listener.onProblem(`a message is longer than ${MAX_MESSAGE_BYTES} bytes and is skipped`)
        listener.onGap()
      },
    )
    let tellEnd: (reason: ConnectionError) => void = () => {}
    this.ended = new Promise((resolve) => {
      tellEnd = resolve
    })
    this.tellEnd = tellEnd
    this.bannerRead = new Promise((resolve) => {
      this.tellBanner = resolve
    })
    const { host, port, tls } = settings
    const onread: OnReadOpts = { buffer: readBuffer, callback: (bytes) => this.readSome(bytes) }
    this.tcp = connectTcp(tls === undefined ? { host, port, onread } : { host, port })
    this.socket =
      tls === undefined ? this.tcp : connectTls({ socket: this.tcp, host, ...tls, rejectUnauthorized: true })
    this.tcp.setNoDelay(true)
    this.tcp.setKeepAlive(true, 30_000)
    if (this.socket !== this.tcp) this.tcp.on('error', (error) => this.end(lossOf(error, settings)))
    if (tls !== undefined) this.socket.on('data', (chunk) => this.read(chunk))
    this.socket.on('error', (error) => this.end(lossOf(error, settings)))
    this.socket.on('close', () => this.end(new ConnectionError('passing', this.closedText())))
  }

  /**
   * Connects and logs in.
   *
   * @param signal ends the attempt
   * @throws ConnectionError if the session could not be opened
   */
  async open(signal: AbortSignal): Promise<void> {
    const { loginTimeoutMs } = this.settings
    const timeout = setTimeout(() => {
      const awaited = this.banner === '' ? 'the manager sent no greeting' : 'Asterisk did not answer the login'
      this.end(new ConnectionError('passing', `${awaited} within ${loginTimeoutMs / 1000} s`))
    }, loginTimeoutMs)
    const abort = (): void => this.end(new ConnectionError('passing', 'stopped'))
    signal.addEventListener('abort', abort)
    try {
      await Promise.race([this.logIn(), this.ended.then((reason) => Promise.reject(reason))])
      this.watchSilence()
    } catch (error) {
      this.end(error as ConnectionError)
      throw await this.ended
    } finally {
      clearTimeout(timeout)
      signal.removeEventListener('abort', abort)
    }
  }

  /** Whether actions can be sent. */
  get isUp(): boolean {
    return this.loggedIn && this.endReason === undefined
  }

  /** Whether the login succeeded, even if the connection is over now. */
  get hasLoggedIn(): boolean {
    return this.loggedIn
  }

  /** Whether nobody on the way can read the data. */
  get isPrivate(): boolean {
    return this.socket !== this.tcp || isLoopback(this.tcp.remoteAddress ?? '')
  }

  /**
   * Sends an action.
   *
   * @param isShown whether the response is passed on as a message, too
   * @returns its response, also an Error response
   * @throws ConnectionError if the connection ends before the response, or the response never comes: then nobody knows
   * whether the action was done
   */
  request(name: string, headers: ActionHeaders = [], isShown = true): Promise<AmiMessage> {
    if (this.endReason !== undefined) return Promise.reject(this.endReason)
    return new Promise((answered, lost) => {
      this.send(name, headers, { answered, lost, isShown })
    })
  }

  /**
   * Sends an action. The callback is called in the turn in which the response is read.
   *
   * @returns its ActionID
   */
  send(name: string, headers: ActionHeaders, request: Request): string {
    const actionId = `${OWN_ACTION_ID}${++this.lastActionId}`
    if (this.endReason !== undefined) return actionId
    this.unanswered.add(actionId, name, request)
    this.socket.write(formatAction(name, headers, actionId))
    return actionId
  }

  /** Sends a Ping. The answer is not passed on: its content goes into the stream as a tick. */
  async ping(): Promise<void> {
    await this.request('Ping', [], false)
  }

  /** Logs off and closes the connection. Waits a moment for the server to close it. */
  async logOff(): Promise<void> {
    if (this.isUp) {
      const timeout = setTimeout(() => this.end(new ConnectionError('passing', 'logged off'), true), LOGOFF_MS)
      this.request('Logoff').catch(() => {})
      await this.ended
      clearTimeout(timeout)
    }
    this.end(new ConnectionError('passing', 'logged off'), true)
  }

  /** Ends the connection at once. @param isOrderly whether data on its way may still arrive */
  end(reason: ConnectionError, isOrderly = false): void {
    if (this.endReason !== undefined) return
    this.endReason = reason
    clearTimeout(this.keepAlive)
    // If a dead connection is closed in the normal way, the kernel still delivers the last data when the next
    // connection is already up. A line that was missing and was sent again would then be there twice.
    if (!isOrderly) this.tcp.resetAndDestroy()
    this.socket.destroy()
    if (this.lastRefusal === undefined) this.unanswered.loseAll(reason, SHUTDOWN_REFUSAL)
    else this.unanswered.refuseAll(this.lastRefusal)
    this.tellEnd(reason)
  }

  // ---- what arrives

  /**
   * Reads what has come into {@link readBuffer}.
   *
   * @returns whether more may come at once: the kernel passes on megabytes of one connection before it looks at another
   */
  private readSome(bytes: number): boolean {
    this.read(readBuffer.subarray(0, bytes))
    if (bytes < READ_BYTES) return true
    setImmediate(() => this.socket.resume())
    return false
  }

  private read(chunk: Buffer): void {
    if (this.endReason !== undefined) return
    this.heardAt = performance.now()
    const behindBanner = this.banner === '' ? this.readBanner(chunk) : chunk
    if (behindBanner !== undefined) this.framer.feed(behindBanner)
    this.listener.onArrivalEnd()
  }

  /** The bytes after the banner, when the banner is complete: the first message follows it without an empty line. */
  private readBanner(chunk: Buffer): Buffer | undefined {
    const sofar = Buffer.concat([this.unreadBanner, chunk])
    const lineEnd = sofar.indexOf('\n')
    if (lineEnd < 0 && sofar.length <= MAX_BANNER_BYTES) {
      this.unreadBanner = sofar
      return undefined
    }
    this.unreadBanner = Buffer.alloc(0)
    const line = sofar.subarray(0, lineEnd < 0 ? MAX_BANNER_BYTES : lineEnd + 1)
    const banner = line.toString('latin1').trimEnd()
    const major = BANNER.exec(banner)?.[1]
    if (major === undefined) {
      const said = JSON.stringify(banner.slice(0, 60))
      this.end(new ConnectionError('passing', `this is not an Asterisk manager: it greets with ${said}`, { said }))
      return undefined
    }
    if (major === '1') {
      const text = `the server greets with ${banner}, so it is Asterisk 11 or older: ami-track needs Asterisk 13 or later`
      this.end(new ConnectionError('AMI 1.x', text))
      return undefined
    }
    this.banner = banner
    this.listener.onBanner(line)
    this.tellBanner()
    return sofar.subarray(lineEnd + 1)
  }

  private readMessage(bytes: Buffer, frameStart: number, end: number): void {
    // Some messages have one empty line too many after them.
    let start = frameStart
    while (start < end && (bytes[start] === CR || bytes[start] === LF)) start++
    if (start === end || this.endReason !== undefined) return
    if (startsWith(bytes, start, end, RESPONSE)) this.readResponse(bytes, start, end)
    else {
      if (isShutdown(bytes, start, end)) this.shutdownSeen = true
      if (tellsOfShutdown(bytes, start, end)) this.unanswered.closeDown()
      this.passOn(bytes, start, end)
    }
    if (isDamaged(bytes, start, end)) this.listener.onGap()
  }

  private readResponse(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('latin1', start, end)
    const response = new HeaderMessage(decodeHeaders(this.loggedIn ? this.secrets.keyMasked(text) : text, '\r\n'))
    // An action that is refused because of its form is answered without its ActionID.
    const isRefused = isShuttingDown(response.get('Message') ?? '')
    const request = this.unanswered.take(response.get('ActionID'), !isRefused)
    if (request?.isShown !== false) this.passOn(bytes, start, end)
    this.lastRefusal = isRefused ? response : undefined
    request?.answered(response)
  }

  /** Only a strange server sends the secret or the key back, but people give dumps to others. */
  private passOn(bytes: Buffer, start: number, end: number): void {
    if (this.loggedIn && !startsWith(bytes, start, end, RESPONSE)) {
      this.listener.onMessage(bytes, start, end)
      return
    }
    const text = bytes.toString('latin1', start, end)
    const masked = Buffer.from(this.loggedIn ? this.secrets.keyMasked(text) : this.secrets.masked(text), 'latin1')
    this.listener.onMessage(masked, 0, masked.length)
  }

  private async logIn(): Promise<void> {
    await this.bannerRead
    await logIn(this, this.settings, this.secrets)
    this.loggedIn = true
  }

  // ---- silence

  private watchSilence(): void {
    const { pingIntervalMs, deadPeerMs } = this.settings
    const silentFor = performance.now() - this.heardAt
    const sincePing = performance.now() - Math.max(this.heardAt, this.pingedAt)
    const wait = Math.max(1, Math.min(deadPeerMs - silentFor, pingIntervalMs - sincePing))
    this.keepAlive = setTimeout(() => {
      // Data that arrived while this process slept is read before the next turn: this is no silence.
      setImmediate(() => this.endSilence())
    }, wait)
  }

  private endSilence(): void {
    if (this.endReason !== undefined) return
    const { pingIntervalMs, deadPeerMs } = this.settings
    const now = performance.now()
    this.unanswered.giveUpOld()
    if (now - this.heardAt >= deadPeerMs) {
      const silence = `Asterisk sent nothing for ${deadPeerMs / 1000} s, not even an answer to Ping`
      this.end(new ConnectionError('passing', silence))
      return
    }
    if (now - Math.max(this.heardAt, this.pingedAt) >= pingIntervalMs - 1) {
      this.pingedAt = now
      this.ping().catch(() => {})
    }
    this.watchSilence()
  }

  private closedText(): string {
    if (this.shutdownSeen) return 'Asterisk has shut down'
    return this.loggedIn
      ? 'Asterisk closed the connection'
      : 'Asterisk closed the connection before the login was complete'
  }
}

const CR = 0x0d
const LF = 0x0a
