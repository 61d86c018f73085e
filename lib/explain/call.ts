/** What a thing in the time line of a call is about. */
export type EventKind =
  | 'channel'
  | 'dial'
  | 'bridge'
  | 'hold'
  | 'parking'
  | 'queue'
  | 'transfer'
  | 'hangup'
  | 'member'
  | 'time'

/** What is told under an event: a line of ours, one of Asterisk's own, or why there is none. */
export interface Note {
  readonly kind: 'line' | 'asterisk' | 'reason'
  /** A line of queue_log without its line end, or the reason. */
  readonly text: string
  /** The option that switches the tracker on which gave the reason. */
  readonly tracker?: string
}

/** One event of a call, as a person reads it. */
export interface CallEvent {
  /** In the order of the dump: times may run back by a millisecond. */
  readonly number: number
  /** ms since the epoch */
  readonly at: number
  readonly kind: EventKind
  /** The AMI event's name; '' where only time has passed. */
  readonly event: string
  /** The Uniqueids of who does it, and of whom it is done to; '' where nobody is. */
  readonly from: string
  readonly to: string
  /** What `from` does to `to`, with their names. */
  readonly text: string
  readonly notes: Note[]
}

/** When something began or ended: of several events of one time, `number` tells which one it was. */
export interface Moment {
  /** {@link CallEvent.number} of the event */
  readonly number: number
  /** ms since the epoch */
  readonly at: number
}

/**
 * What a channel was in for a while: a bridge, a hold of its own (`hold`), the music of somebody else's hold (`held`), the
 * music of a queue, a lot or the dialplan (`waiting`), or a parking lot.
 */
export type SpanKind = 'bridge' | 'hold' | 'held' | 'waiting' | 'parking'

export interface Span {
  /** Whose music it is may show only in the event behind its start. */
  kind: SpanKind
  readonly uniqueid: string
  /** The BridgeUniqueid, or the parking lot and space; '' for others. */
  readonly place: string
  readonly begin: Moment
  /** undefined if the dump does not tell. */
  end: Moment | undefined
}

/** A place on the way of a call: a queue, one of its members, a lot and space, a phone, or a number that was dialled. */
export interface Station {
  readonly kind: 'queue' | 'member' | 'lot' | 'phone' | 'number'
  readonly name: string
  readonly moment: Moment
}

export interface CallChannel {
  readonly uniqueid: string
  name: string
  /** The caller's number and name, and the extension it was created with. */
  number: string
  callerName: string
  exten: string
  /** undefined if the dump does not tell. */
  begin: Moment | undefined
  up: Moment | undefined
  end: Moment | undefined
}

/** How many events, spans and stations a call has beyond those that are kept. */
export interface Omitted {
  events: number
  spans: number
  stations: number
}

/** A call from its first channel to its last, with all that joined it. */
export interface ExplainedCall {
  /** The Linkedid with which it began, or the Uniqueid where that is not known. */
  readonly id: string
  /** In the order in which they were seen. */
  readonly channels: CallChannel[]
  readonly events: CallEvent[]
  readonly spans: Span[]
  /** Where the call went behind the number that its first channel dialled, in that order. */
  readonly stations: Station[]
  /** How many lines of ours it has, and how many reasons why there is none. */
  readonly lines: number
  readonly reasons: number
  /** How much was left out as there was too much of it. */
  readonly omitted: Readonly<Omitted>
  /** Whether the dump tells its end. */
  readonly isOver: boolean
}

/** The first and the last moment of a call: ms since the epoch. */
export function boundsOf({ events, channels }: ExplainedCall): { begin: number; end: number } {
  const times = [
    ...events.map(({ at }) => at),
    ...channels.flatMap(({ begin, end }) => [begin?.at ?? [], end?.at ?? []].flat()),
  ]
  let begin = times[0] ?? 0
  let end = begin
  for (const at of times) {
    begin = Math.min(begin, at)
    end = Math.max(end, at)
  }
  return { begin, end }
}
