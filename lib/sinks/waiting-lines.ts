import type { OnSettled } from '../queue-log/outcome.ts'
import type { QueueCallEnd } from '../queue-log/queue-call-marks.ts'
import type { QueueLogRecord } from '../queue-log/record.ts'
import { isLateBehindEnd, memberJoins, Predecessors, waitingForAsterisk } from './line-order.ts'
import type { Turn } from './turn.ts'

/**
 * How long, in ms, a line waits that must stand behind one that Asterisk itself is about to write: the event comes
 * before the line, in 6 of 300 log-ins by more than it takes to answer it (22.10).
 */
const DELAY_MS = 250
/** A hold that has waited for no longer than this, in ms, goes out with what is known. */
const FRESH_MS = 20
/** The ends of so many calls are remembered, for lines that are looked up in queue_log. */
const MAX_ENDS = 4000

/** A line on its way. */
export interface Line {
  readonly record: QueueLogRecord
  /** When it came: ms of performance.now(). */
  readonly readAt: number
  /** When it may be sent: ms of performance.now(). */
  readonly dueAt: number
  /** The line of the call for which it logs a member in: it waits where that waits. */
  readonly joins: QueueLogRecord | undefined
  /** When it was sent: ms of performance.now(). */
  sentAt: number
}

/** Why holds of queue calls wait: their calls may have ended while nobody listened, or the word of that may wait to be read. */
export type HoldBack = 'ends unknown' | 'behind'

export interface WaitingLinesOptions {
  turn: Turn
  /** Told of lines that are not to be sent any more. */
  onSettled: OnSettled | undefined
  /** Called when some may be sent that could not be before, or are not to be sent any more. */
  onDue: () => void
  /** Called where a hold has waited: all that has happened since is to be read before it goes out. */
  onStale: () => void
}

/**
 * The lines that are to be sent to Asterisk, in their order. One that is delayed holds back those of the same call and
 * the same member, no others.
 *
 * The holds of a queue's call that wait are dropped when the call is over: Asterisk has written its end, and no line of
 * the call may stand behind that.
 */
export class WaitingLines {
  private readonly options: WaitingLinesOptions
  /** Those that are delayed, those of which is not known whose they are, and those that may be sent; each in their order. */
  private delayed: Line[] = []
  private undecided: Line[] = []
  private ready: Line[] = []
  /** Holds that wait until it is known which calls have ended: they were ready before. */
  private held: Line[] = []
  private readonly holdBacks = new Set<HoldBack>()
  /** Those that a server did not take because it starts or stops, in their order: they go out before all others. */
  private aside: Line[] = []
  private delayedFirst = new Predecessors()
  private heldFirst = new Predecessors()
  private timer: NodeJS.Timeout | undefined
  private dropping: NodeJS.Immediate | undefined
  /** When the calls ended that ended last: ms of performance.now(). */
  private readonly ends = new Map<string, number>()
  /** When all had been read last that the server had sent: ms of performance.now(). */
  private caughtUpAt = Number.NEGATIVE_INFINITY
  /** When all of them had ended last. */
  private allEndedAt = Number.NEGATIVE_INFINITY

  constructor(options: WaitingLinesOptions) {
    this.options = options
  }

  get size(): number {
    return this.delayed.length + this.undecided.length + this.ready.length + this.held.length + this.aside.length
  }

  /** The lines, of which another tracker may be about to write some. */
  get records(): QueueLogRecord[] {
    const others = this.options.turn.isOthers ? [] : [...this.undecided, ...this.delayed]
    return [...this.aside, ...this.held, ...this.ready, ...others].map(({ record }) => record)
  }

  /** Takes lines that came together. */
  add(records: readonly QueueLogRecord[]): void {
    const waiting = waitingForAsterisk(records)
    const readAt = performance.now()
    for (const [index, record] of records.entries()) {
      const joins = memberJoins(records, index)
      // One that was cut off in a pipe from the line for which it logs its member in.
      const isCutOff = joins === 'unknown' && this.delayedFirst.concernQueue(record)
      const isDelayed = waiting.has(index) || isCutOff
      const dueAt = isDelayed ? readAt + DELAY_MS : 0
      this.enqueue({ record, readAt, dueAt, joins: joins === 'unknown' ? undefined : joins, sentAt: 0 })
    }
  }

  /** Takes lines back that were sent and did not arrive: they go before all others. */
  putBack(lines: readonly Line[]): void {
    this.ready.unshift(...this.withoutEnded(lines))
  }

  /** Takes a line back that the server did not take because it starts or stops. */
  keepAside(line: Line): void {
    this.aside.push(line)
  }

  /** Whether some are kept aside: none may go before them. */
  get isAside(): boolean {
    return this.aside.length > 0
  }

  /** Those that are kept aside may be sent again. */
  offerAgain(): void {
    this.putBack(this.aside)
    this.aside = []
  }

  /** Sorts out whose the lines are, in their order: one that is undecided holds back those behind it. */
  decide(): void {
    const { turn, onSettled } = this.options
    for (let line = this.undecided[0]; line !== undefined; line = this.undecided[0]) {
      const owner = turn.ownerOf(line.record.time * 1000, line.readAt)
      if (owner === 'undecided') return
      this.undecided.shift()
      if (owner === 'ours') this.ready.push(line)
      else onSettled?.(line.record, 'theirs')
    }
  }

  /** The next line of those that are sorted out that may be sent; undefined if there is none. */
  next(): Line | undefined {
    for (let line = this.ready.shift(); line !== undefined; line = this.ready.shift()) {
      const isHold = isLateBehindEnd(line.record)
      if (isHold && this.holdBacks.size === 0 && this.isStale(line)) this.options.onStale()
      // That lasts for the time of one answer: all lines wait, and keep their order.
      if (isHold && this.holdsBack('behind')) {
        this.ready.unshift(line)
        return undefined
      }
      const isHeld = this.holdBacks.size > 0 && (isHold || this.heldFirst.concern(line.record))
      if (!isHeld) return line
      this.held.push(line)
      this.heldFirst.add(line.record)
    }
    return undefined
  }

  /** From now on holds of queue calls wait. */
  holdHolds(reason: HoldBack): void {
    this.holdBacks.add(reason)
  }

  /** Whether they wait for this reason. */
  holdsBack(reason: HoldBack): boolean {
    return this.holdBacks.has(reason)
  }

  /** They need not wait for this reason any more. */
  releaseHolds(reason: HoldBack): void {
    this.holdBacks.delete(reason)
    this.caughtUpAt = performance.now()
    if (this.holdBacks.size > 0) return
    this.ready.unshift(...this.held)
    this.held = []
    this.heldFirst = new Predecessors()
  }

  /**
   * Drops the holds of a call that is over, if they still wait when all that was read with its end has been looked at: the
   * word that they may be written may be among that.
   */
  endCall({ callid, queuename }: QueueCallEnd): void {
    const key = keyOf(callid, queuename)
    this.ends.delete(key)
    this.ends.set(key, performance.now())
    this.dropSoon()
  }

  /** Drops the holds of all calls, as {@link endCall} does. */
  endAllCalls(): void {
    this.allEndedAt = performance.now()
    this.dropSoon()
  }

  /** Ends its timer. */
  stop(): void {
    clearTimeout(this.timer)
  }

  private isStale({ readAt }: Line): boolean {
    return performance.now() - Math.max(readAt, this.caughtUpAt) > FRESH_MS
  }

  /** Once for all calls that end in this turn: each Hangup tells of one. */
  private dropSoon(): void {
    if (this.size === 0) this.forgetOldEnds()
    else
      this.dropping ??= setImmediate(() => {
        this.dropping = undefined
        this.dropHolds()
        this.forgetOldEnds()
      })
  }

  private dropHolds(): void {
    this.delayed = this.withoutEnded(this.delayed)
    this.undecided = this.withoutEnded(this.undecided)
    this.ready = this.withoutEnded(this.ready)
    this.held = this.withoutEnded(this.held)
    this.aside = this.withoutEnded(this.aside)
    this.options.onDue()
  }

  private enqueue(line: Line): void {
    if (line.dueAt === 0 && !isBehind(this.delayedFirst, line)) {
      this.undecided.push(line)
      return
    }
    this.delayed.push(line)
    this.delayedFirst.add(line.record)
    if (this.delayed.length === 1) this.release()
  }

  /** Moves on what was delayed for long enough; what is held back by something that was not stays behind it. */
  private release(): void {
    clearTimeout(this.timer)
    const now = performance.now()
    const kept: Line[] = []
    const first = new Predecessors()
    for (const line of this.delayed) {
      if (line.dueAt <= now && !isBehind(first, line)) {
        this.undecided.push(line)
        continue
      }
      kept.push(line)
      first.add(line.record)
    }
    this.delayed = kept
    this.delayedFirst = first
    const [next] = kept
    if (next === undefined) return
    this.timer = setTimeout(
      () => {
        this.release()
        this.options.onDue()
      },
      Math.ceil(next.dueAt - now),
    )
  }

  private forgetOldEnds(): void {
    for (const key of this.ends.keys()) {
      if (this.ends.size <= MAX_ENDS) return
      this.ends.delete(key)
    }
  }

  private withoutEnded(lines: readonly Line[]): Line[] {
    return lines.filter((line) => {
      const isLate = this.hasEndedSince(line)
      if (isLate) this.options.onSettled?.(line.record, 'late')
      return !isLate
    })
  }

  private hasEndedSince({ record, readAt }: Line): boolean {
    const { callid, queuename } = record
    const ends = [keyOf(callid, queuename), keyOf(callid)].map((key) => this.ends.get(key) ?? Number.NEGATIVE_INFINITY)
    return isLateBehindEnd(record) && Math.max(...ends, this.allEndedAt) > readAt
  }
}

function isBehind(first: Predecessors, { record, joins }: Line): boolean {
  return first.concern(record) || (joins !== undefined && first.concern(joins))
}

/** No value of AMI has a line end in it. */
function keyOf(callid: string, queuename = ''): string {
  return `${callid}\n${queuename}`
}
