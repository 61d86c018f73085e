import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ActionHeaders } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { isDenial, isShuttingDown, isUnknown, kindOfRefusal, QUEUE_LOG_ACTION } from '../ami/privileges.ts'
import type { QueueCallMark } from '../queue-log/queue-call-marks.ts'
import { queueLogAction } from '../queue-log/queue-log-action.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log/record.ts'
import type { QueueLogTail } from '../queue-log/tail.ts'
import type { ErrorLog, Log } from '../text/log.ts'
import { oneLine } from '../text/one-line.ts'
import { DoubtfulLines } from './doubtful-lines.ts'
import { isLateBehindEnd } from './line-order.ts'
import type { LineCallbacks, Sink } from './sink.ts'
import { ALWAYS_OURS, type Turn } from './turn.ts'
import { type HoldBack, type Line, WaitingLines } from './waiting-lines.ts'

/** Who sends actions: a connection that is up at times. */
export interface ActionLink {
  readonly isUp: boolean
  /** Whether the server is known to be booting: what is sent to it may be lost. */
  readonly isBooting: boolean
  /** Whether what arrives is late: more may wait that happened since. */
  readonly isBehind: boolean
  onUp(listener: () => void): void
  onDown(listener: () => void): void
  /** Fulfilled when all that the server had sent when it was asked just now has been read, or it cannot be. */
  caughtUp(): Promise<void>
  request(name: string, headers: ActionHeaders): Promise<AmiMessage>
}

export interface AmiSinkOptions extends LineCallbacks {
  /** The manager user, to name it where something has to be changed in manager.conf. */
  login: string
  log: Log
  errors: ErrorLog
  /** Whether another tracker writes these lines; nobody else does if undefined. */
  turn?: Turn | undefined
  /** The queue_log that Asterisk writes, if it can be read: it tells whether a line arrived that was not answered for. */
  tail?: QueueLogTail | undefined
  /**
   * Whether a mark tells after each login which calls have ended meanwhile: until then the holds of queue calls wait.
   */
  learnsEnds?: boolean
  /** So long after a login, in ms, Asterisk may not have loaded app_queue yet. */
  bootMs?: number
}

/** So many lines are sent without waiting for the answer to the first. */
const MAX_IN_FLIGHT = 100
/** A server that has not answered for so long, in ms, may be gone: what is sent to it then might be lost. */
const ANSWER_MS = 1000
const CUT_OFF = 'the connection was lost before Asterisk answered'
/**
 * app_queue has QueueLog, and an Asterisk that starts accepts logins some seconds before that is loaded (16.28 on a machine of
 * one slow core: up to 5 s). It is another fault, in modules.conf, if the action is unknown so long after the login, in ms.
 */
const BOOT_MS = 60_000
/** How often, in ms, lines are offered again to a server that starts, or stops: it may wait for the end of its calls. */
const OFFER_AGAIN_MS = 1000
/** So many lines wait for a connection; then the stages before wait as well, and events are kept instead. */
const MAX_WAITING = 10_000

/** After a login it is known within a second which calls have ended. Holds wait for so long at most, in ms. */
const ENDS_MS = 5000

/**
 * Writes queue_log records through Asterisk, by QueueLog actions. Asterisk stamps them with its own clock.
 *
 * It is given arrays of records, and of {@link QueueCallMark}s between them.
 */
export class AmiSink extends Writable implements Sink {
  readonly streams = [this]
  private readonly link: ActionLink
  private readonly options: AmiSinkOptions
  private readonly waiting: WaitingLines
  private readonly inFlight = new Set<Line>()
  private readonly doubtful: DoubtfulLines | undefined
  private takesAgain: NodeJS.Timeout | undefined
  /** ms of performance.now(); a sink that begins on a connection that is up knows no better than that it is new. */
  private upSince = performance.now()
  private spaceWanted: (() => void) | undefined
  private endWanted: (() => void) | undefined
  private endsTimer: NodeJS.Timeout | undefined
  /** How often the connection was lost. */
  private losses = 0
  private wasLastRefused = false
  private isLookingUp = false

  constructor(link: ActionLink, options: AmiSinkOptions) {
    super({ objectMode: true, highWaterMark: 16 })
    this.link = link
    this.options = options
    const turn = options.turn ?? ALWAYS_OURS
    this.waiting = new WaitingLines({
      turn,
      onSettled: options.onSettled,
      onDue: () => this.pump(),
      onStale: () => void this.catchUp(),
    })
    this.doubtful = options.tail === undefined ? undefined : new DoubtfulLines(options.tail)
    // Not only when it is up again: others that hear so first may have the sink write at once.
    if (options.learnsEnds) {
      this.forgetEnds()
      link.onDown(() => this.forgetEnds())
    }
    link.onUp(() => {
      // Privileges are read at the login, and what follows may be another tracker's to write.
      this.wasLastRefused = false
      this.upSince = performance.now()
      if (options.learnsEnds) this.awaitEnds()
      void this.endDoubts()
      this.sendAgain()
    })
    turn.onChange(() => this.pump())
  }

  /** The lines that were not sent yet, and are to be. */
  get unwritten(): readonly string[] {
    return this.waiting.records.map(formatQueueLogLine)
  }

  /** Those that were sent, and not answered for. */
  get unanswered(): readonly string[] {
    const records = [...[...this.inFlight].map(({ record }) => record), ...(this.doubtful?.records ?? [])]
    return records.map(formatQueueLogLine)
  }

  /** Why lines cannot be written just now. */
  get problem(): string | undefined {
    if (this.wasLastRefused) return 'Asterisk refused the last queue_log line: the log says why.'
    if (this.waiting.isAside) return 'Asterisk starts or stops, and takes no queue_log lines just now.'
    return this.isAnswerOverdue() ? 'Asterisk does not answer whether it wrote the last queue_log lines.' : undefined
  }

  /** It has no file. */
  reopen(): void {}

  override _write(items: (QueueLogRecord | QueueCallMark)[], _encoding: BufferEncoding, done: () => void): void {
    let records: QueueLogRecord[] = []
    for (const item of items) {
      if (item.kind === 'queue_log') {
        records.push(item)
        continue
      }
      // A line goes out before the mark behind it counts.
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

  override _final(done: () => void): void {
    this.endWanted = done
    // No mark will come any more.
    clearTimeout(this.endsTimer)
    setImmediate(() => {
      this.releaseHolds('behind')
      this.releaseHolds('ends unknown')
    })
  }

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
   * Where this process stood still, or a hold has waited, its call may have ended meanwhile: what the server has sent by now
   * is read before it goes out.
   */
  private async catchUp(): Promise<void> {
    if (this.waiting.holdsBack('behind')) return
    this.waiting.holdHolds('behind')
    await this.caughtUp()
    this.releaseHolds('behind')
  }

  /** A server that does not answer that, as a proxy swallows it, is not waited for longer than it takes to answer a line. */
  private async caughtUp(): Promise<void> {
    const enough = new AbortController()
    const late = sleep(ANSWER_MS, undefined, { ref: false, signal: enough.signal }).catch(() => {})
    await Promise.race([this.link.caughtUp(), late])
    enough.abort()
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
   * All ends have been told of that the lists know. A busy server takes up to 70 ms from its lists to the lines that follow from
   * them (22.10 at 10 calls a second): what has ended since is asked for, and dropped, before the holds go out.
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
    // What is looked up goes before all others, if it is not there.
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
      this.options.errors.tell('cut', `a queue_log line is too long for Asterisk and was cut (call ${call})`)
    }
    return headers
  }

  private answered(line: Line, response: AmiMessage): void {
    const { record } = line
    const message = response.get('Message') ?? 'no reason is given'
    if (this.maySucceedSoon(message)) {
      this.waiting.keepAside(line)
      // The calls end with the server, which writes so: no hold may stand behind that.
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
    this.options.errors.tell(
      `refused: ${kindOfRefusal(message)}`,
      `Asterisk refused a queue_log line: ${this.remedyFor(message)}`,
    )
    this.options.log.debug(`refused: ${formatQueueLogLine(record).trimEnd()}`)
  }

  private maySucceedSoon(message: string): boolean {
    const { bootMs = BOOT_MS } = this.options
    return isShuttingDown(message) || (isUnknown(message) && performance.now() - this.upSince < bootMs)
  }

  /** Whether the server is another one, or the same that may go on: those that it did not take are sent first. */
  private sendAgain(): void {
    clearTimeout(this.takesAgain)
    this.takesAgain = undefined
    this.waiting.offerAgain()
    this.pump()
  }

  private remedyFor(message: string): string {
    if (isUnknown(message)) return `${message} The action is of app_queue: load that in modules.conf`
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
    // On a connection that is up an answer so late never comes, and no login follows at which to look for the line.
    if (this.link.isUp) void this.endDoubts()
  }

  /** The connection is back: what was on its way when it was lost has arrived by now, or never will. */
  private async endDoubts(): Promise<void> {
    const { doubtful } = this
    if (doubtful === undefined || this.isLookingUp) return
    this.isLookingUp = true
    // The connection may be lost and made again meanwhile.
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
      this.options.log.warn(`the queue_log ${this.options.tail?.name} cannot be read: ${(error as Error).message}`)
      for (const line of doubtful.giveUp()) this.giveUp(line, CUT_OFF)
    }
  }

  /** Whether Asterisk wrote it is not known; sent again, it might be there twice. */
  private giveUp({ record }: Line, what: string): void {
    this.options.onSettled?.(record, 'unanswered')
    const line = formatQueueLogLine(record).trimEnd()
    this.options.log.warn(`${what} whether it wrote ${line}`)
  }
}
