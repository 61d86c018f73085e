import { Writable } from 'node:stream'
import type { ActionHeaders } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { isDenial, isShuttingDown, isUnknown, kindOfRefusal, QUEUE_LOG_ACTION } from '../ami/privileges.ts'
import type { QueueCallMark } from '../queue-log/queue-call-marks.ts'
import { queueLogAction } from '../queue-log/queue-log-action.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log/record.ts'
import type { QueueLogTail } from '../queue-log/tail.ts'
import {
  aFlag,
  aFunction,
  aName,
  anObjectWith,
  aWholeNumber,
  checkOptions,
  checkValue,
  type Expected,
} from '../text/expected.ts'
import { ErrorLog, expectedLog, type Log, NO_LOG } from '../text/log.ts'
import { oneLine } from '../text/one-line.ts'
import { DoubtfulLines } from './doubtful-lines.ts'
import { isLateBehindEnd } from './line-order.ts'
import { type LineCallbacks, notWritable, type Sink } from './sink.ts'
import { ALWAYS_OURS, type Turn } from './turn.ts'
import { type HoldBack, type Line, WaitingLines } from './waiting-lines.ts'

/** Sends actions: a connection that is up at times. */
export interface ActionLink {
  /** Whether it is logged in. */
  readonly isUp: boolean
  /** Whether the server is known to be booting: what is sent to it may be lost. */
  readonly isBooting: boolean
  /** Whether events arrive late: newer events may still wait. */
  readonly isBehind: boolean
  /** Calls back whenever a login has succeeded. */
  onUp(listener: () => void): void
  /** Calls back whenever a connection that was up is lost. */
  onDown(listener: () => void): void
  /** Fulfilled when everything that the server has sent until now is read, or cannot be read. */
  caughtUp(): Promise<void>
  /** Sends an action. @returns the response */
  request(name: string, headers: ActionHeaders): Promise<AmiMessage>
}

/** Options of {@link AmiSink}. */
export interface AmiSinkOptions extends LineCallbacks {
  /** The manager user, for messages about changes in manager.conf. */
  login: string
  /** Where it tells what happens, one line each: `console`, or a logger of your own. Nowhere, if not given. */
  log?: Log | undefined
  /** @internal */
  errors?: ErrorLog | undefined
  /**
   * Whether another tracker writes these lines; nobody else does if undefined.
   *
   * @internal
   */
  turn?: Turn | undefined
  /**
   * The queue_log that Asterisk writes, if it can be read: it tells whether a line arrived that was not answered for.
   *
   * @internal
   */
  tail?: QueueLogTail | undefined
  /**
   * Whether a mark tells after each login which calls have ended meanwhile: until then the holds of queue calls wait.
   *
   * @internal
   */
  learnsEnds?: boolean | undefined
  /**
   * So long after a login, in ms, Asterisk may not have loaded app_queue yet.
   *
   * @internal
   */
  bootMs?: number | undefined
}

const OPTIONS: Readonly<Record<keyof AmiSinkOptions, Expected>> = {
  login: aName,
  log: expectedLog,
  errors: anObjectWith(['tell']),
  turn: anObjectWith(['ownerOf', 'onChange']),
  tail: anObjectWith(['read']),
  learnsEnds: aFlag,
  bootMs: aWholeNumber({ unit: 'ms' }),
  onSent: aFunction,
  onSettled: aFunction,
}

type SinkItem = QueueLogRecord | QueueCallMark
const KINDS: ReadonlySet<string> = new Set<SinkItem['kind']>([
  'queue_log',
  'queue call end',
  'calls known',
  'all calls ended',
])

const LINK = anObjectWith(['onUp', 'onDown', 'request', 'caughtUp'], 'an AmiConnection')

/** So many lines are sent without waiting for the answer to the first. */
const MAX_IN_FLIGHT = 100
/** A server that has not answered for this time, in ms, may be gone: a line that is sent then might be lost. */
const ANSWER_MS = 1000
const CUT_OFF = 'the connection was lost before Asterisk answered'
/**
 * app_queue has the action QueueLog. A starting Asterisk accepts logins some seconds before app_queue is loaded (16.28
 * on one slow core: up to 5 s). If the action is still unknown this long after the login, in ms, the fault is in
 * modules.conf.
 */
const BOOT_MS = 60_000
/**
 * How often, in ms, lines are sent again to a server that starts or stops. (A stopping server may wait for the end of
 * its calls.)
 */
const OFFER_AGAIN_MS = 1000
/** How many lines wait for a connection. Then the stages before wait, too, and events are kept instead. */
const MAX_WAITING = 10_000

/** After a login it is known within a second which calls have ended. Holds wait at most this long, in ms. */
const ENDS_MS = 5000

/**
 * Writes queue_log records through Asterisk, by QueueLog actions. Asterisk stamps them with its own clock.
 *
 * It is given records, or arrays of them with marks between them: see `marksCalls` of `queueLogRecords()`.
 */
export class AmiSink extends Writable implements Sink {
  /** Records go into the first of these. */
  readonly streams = [this]
  private readonly link: ActionLink
  private readonly options: AmiSinkOptions
  private readonly log: Log
  private readonly errors: ErrorLog
  private readonly waiting: WaitingLines
  private readonly inFlight = new Set<Line>()
  private readonly doubtful: DoubtfulLines | undefined
  private takesAgain: NodeJS.Timeout | undefined
  /** ms of performance.now(). A sink that starts on an existing connection takes it as new. */
  private upSince = performance.now()
  private spaceWanted: ((error?: Error | null) => void) | undefined
  private endWanted: (() => void) | undefined
  private endsTimer: NodeJS.Timeout | undefined
  /** How often the connection was lost. */
  private losses = 0
  private wasLastRefused = false
  private isLookingUp = false

  /**
   * @param link the connection on which lines are sent
   * @throws TypeError for an option that does not exist, is missing, or has a value of a wrong kind
   */
  constructor(link: ActionLink, options: AmiSinkOptions) {
    super({ objectMode: true, highWaterMark: 16 })
    checkValue('AmiSink', 'link', link, LINK)
    checkOptions('AmiSink', options, OPTIONS, ['login'])
    const { log = NO_LOG, errors = new ErrorLog(log) } = options
    this.link = link
    this.log = log
    this.errors = errors
    this.options = options
    const turn = options.turn ?? ALWAYS_OURS
    this.waiting = new WaitingLines({
      turn,
      onSettled: options.onSettled,
      onDue: () => this.pump(),
      onStale: () => void this.catchUp(),
    })
    this.doubtful = options.tail === undefined ? undefined : new DoubtfulLines(options.tail)
    // Also here, not only when the connection is back: other listeners may make the sink write at once.
    if (options.learnsEnds) {
      this.forgetEnds()
      link.onDown(() => this.forgetEnds())
    }
    link.onUp(() => {
      // Privileges are read at the login, and another tracker may write from now on.
      this.wasLastRefused = false
      this.upSince = performance.now()
      if (options.learnsEnds) this.awaitEnds()
      void this.endDoubts()
      this.sendAgain()
    })
    turn.onChange(() => this.pump())
  }

  /** The lines that will be sent. */
  get unwritten(): readonly string[] {
    return this.waiting.records.map(formatQueueLogLine)
  }

  /** The lines that were sent and have no answer yet. */
  get unanswered(): readonly string[] {
    const records = [...[...this.inFlight].map(({ record }) => record), ...(this.doubtful?.records ?? [])]
    return records.map(formatQueueLogLine)
  }

  /** Why lines cannot be written just now. */
  get problem(): string | undefined {
    if (this.wasLastRefused) return 'Asterisk refused the last queue_log line. See the log for the reason.'
    if (this.waiting.isAside) return 'Asterisk starts or stops, and takes no queue_log lines at the moment.'
    return this.isAnswerOverdue() ? 'Asterisk does not answer whether it wrote the last queue_log lines.' : undefined
  }

  /** It has no file. */
  reopen(): void {}

  /** @internal */
  override _write(items: SinkItem | SinkItem[], _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    let records: QueueLogRecord[] = []
    const given = Array.isArray(items) ? items : [items]
    if (!given.every((item) => KINDS.has(item?.kind))) {
      done(notWritable('AmiSink'))
      return
    }
    for (const item of given) {
      if (item.kind === 'queue_log') {
        records.push(item)
        continue
      }
      // A line is sent before the mark after it counts.
      this.take(records)
      records = []
      if (item.kind === 'queue call end') this.waiting.endCall(item)
      else if (item.kind === 'all calls ended') this.waiting.endAllCalls()
      else void this.knowEnds()
    }
    this.take(records)
    if (this.waiting.size < MAX_WAITING) done()
    else this.spaceWanted = done
  }

  /** @internal */
  override _final(done: () => void): void {
    this.endWanted = done
    // No mark will come any more.
    clearTimeout(this.endsTimer)
    setImmediate(() => {
      this.releaseHolds('behind')
      this.releaseHolds('ends unknown')
    })
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.endsTimer)
    this.waiting.stop()
    clearTimeout(this.takesAgain)
    done(error)
  }

  private take(records: readonly QueueLogRecord[]): void {
    if (this.link.isBehind && records.some(isLateBehindEnd)) void this.catchUp()
    this.waiting.add(records)
    this.pump()
  }

  /**
   * If this process stood still, or a hold has waited, its call may have ended. So everything that the server has sent
   * until now is read before the hold is sent.
   */
  private async catchUp(): Promise<void> {
    if (this.waiting.holdsBack('behind')) return
    this.waiting.holdHolds('behind')
    await this.caughtUp()
    this.releaseHolds('behind')
  }

  /** If a proxy swallows this question, the sink does not wait for it longer than for the answer to a line. */
  private async caughtUp(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS).unref()
    })
    await Promise.race([this.link.caughtUp(), late])
    clearTimeout(timer)
  }

  private releaseHolds(reason: HoldBack): void {
    this.waiting.releaseHolds(reason)
    this.pump()
  }

  private forgetEnds(): void {
    this.losses++
    clearTimeout(this.endsTimer)
    this.waiting.holdHolds('ends unknown')
  }

  private awaitEnds(): void {
    this.endsTimer = setTimeout(() => void this.knowEnds(), ENDS_MS).unref()
  }

  /**
   * All call ends from the lists have been sent. A busy server takes up to 70 ms from its lists to the lines that
   * follow from them (22.10 at 10 calls a second). So before the holds are sent, everything from the server is read,
   * and holds of calls that have ended since then are dropped.
   */
  private async knowEnds(): Promise<void> {
    const { losses } = this
    await this.caughtUp()
    if (!this.link.isUp || this.losses !== losses) return
    clearTimeout(this.endsTimer)
    this.releaseHolds('ends unknown')
  }

  private pump(): void {
    this.waiting.decide()
    while (this.mayGoOut) {
      const line = this.waiting.next()
      if (line === undefined) break
      this.send(line)
    }
    if (this.spaceWanted !== undefined && this.waiting.size < MAX_WAITING / 2) {
      const tell = this.spaceWanted
      this.spaceWanted = undefined
      tell()
    }
    if (this.endWanted !== undefined && !this.isLookingUp && this.waiting.size + this.inFlight.size === 0) {
      const tell = this.endWanted
      this.endWanted = undefined
      tell()
    }
  }

  private get mayGoOut(): boolean {
    // A line that was looked up and not found is sent before all others.
    if (!this.link.isUp || this.link.isBooting || this.isLookingUp || this.waiting.isAside) return false
    return this.inFlight.size < MAX_IN_FLIGHT && !this.isAnswerOverdue()
  }

  private isAnswerOverdue(): boolean {
    const [oldest] = this.inFlight
    return oldest !== undefined && performance.now() - oldest.sentAt > ANSWER_MS
  }

  private send(line: Line): void {
    line.sentAt = performance.now()
    this.inFlight.add(line)
    this.options.onSent?.(line.record)
    this.link
      .request(QUEUE_LOG_ACTION.name, this.headersOf(line.record))
      .then(
        (response) => this.answered(line, response),
        () => this.lost(line),
      )
      .finally(() => {
        this.inFlight.delete(line)
        this.pump()
      })
  }

  private headersOf(record: QueueLogRecord): ActionHeaders {
    const { headers, isCut } = queueLogAction(record)
    if (isCut) {
      const call = oneLine(record.callid)
      this.errors.tell('cut', `a queue_log line is too long for Asterisk and was cut (call ${call})`)
    }
    return headers
  }

  private answered(line: Line, response: AmiMessage): void {
    const { record } = line
    const message = response.get('Message') ?? 'no reason is given'
    if (this.maySucceedSoon(message)) {
      this.waiting.keepAside(line)
      // The server ends all calls and writes their ends: no hold may come after them.
      if (isShuttingDown(message)) this.waiting.endAllCalls()
      this.takesAgain ??= setTimeout(() => this.sendAgain(), OFFER_AGAIN_MS)
      return
    }
    this.wasLastRefused = response.get('Response') !== 'Success'
    this.options.onSettled?.(record, this.wasLastRefused ? 'refused' : 'written')
    if (!this.wasLastRefused) {
      this.doubtful?.remember(record)
      return
    }
    this.errors.tell(
      `refused: ${kindOfRefusal(message)}`,
      `Asterisk refused a queue_log line: ${this.remedyFor(message)}`,
    )
    this.log.debug(`refused: ${formatQueueLogLine(record).trimEnd()}`)
  }

  private maySucceedSoon(message: string): boolean {
    const { bootMs = BOOT_MS } = this.options
    return isShuttingDown(message) || (isUnknown(message) && performance.now() - this.upSince < bootMs)
  }

  /** Whether a new server or the same one goes on: the lines that it refused are sent first. */
  private sendAgain(): void {
    clearTimeout(this.takesAgain)
    this.takesAgain = undefined
    this.waiting.offerAgain()
    this.pump()
  }

  private remedyFor(message: string): string {
    if (isUnknown(message)) return `${message} The action belongs to app_queue: load that module in modules.conf`
    if (!isDenial(message)) return message
    const { login } = this.options
    return (
      `${message}. Add "${QUEUE_LOG_ACTION.privilege}" to the write line of [${login}] in manager.conf, then "asterisk -rx 'manager reload'", ` +
      `then restart ami-track (privileges are read at the login)`
    )
  }

  private lost(line: Line): void {
    if (this.doubtful === undefined) {
      this.giveUp(line, this.link.isUp ? 'Asterisk did not answer' : CUT_OFF)
      return
    }
    this.doubtful.add(line)
    // On a live connection such a late answer never comes, and no login follows at which the line would be looked up.
    if (this.link.isUp) void this.endDoubts()
  }

  /** The connection is back: lines that were on their way when it was lost have arrived by now, or never will. */
  private async endDoubts(): Promise<void> {
    const { doubtful } = this
    if (doubtful === undefined || this.isLookingUp) return
    this.isLookingUp = true
    // Meanwhile the connection may be lost and made again.
    while (this.link.isUp && doubtful.records.length > 0) await this.lookUp(doubtful)
    this.isLookingUp = false
    this.pump()
  }

  private async lookUp(doubtful: DoubtfulLines): Promise<void> {
    try {
      const { written, missing, unknown } = await doubtful.lookUp()
      for (const { record } of written) this.options.onSettled?.(record, 'written')
      for (const line of unknown) this.giveUp(line, CUT_OFF)
      this.waiting.putBack(missing)
    } catch (error) {
      this.log.warn(`cannot read the queue_log ${this.options.tail?.name}: ${(error as Error).message}`)
      for (const line of doubtful.giveUp()) this.giveUp(line, CUT_OFF)
    }
  }

  /** Nobody knows whether Asterisk wrote it; if it is sent again, it might be there twice. */
  private giveUp({ record }: Line, what: string): void {
    this.options.onSettled?.(record, 'unanswered')
    const line = formatQueueLogLine(record).trimEnd()
    this.log.warn(`${what}, so it is unknown whether it wrote ${line}`)
  }
}
