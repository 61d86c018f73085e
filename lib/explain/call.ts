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

/** For how long a channel was in a bridge, on hold, heard music or stood in a lot. */
export interface Span {
  readonly kind: 'bridge' | 'hold' | 'music' | 'parking'
  readonly uniqueid: string
  readonly label: string
  /** ms since the epoch */
  readonly begin: number
  /** ms since the epoch; undefined if the dump does not tell. */
  end: number | undefined
}

export interface CallChannel {
  readonly uniqueid: string
  name: string
  /** The caller's number and name, and the extension it was created with. */
  number: string
  callerName: string
  exten: string
  /** ms since the epoch; undefined if the dump does not tell. */
  begin: number | undefined
  up: number | undefined
  end: number | undefined
}

/** A call from its first channel to its last, with all that joined it. */
export interface ExplainedCall {
  /** The Linkedid with which it began, or the Uniqueid where that is not known. */
  readonly id: string
  /** In the order in which they were seen. */
  readonly channels: CallChannel[]
  readonly events: CallEvent[]
  readonly spans: Span[]
  /** How many lines of ours it has, and how many reasons why there is none. */
  readonly lines: number
  readonly reasons: number
  /** How many events were left out as there were too many. */
  readonly omitted: number
  /** Whether the dump tells its end. */
  readonly isOver: boolean
}

/** The first and the last moment of a call: ms since the epoch. */
export function boundsOf({ events, channels }: ExplainedCall): { begin: number; end: number } {
  const times = [
    ...events.map(({ at }) => at),
    ...channels.flatMap(({ begin, end }) => [begin ?? [], end ?? []].flat()),
  ]
  let begin = times[0] ?? 0
  let end = begin
  for (const at of times) {
    begin = Math.min(begin, at)
    end = Math.max(end, at)
  }
  return { begin, end }
}
