import type { AmiMessage } from '../ami/message.ts'
import { tickAt } from '../ami/own-events.ts'
import { Calls } from '../calls/calls.ts'
import type { Change } from '../calls/change.ts'
import { Deadlines } from '../calls/deadlines.ts'
import type { QueueMembers } from '../calls/queue-members.ts'
import { Resynchroniser } from '../calls/resync/resynchroniser.ts'
import { StreamClock } from '../calls/stream-clock.ts'
import type { OptionKinds, OptionValues } from '../options/kinds.ts'
import { type QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'
import type { Batch, StageRecord } from '../records/record.ts'
import { eachOnce } from './open-calls.ts'
import { optionValues, type TrackedRow, type TrackerEntry } from './row.ts'
import type { OpenCall, Tracker } from './tracker.ts'

export interface TrackingOptions {
  /**
   * Whether it runs between two other programs. These share no model and no deadlines. So it writes a Tick before lines
   * that waited, so that the programs after it write theirs in the order of time. It also leaves the comparison with
   * the lists of the server to the first program. Default false.
   */
  isInPipe?: boolean
}

/** Trackers one behind the other, on one model of calls, as {@link createTrackers} makes them. */
export interface Trackers {
  /**
   * What goes on of some records, with the lines of the trackers between them.
   *
   * @param batch as `amiParse()` gives it
   */
  pass(batch: Batch): Batch
  /** What is left when there are no more records. */
  end(): Batch
  /** The calls that they follow at the moment. */
  openCalls(): OpenCall[]
  /** How many entries all tables hold: none when no call is open. */
  readonly size: number
  /**
   * Calls back with the time at which something falls due next, whenever that may have changed.
   *
   * @param listener is given ms since the epoch, by the server's clock; undefined if nothing waits
   */
  onDue(listener: (serverMs: number | undefined) => void): void
}

/**
 * Trackers in a chain, on one model of calls: each record goes through all of them before the next one. Lines come
 * after the AMI message that caused them. Lines that only had to wait come before the message that shows that the time
 * is over.
 */
export class Tracking<R extends TrackedRow = TrackerEntry> implements Trackers {
  /** The trackers, in the order of the chain. */
  readonly trackers: readonly Tracker[]
  readonly entries: readonly R[]
  private readonly clock = new StreamClock()
  private readonly deadlines = new Deadlines()
  private readonly calls: Calls
  private readonly lines: QueueLogFields[] = []
  private readonly isInPipe: boolean
  private readonly resynchroniser: Resynchroniser | undefined
  /** The output for the current records. */
  private out: Batch = []
  /** Called with each message that came, and with the output for it: the message, with the lines it caused after it. */
  onPassed: ((message: AmiMessage, out: readonly StageRecord[]) => void) | undefined
  private dueListener: ((serverMs: number | undefined) => void) | undefined

  /**
   * @param values the options of all of them; those that are not given are at their defaults
   * @throws TypeError for a value that its option does not allow
   */
  constructor(
    entries: readonly R[],
    values: Partial<OptionValues<OptionKinds>> = {},
    { isInPipe = false }: TrackingOptions = {},
  ) {
    this.entries = entries
    this.isInPipe = isInPipe
    this.calls = new Calls(
      new Set(entries.flatMap(({ follows, alsoReads = [] }) => [...follows, ...alsoReads])),
      this.deadlines,
    )
    this.resynchroniser = isInPipe ? undefined : new Resynchroniser(this.calls, (message) => this.follow(message))
    const write = (line: QueueLogFields): void => {
      this.lines.push(line)
    }
    this.trackers = entries.map((entry, n) => {
      // Of deadlines with the same time, the last tracker's comes first, as after a message.
      const rank = entries.length - n
      const after = this.deadlines.after.bind(this.deadlines)
      return entry.create(optionValues(entry, values), {
        calls: this.calls,
        write,
        after: (ms, what, options) => after(ms, () => this.asTracker(n, what), { ...options, rank }),
      })
    })
  }

  /** The events whose headers are read. */
  get events(): ReadonlySet<string> {
    return this.calls.events
  }

  /** The known members of queues, if a tracker follows them. */
  get members(): QueueMembers {
    return this.calls.members
  }

  /** How many entries all tables hold: none when no call is open. */
  get size(): number {
    return this.trackers.reduce(
      (sum, { size }) => sum + size,
      this.calls.size + this.deadlines.size + (this.resynchroniser?.size ?? 0),
    )
  }

  openCalls(): OpenCall[] {
    const open = this.trackers.flatMap((tracker) => tracker.openCalls())
    return eachOnce(open, ({ callid, queuename }) => `${callid}|${queuename}`)
  }

  /**
   * Calls back with the time of the next deadline, whenever it may have changed.
   *
   * @param listener is given ms since the epoch, by the server's clock; undefined if nothing waits
   */
  onDue(listener: (serverMs: number | undefined) => void): void {
    this.dueListener = listener
  }

  /** Passes records through the trackers: returns them, with the lines added. */
  pass(batch: Batch): Batch {
    const out: Batch = []
    this.out = out
    for (const record of batch) {
      if (record.kind === 'ami') {
        const begin = out.length
        this.passMessage(record)
        this.onPassed?.(record, out.slice(begin))
      } else if (record.kind === 'queue_log') this.passLine(record, 0, out)
      else out.push(record)
    }
    this.tellDue()
    return out
  }

  /**
   * Tracks the messages from before a restart again. They contain the events that followed from the lists of that time.
   */
  restore(messages: readonly AmiMessage[]): Batch {
    const out: Batch = []
    this.out = out
    for (const message of messages) {
      this.resynchroniser?.restore(message)
      this.follow(message)
    }
    return out
  }

  /** Returns what is left when there are no more records. */
  end(): Batch {
    const out: Batch = []
    this.out = out
    this.calls.end()
    this.react(out)
    this.deadlines.end(() => this.react(out))
    for (const [n, tracker] of this.trackers.entries()) {
      tracker.atEnd?.(this.clock.now)
      this.writeFrom(n, out)
    }
    return out
  }

  private tellDue(): void {
    if (this.dueListener === undefined) return
    const { next } = this.deadlines
    this.dueListener(next === undefined ? undefined : this.clock.stampOf(next))
  }

  private passMessage(message: AmiMessage): void {
    this.resynchroniser?.before(message)
    this.follow(message)
  }

  private follow(message: AmiMessage): void {
    const { clock, calls, out } = this
    const at = clock.observe(message)
    this.passTime(out)
    out.push(message)
    if (!calls.events.has(message.event)) return
    calls.apply(message, at)
    this.react(out)
    this.resynchroniser?.after(message)
  }

  /** Runs what fell due before the current message, each at its own time. */
  private passTime(out: Batch): void {
    const { clock, deadlines } = this
    let place = out.length
    deadlines.pass(clock.now, () => {
      this.react(out)
      if (this.isInPipe && out.length > place) out.splice(place, 0, tickAt(clock.stampOf(deadlines.now)))
      place = out.length
    })
  }

  /**
   * Gives the changes to the trackers: the last one first, because its lines come directly after the message that
   * caused them.
   */
  private react(out: Batch): void {
    const changes = this.calls.take()
    for (let n = this.trackers.length - 1; n >= 0; n--) {
      const tracker = this.trackers[n] as Tracker
      for (const change of changes) applyRule(tracker, change)
      tracker.afterChanges?.(changes)
      this.writeFrom(n, out)
    }
  }

  /** Something of the `n`th tracker falls due. */
  private asTracker(n: number, what: () => void): void {
    what()
    this.writeFrom(n, this.out)
  }

  /** Passes the lines of the `n`th tracker to the trackers after it. */
  private writeFrom(n: number, out: Batch): void {
    if (this.lines.length === 0) return
    for (const line of this.lines.splice(0)) this.passLine(new QueueLogRecord(line), n + 1, out)
  }

  /**
   * Passes a line through the trackers from the `n`th on. Lines that a tracker adds go through the trackers after it.
   */
  private passLine(line: QueueLogRecord, n: number, out: Batch): void {
    const tracker = this.trackers[n]
    if (tracker === undefined) {
      out.push(line)
      return
    }
    tracker.beforeLine?.(line)
    this.writeFrom(n, out)
    this.passLine(line, n + 1, out)
    tracker.afterLine?.(line)
    this.writeFrom(n, out)
  }
}

function applyRule(tracker: Tracker, change: Change): void {
  const rule = tracker.rules[change.kind] as ((change: Change) => void) | undefined
  rule?.(change)
}
