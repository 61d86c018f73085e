import type { CallChannel, CallEvent, ExplainedCall, Note, Omitted, Span, Station } from './call.ts'

/** More events of one call are not kept, but for those that have a line. */
const MAX_EVENTS = 5_000

/** A call as long as it is put together. */
export interface CallRecord {
  readonly id: string
  /** Its channels, in the order in which they were seen. */
  readonly byUniqueid: Map<string, CallChannel>
  readonly events: CallEvent[]
  readonly spans: Span[]
  /** The spans that have not ended. */
  readonly open: Map<string, Span>
  readonly stations: Station[]
  /** The Uniqueids of the channels that have not hung up. */
  readonly live: Set<string>
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

export function newRecord(id: string): CallRecord {
  return {
    id,
    byUniqueid: new Map(),
    events: [],
    spans: [],
    open: new Map(),
    stations: [],
    live: new Set(),
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
export function channelOf(record: CallRecord, uniqueid: string): CallChannel {
  let channel = record.byUniqueid.get(uniqueid)
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
    record.byUniqueid.set(uniqueid, channel)
  }
  return channel
}

/** Moves all of a call into the one that it turns out to be a part of. */
export function joinInto(record: CallRecord, part: CallRecord): void {
  record.joins += 1 + part.joins
  for (const [uniqueid, channel] of part.byUniqueid) record.byUniqueid.set(uniqueid, channel)
  for (const event of part.events) record.events.push(event)
  for (const span of part.spans) record.spans.push(span)
  for (const [key, span] of part.open) record.open.set(key, span)
  for (const station of part.stations) record.stations.push(station)
  for (const uniqueid of part.live) record.live.add(uniqueid)
  for (const number of part.numbers) record.numbers.add(number)
  for (const queue of part.queues) record.queues.add(queue)
  for (const reason of part.reasonsTold) record.reasonsTold.add(reason)
  record.omitted.events += part.omitted.events
  record.omitted.spans += part.omitted.spans
  record.omitted.stations += part.omitted.stations
  record.lines += part.lines
  record.reasons += part.reasons
}

export function addEvent(record: CallRecord, event: CallEvent): void {
  if (record.events.length < MAX_EVENTS) {
    record.events.push(event)
  } else {
    record.tooMany.add(event)
    record.omitted.events++
  }
}

/** Puts a note under an event of a call. The same reason is told once of a channel. @returns whether it was */
export function addNote(record: CallRecord, event: CallEvent, note: Note): boolean {
  if (note.kind === 'reason') {
    const key = JSON.stringify([event.from, note.text])
    if (record.reasonsTold.has(key)) return false
    record.reasonsTold.add(key)
    record.reasons++
  } else if (record.tooMany.delete(event)) {
    record.events.push(event)
    record.omitted.events--
  }
  if (note.kind === 'line') record.lines++
  event.notes.push(note)
  return true
}

/** A call as it is shown. */
export function explained(record: CallRecord): ExplainedCall {
  const { id, byUniqueid, events, spans, stations, lines, reasons, omitted, live } = record
  const channels = [...byUniqueid.values()].sort(byBegin)
  events.sort((one, other) => one.number - other.number)
  spans.sort((one, other) => one.begin.number - other.begin.number)
  stations.sort((one, other) => one.moment.number - other.moment.number)
  return { id, channels, events, spans, stations, lines, reasons, omitted, isOver: live.size === 0 }
}

function byBegin(one: CallChannel, other: CallChannel): number {
  return (one.begin?.number ?? -1) - (other.begin?.number ?? -1)
}
