import type { CallChannel, CallEvent, ExplainedCall, Note, Omitted, Span, Station } from './call.ts'

/** More events of one call are not kept, but for those that have a line. */
const MAX_EVENTS = 5_000

/** A call as long as it is put together. */
export interface CallDraft {
  readonly id: string
  /** Its channels, in the order in which they were seen. */
  readonly byUniqueid: Map<string, CallChannel>
  readonly events: CallEvent[]
  readonly spans: Span[]
  /** The spans that have not ended. */
  readonly open: Map<string, Span>
  readonly stations: Station[]
  /** The Uniqueids of the channels that have not hung up. */
  readonly notHungUp: Set<string>
  /** What it can be asked for by. */
  readonly numbers: Set<string>
  readonly queues: Set<string>
  readonly reasonsTold: Set<string>
  /** Events beyond the greatest number. */
  readonly tooMany: WeakSet<CallEvent>
  readonly omitted: Omitted
  lines: number
  reasons: number
  /** How often another one was joined to it. */
  joins: number
  /** When its last channel hung up, by the stream's clock: ms since the epoch. */
  closedAt: number
}

export function newDraft(id: string): CallDraft {
  return {
    id,
    byUniqueid: new Map(),
    events: [],
    spans: [],
    open: new Map(),
    stations: [],
    notHungUp: new Set(),
    numbers: new Set(),
    queues: new Set(),
    reasonsTold: new Set(),
    tooMany: new WeakSet(),
    omitted: { events: 0, spans: 0, stations: 0 },
    lines: 0,
    reasons: 0,
    joins: 0,
    closedAt: 0,
  }
}

/** The channel of this Uniqueid in a call, which has it from now on. */
export function channelOf(draft: CallDraft, uniqueid: string): CallChannel {
  let channel = draft.byUniqueid.get(uniqueid)
  if (channel === undefined) {
    channel = {
      uniqueid,
      name: '',
      number: '',
      callerName: '',
      exten: '',
      begin: undefined,
      up: undefined,
      end: undefined,
    }
    draft.byUniqueid.set(uniqueid, channel)
  }
  return channel
}

/** Moves all of a call into the one that it turns out to be a part of. */
export function joinInto(draft: CallDraft, part: CallDraft): void {
  draft.joins += 1 + part.joins
  for (const [uniqueid, channel] of part.byUniqueid) draft.byUniqueid.set(uniqueid, channel)
  for (const event of part.events) draft.events.push(event)
  for (const span of part.spans) draft.spans.push(span)
  for (const [key, span] of part.open) draft.open.set(key, span)
  for (const station of part.stations) draft.stations.push(station)
  for (const uniqueid of part.notHungUp) draft.notHungUp.add(uniqueid)
  for (const number of part.numbers) draft.numbers.add(number)
  for (const queue of part.queues) draft.queues.add(queue)
  for (const reason of part.reasonsTold) draft.reasonsTold.add(reason)
  draft.omitted.events += part.omitted.events
  draft.omitted.spans += part.omitted.spans
  draft.omitted.stations += part.omitted.stations
  draft.lines += part.lines
  draft.reasons += part.reasons
}

export function addEvent(draft: CallDraft, event: CallEvent): void {
  if (draft.events.length < MAX_EVENTS) {
    draft.events.push(event)
  } else {
    draft.tooMany.add(event)
    draft.omitted.events++
  }
}

/** Puts a note under an event of a call. The same reason is told once of a channel. @returns whether it was */
export function addNote(draft: CallDraft, event: CallEvent, note: Note): boolean {
  if (note.kind === 'reason') {
    const key = JSON.stringify([event.from, note.text])
    if (draft.reasonsTold.has(key)) return false
    draft.reasonsTold.add(key)
    draft.reasons++
  } else if (draft.tooMany.delete(event)) {
    draft.events.push(event)
    draft.omitted.events--
  }
  if (note.kind === 'line') draft.lines++
  event.notes.push(note)
  return true
}

/**
 * Forgets of a call what was long ago: its first events, and the first channels that have hung up. Who asks for a call by
 * what is forgotten does not find it any more.
 *
 * @param most of each it keeps so many
 * @param until ms since the epoch: channels that hung up later are kept, for lines of them may come
 * @returns the Uniqueids that it does not know any more
 */
export function keepLast(draft: CallDraft, most: number, until: number): string[] {
  const { byUniqueid, events, spans, stations, open } = draft
  events.sort(byNumber)
  events.splice(0, events.length - most)
  for (const names of [draft.numbers, draft.queues, draft.reasonsTold]) forgetFirst(names, names.size - most)
  const over = [...byUniqueid.values()].filter(
    ({ uniqueid, end }) => !draft.notHungUp.has(uniqueid) && (end?.at ?? 0) < until,
  )
  const forgotten = over.slice(0, Math.max(0, over.length - most)).map(({ uniqueid }) => uniqueid)
  for (const uniqueid of forgotten) byUniqueid.delete(uniqueid)
  stations.splice(0, stations.length - most)
  spans.splice(0, spans.length, ...open.values())
  return forgotten
}

function forgetFirst(names: Set<string>, count: number): void {
  for (const name of [...names].slice(0, Math.max(0, count))) names.delete(name)
}

/** A call as it is shown. */
export function explained(draft: CallDraft): ExplainedCall {
  const { id, byUniqueid, events, spans, stations, lines, reasons, omitted, notHungUp } = draft
  const channels = [...byUniqueid.values()].sort(byBegin)
  events.sort(byNumber)
  spans.sort((one, other) => one.begin.number - other.begin.number)
  stations.sort((one, other) => one.moment.number - other.moment.number)
  return { id, channels, events, spans, stations, lines, reasons, omitted, isOver: notHungUp.size === 0 }
}

/** Sorts events into the order in which they came. */
export function byNumber(one: CallEvent, other: CallEvent): number {
  return one.number - other.number
}

function byBegin(one: CallChannel, other: CallChannel): number {
  return (one.begin?.number ?? -1) - (other.begin?.number ?? -1)
}
