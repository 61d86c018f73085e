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
import { optionValues, type TrackerEntry } from './row.ts'
import { trackers } from './table.ts'
import type { Tracker } from './tracker.ts'

export interface TrackingOptions {
  /**
   * Whether it stands between two other programs. These have no model and no deadlines in common: it says what time it is
   * before lines that waited, so that those behind write theirs in the order of time, and leaves it to the first program to
   * compare calls with the lists of the server. Default false.
   */
  isInPipe?: boolean
}

/**
 * Trackers one behind the other, on one model of calls: each record goes through all of them before the next one. Lines
 * stand behind the AMI message that caused them; those that only had to wait, before the message that shows that the time
 * is over.
 */
export class Tracking {
  /** The trackers, in the order of the chain. */
  readonly trackers: readonly Tracker[]
  readonly entries: readonly TrackerEntry[]
  private readonly clock = new StreamClock()
  private readonly deadlines = new Deadlines()
  private readonly calls: Calls
  private readonly lines: QueueLogFields[] = []
  private readonly isInPipe: boolean
  private readonly resynchroniser: Resynchroniser | undefined
  /** What goes on of the records at hand. */
  private out: Batch = []
  /** Told of each message that came, and of what goes on in its place: lines stand behind the message that caused them. */
  onPassed: ((message: AmiMessage, out: readonly StageRecord[]) => void) | undefined
  private dueListener: ((serverMs: number | undefined) => void) | undefined

  /**
   * @param values the options of all of them; those that are not given are at their defaults
   * @throws TypeError for a value that is none of its option
   */
  constructor(
    entries: readonly TrackerEntry[],
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
      // Of what is due at the same time, the last tracker's comes first, as behind a message.
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

  /** The members of queues, as far as they are known and a tracker asks for them. */
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

  /**
   * Calls back with the time at which something falls due next, whenever that may have changed.
   *
   * @param listener is given ms since the epoch, by the server's clock; undefined if nothing waits
   */
  onDue(listener: (serverMs: number | undefined) => void): void {
    this.dueListener = listener
  }

  /** What goes on of some records. */
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
   * Tracks again what went on before a restart. What the lists of that time told is in it, as the events that followed from
   * them.
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

  /** What is left when there are no more records. */
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

  /** What fell due before the message at hand, each at its own time. */
  private passTime(out: Batch): void {
    const { clock, deadlines } = this
    let place = out.length
    deadlines.pass(clock.now, () => {
      this.react(out)
      if (this.isInPipe && out.length > place) out.splice(place, 0, tickAt(clock.stampOf(deadlines.now)))
      place = out.length
    })
  }

  /** Hands what happened to the trackers: the last one first, as its lines stand next to what caused them. */
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

  /** Passes the lines of the `n`th tracker on to those behind it. */
  private writeFrom(n: number, out: Batch): void {
    if (this.lines.length === 0) return
    for (const line of this.lines.splice(0)) this.passLine(new QueueLogRecord(line), n + 1, out)
  }

  /** Passes a line through the trackers from the `n`th on: what one adds goes through those behind it. */
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

/**
 * The trackers of plain options, named as those of ami-track: `createTrackers({ outboundcalls: true })`.
 *
 * @throws TypeError for an option that does not exist, or a value that is none of its option
 */
export function createTrackers(options: Partial<OptionValues<OptionKinds>> = {}): Tracking {
  const own = trackers.flatMap((entry) => [entry.option, ...Object.keys(entry.options)])
  for (const name of Object.keys(options)) if (!own.includes(name)) throw new TypeError(`there is no option ${name}`)
  return new Tracking(
    trackers.filter(({ option, onByDefault }) => options[option] ?? onByDefault),
    options,
  )
}
