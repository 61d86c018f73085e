import type { AmiMessage } from '../ami/message.ts'
import { StreamClock } from '../calls/stream-clock.ts'
import { formatQueueLogLine, type QueueLogRecord, timeBehind } from '../queue-log/record.ts'
import type { Batch, StageRecord } from '../records/record.ts'
import { uniqueidOf } from '../trackers/fields.ts'
import { neededEvents, trackers } from '../trackers/table.ts'
import type { Tracking } from '../trackers/tracking.ts'
import type { CallEvent, Note } from './call.ts'
import { CallBook } from './call-book.ts'
import { addNote, type CallDraft } from './call-draft.ts'
import { describedEvents } from './describe.ts'

/** An event of a call, where it is shown. */
type Added = { event: CallEvent; draft: CallDraft } | undefined

interface Reason {
  readonly uniqueid: string
  readonly text: string
  readonly tracker: string
}

/** Told of each event as it is added to its call, and of each note as it is put under one. */
export type OnTold = (draft: CallDraft, event: CallEvent, note?: Note) => void

/**
 * Reads a dump message by message, as a replay does, and notes which lines the trackers wrote behind which event, and what
 * they say of those that they did not write.
 */
export class Explainer {
  private readonly tracking: Tracking
  private readonly book: CallBook
  private readonly clock = new StreamClock()
  /** The time of the first event: ms since the epoch; undefined before it. */
  private begin: number | undefined
  private readonly reasons: Reason[] = []
  private readonly off: ReadonlyMap<string, string>
  /** The time of the event at hand: ms since the epoch. */
  private at = 0
  /** As in queue_log, lines never run backwards. */
  private lastTime = 0
  private readonly onTold: OnTold

  /**
   * @param onCall handed each call once it is over
   * @param most of a call that goes on for days it keeps so many events, and so many channels that have hung up
   */
  constructor(tracking: Tracking, onCall: (draft: CallDraft) => void, onTold: OnTold = () => {}, most?: number) {
    this.onTold = onTold
    for (const [n, tracker] of tracking.trackers.entries()) {
      const option = tracking.entries[n]?.option ?? ''
      tracker.onUnwritten = (uniqueid, text) => this.reasons.push({ uniqueid, text, tracker: option })
    }
    this.tracking = tracking
    this.book = new CallBook(onCall, most)
    const isOn = new Set(tracking.entries.map(({ option }) => option))
    const off = trackers.filter(({ option }) => !isOn.has(option))
    this.off = new Map(off.flatMap(({ missedAt, option }) => (missedAt === undefined ? [] : [[missedAt, option]])))
  }

  /** From when to when the dump was read, by its own times: ms since the epoch. */
  get bounds(): { begin: number; end: number } {
    return { begin: this.begin ?? 0, end: this.clock.now }
  }

  /** Reads the next message of the dump. */
  pass(message: AmiMessage): void {
    this.read(message, isTracked(message) ? this.tracking.pass([message]) : [message])
  }

  /** The time of the stream: ms since the epoch. */
  get now(): number {
    return this.clock.now
  }

  /**
   * Reads what goes on of a message behind the trackers.
   *
   * @param out the message, and lines behind what caused them
   */
  read(message: AmiMessage, out: readonly StageRecord[]): void {
    let added: Added
    let lines: QueueLogRecord[] = []
    for (const record of out) {
      if (record.kind === 'queue_log') lines.push(record)
      else if (record.kind === 'ami') {
        this.putUnder(lines, added)
        lines = []
        added = this.add(record)
      }
    }
    this.putUnder(lines, added)
    this.placeReasons(added, this.at)
    const option = this.off.get(message.event)
    // What a queue dials is no outbound call in any case.
    if (option === undefined || added === undefined || added.event.from === '' || added.draft.queues.size > 0) return
    this.tell(added, { text: `not tracked: it needs --${option} 1` })
  }

  private add(message: AmiMessage): Added {
    if (!isTracked(message) && !describedEvents.has(message.event)) return undefined
    this.at = this.clock.observe(message)
    if (this.at > 0) this.begin ??= this.at
    this.book.afterTime(this.clock.now)
    const added = this.book.add(message, this.at, this.clock.now)
    if (added !== undefined) this.onTold(added.draft, added.event)
    return added
  }

  /** Others may ask the trackers for their reasons from now on. */
  stop(): void {
    for (const tracker of this.tracking.trackers) tracker.onUnwritten = undefined
  }

  /** The dump is at its end. */
  end(): void {
    this.putUnder(linesOf(this.tracking.end()), undefined)
    this.placeReasons(undefined, this.clock.now)
    this.book.end()
  }

  private putUnder(lines: QueueLogRecord[], cause: Added): void {
    for (const [n, line] of lines.entries()) {
      this.lastTime = timeBehind(this.lastTime, line.time)
      const draft = this.callOfLine(lines, n) ?? cause?.draft ?? this.book.memberDraft()
      const event = draft === cause?.draft ? cause.event : this.timePassed(draft, line.time * 1000)
      draft.queues.add(line.queuename)
      this.note(draft, event, { kind: 'line', text: formatQueueLogLine({ ...line, time: this.lastTime }).trimEnd() })
      for (const { noteOn, option } of trackers) {
        const text = noteOn?.(line)
        if (text !== undefined) this.tell({ event, draft }, { text, tracker: option })
      }
    }
  }

  /** The call of a line. A log-in of an agent is that of the call whose line stands next to it. */
  private callOfLine(lines: QueueLogRecord[], n: number): CallDraft | undefined {
    const line = lines[n] as QueueLogRecord
    if (line.callid !== 'MANAGER') return this.book.callOf(uniqueidOf(line.callid))
    const others = line.event === 'ADDMEMBER' ? lines.slice(n + 1) : lines.slice(0, n).reverse()
    const next = others.find(
      ({ callid, agent, queuename }) => callid !== 'MANAGER' && agent === line.agent && queuename === line.queuename,
    )
    return next === undefined ? undefined : this.book.callOf(uniqueidOf(next.callid))
  }

  private placeReasons(cause: Added, at: number): void {
    for (const reason of this.reasons.splice(0)) {
      const draft = reason.uniqueid === '' ? this.book.memberDraft() : this.book.callOf(reason.uniqueid)
      if (draft === undefined) continue
      const about = draft.events.findLast(({ from }) => from === reason.uniqueid)
      if (draft === cause?.draft) this.tell(cause, reason)
      else this.tell({ draft, event: about ?? this.timePassed(draft, at) }, reason)
    }
  }

  private tell(
    { draft, event }: { event: CallEvent; draft: CallDraft },
    { text, tracker }: Pick<Reason, 'text'> & { tracker?: string },
  ): void {
    this.note(draft, event, { kind: 'reason', text, ...(tracker === undefined ? {} : { tracker }) })
  }

  /** Adds to a call that a time has passed, unless that stands there. */
  private timePassed(draft: CallDraft, at: number): CallEvent {
    const last = draft.events.at(-1)
    const event = this.book.addTime(draft, at)
    if (event !== last) this.onTold(draft, event)
    return event
  }

  private note(draft: CallDraft, event: CallEvent, note: Note): void {
    if (addNote(draft, event, note)) this.onTold(draft, event, note)
  }
}

function isTracked({ event }: AmiMessage): boolean {
  return event === '' || neededEvents.has(event)
}

function linesOf(batch: Batch): QueueLogRecord[] {
  return batch.filter((record) => record.kind === 'queue_log')
}
