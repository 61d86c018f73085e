import type { AmiMessage } from '../ami/message.ts'
import type { StageRecord } from '../records/record.ts'
import { oneLine } from '../text/one-line.ts'
import type { Tracking } from '../trackers/tracking.ts'
import type { CallEvent, Note } from './call.ts'
import { byNumber, type CallDraft } from './call-draft.ts'
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

/** Of a call that becomes one that is asked for, so many events of before are told, and as many channels that hung up known. */
const KEPT = 200

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
      (draft, event, note) => this.told(draft, event, note),
      // A call that goes on for days does not fill the memory of a daemon.
      KEPT,
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

  private told(draft: CallDraft, event: CallEvent, note: Note | undefined): void {
    for (const listener of this.listeners) listener.told(draft, event, note, this.explainer.now)
  }
}

/** One who is told of some calls. */
class Listener {
  private readonly selection: TapSelection
  private readonly onRow: OnRow
  /** The calls that are known to be asked for, and how often others had been joined to them then. */
  private readonly selected = new WeakMap<CallDraft, number>()
  /** How often others had been joined to those that are not, when all of them was looked at. */
  private readonly passedOver = new WeakMap<CallDraft, number>()
  private readonly shown = new WeakSet<CallEvent | Note>()
  /** Under which event a note stands. */
  private last: CallEvent | undefined

  constructor(selection: TapSelection, onRow: OnRow) {
    this.selection = selection
    this.onRow = onRow
  }

  /** @param now ms since the epoch */
  told(draft: CallDraft, event: CallEvent, note: Note | undefined, now: number): void {
    if (draft.id === '') {
      // What concerns members is no call: each event is chosen for itself.
      if (isOfMember(this.selection, event, note)) this.show(draft, event, note, now)
      return
    }
    const joins = this.selected.get(draft)
    if (joins !== draft.joins) {
      if (joins === undefined && !this.isAskedFor(draft, event, note)) return
      this.selected.set(draft, draft.joins)
      for (const one of draft.events.toSorted(byNumber)) this.showAll(draft, one, now)
    }
    // It may be one of too many, which are not kept.
    this.show(draft, event, note, now)
  }

  private isAskedFor(draft: CallDraft, event: CallEvent, note: Note | undefined): boolean {
    const { agent, ...selection } = this.selection
    const isNew = this.passedOver.get(draft) !== draft.joins
    this.passedOver.set(draft, draft.joins)
    if (!isSelected(selection, draft)) return false
    if (agent === undefined) return true
    for (const { name } of draft.byUniqueid.values()) if (name === agent || name.startsWith(`${agent}-`)) return true
    // What was told before was looked at when it was.
    const told = isNew ? draft.events : [event]
    return (
      told.some(({ text, notes }) => isNamedIn(text, agent) || notes.some((one) => isOfAgent(one, agent))) ||
      isOfAgent(note, agent)
    )
  }

  private showAll(draft: CallDraft, event: CallEvent, now: number): void {
    this.show(draft, event, undefined, now)
    for (const note of event.notes) this.show(draft, event, note, now)
  }

  private show({ id }: CallDraft, event: CallEvent, note: Note | undefined, now: number): void {
    const told = note ?? event
    if (this.shown.has(told)) return
    this.shown.add(told)
    const call = oneLine(id)
    if (note === undefined || this.last !== event) {
      // What is found out later stands under no event of another call.
      const row =
        note === undefined
          ? { at: event.at, event: event.event, text: oneLine(event.text) }
          : { at: now, event: '', text: LATER }
      this.onRow({ call, kind: 'event', ...row })
      this.last = event
    }
    // The columns of a line are harmless, and stay as they are written.
    if (note !== undefined)
      this.onRow({ call, at: event.at, ...note, text: note.kind === 'line' ? note.text : oneLine(note.text) })
  }
}

const LATER = 'a wait is over'

function isOfAgent(note: Note | undefined, agent: string): boolean {
  return note?.kind === 'line' && note.text.split('|')[3] === agent
}

/** Whether an event tells of a member: `queue support connects PJSIP/trunk-1 to Jane on PJSIP/1001-2`. */
function isNamedIn(text: string, agent: string): boolean {
  return text.includes(` to ${agent} on `) || text.startsWith(`${agent} of queue `)
}

/** Whether what is told of a member is asked for: `Jane (PJSIP/1001) is a member of queue support`. */
function isOfMember(
  { call, number, queue, agent }: TapSelection,
  { text }: CallEvent,
  note: Note | undefined,
): boolean {
  if (call !== undefined || number !== undefined) return false
  const [, , ofQueue, ofAgent] = note?.kind === 'line' ? note.text.split('|') : []
  const isItsQueue =
    queue === undefined || ofQueue === queue || (note === undefined && text.endsWith(` queue ${queue}`))
  const isItsAgent =
    agent === undefined ||
    ofAgent === agent ||
    (note === undefined && (text.startsWith(`${agent} (`) || text.includes(` (${agent}) `)))
  return isItsQueue && isItsAgent
}
