import type { AmiMessage } from '../ami/message.ts'
import type { StageRecord } from '../records/record.ts'
import type { Tracking } from '../trackers/tracking.ts'
import type { CallEvent, Note } from './call.ts'
import type { CallRecord } from './call-record.ts'
import { Explainer } from './explainer.ts'
import { isSelected, type Selection } from './selection.ts'

/** What is told of a call as it happens: an event, or a note that stands under the event before it. */
export interface TapRow {
  /** The Linkedid with which the call began; '' for the members of queues. */
  readonly call: string
  /** When it happened: ms since the epoch. */
  readonly at: number
  readonly kind: 'event' | Note['kind']
  /** The AMI event's name, of an event; '' where only time has passed. */
  readonly event?: string
  /** What an event says, a line of queue_log, or the reason why there is none. */
  readonly text: string
  /** The option of the tracker that gave the reason. */
  readonly tracker?: string
}

/** Which calls are told of: all if nothing is given. */
export interface TapSelection extends Pick<Selection, 'call' | 'queue' | 'number'> {
  /** A member's name or interface, or a phone's. */
  readonly agent?: string | undefined
}

/** Of a call that becomes one that is asked for, so many events of before are told. */
const EVENTS_KEPT = 200

type OnRow = (row: TapRow) => void

/**
 * Explains calls while they happen, to all who listen. A call is told of once it is known to be one that somebody asks for, then
 * with what was before.
 */
export class Tap {
  private readonly explainer: Explainer
  private readonly listeners = new Set<Listener>()

  constructor(tracking: Tracking) {
    this.explainer = new Explainer(
      tracking,
      () => {},
      (record, event, note) => this.told(record, event, note),
    )
  }

  get size(): number {
    return this.listeners.size
  }

  /** Tells of the calls that are selected, from now on. @returns ends that */
  listen(selection: TapSelection, onRow: OnRow): () => void {
    const listener = new Listener(selection, onRow)
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  /** Reads a message of a dump, and tracks it. */
  pass(message: AmiMessage): void {
    this.explainer.pass(message)
  }

  /** Reads what trackers made of a message. */
  read(message: AmiMessage, out: readonly StageRecord[]): void {
    this.explainer.read(message, out)
  }

  /** The stream is at its end. */
  end(): void {
    this.explainer.end()
  }

  stop(): void {
    this.explainer.stop()
  }

  private told(record: CallRecord, event: CallEvent, note: Note | undefined): void {
    for (const listener of this.listeners) listener.told(record, event, note)
    // A call that goes on for days does not fill the memory of a daemon.
    if (record.events.length > 2 * EVENTS_KEPT) record.events.splice(0, record.events.length - EVENTS_KEPT)
  }
}

/** One who is told of some calls. */
class Listener {
  private readonly selection: TapSelection
  private readonly onRow: OnRow
  /** The calls that are known to be asked for, and what was told of them where calls may have been joined since. */
  private readonly selected = new WeakSet<CallRecord>()
  private readonly shown = new WeakSet<CallEvent | Note>()

  constructor(selection: TapSelection, onRow: OnRow) {
    this.selection = selection
    this.onRow = onRow
  }

  told(record: CallRecord, event: CallEvent, note: Note | undefined): void {
    if (this.selected.has(record)) this.show(record, event, note)
    else if (isAskedFor(this.selection, record)) {
      this.selected.add(record)
      for (const one of record.events) this.showAll(record, one)
      // It may be one of too many, which are not kept.
      this.show(record, event, note)
    }
  }

  private showAll(record: CallRecord, event: CallEvent): void {
    this.show(record, event, undefined)
    for (const note of event.notes) this.show(record, event, note)
  }

  private show({ id: call }: CallRecord, event: CallEvent, note: Note | undefined): void {
    const told = note ?? event
    if (this.shown.has(told)) return
    this.shown.add(told)
    const { at } = event
    if (note === undefined) this.onRow({ call, at, kind: 'event', event: event.event, text: event.text })
    else this.onRow({ call, at, ...note })
  }
}

function isAskedFor({ agent, ...selection }: TapSelection, record: CallRecord): boolean {
  if (!isSelected(selection, record)) return false
  if (agent === undefined) return true
  for (const { name } of record.byUniqueid.values()) if (name === agent || name.startsWith(`${agent}-`)) return true
  return record.events.some(({ notes, text }) => {
    return notes.some((note) => note.kind === 'line' && note.text.split('|')[3] === agent) || isNamedIn(text, agent)
  })
}

/** Whether an event tells of a member: `queue support connects PJSIP/trunk-1 to Jane on PJSIP/1001-2`. */
function isNamedIn(text: string, agent: string): boolean {
  return text.includes(` to ${agent} on `) || text.startsWith(`${agent} of queue `)
}
