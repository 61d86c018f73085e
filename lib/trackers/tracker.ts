import type { Calls } from '../calls/calls.ts'
import type { Change, Followed } from '../calls/change.ts'
import type { Deadline, DeadlineOptions } from '../calls/deadlines.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'

/** What a tracker knows about an open call. */
export interface OpenCall {
  /** The call, as its lines name it. */
  callid: string
  /** The queue. */
  queuename: string
  /** The agent; `NONE` if it has none. */
  agent: string
  /**
   * The number of the other party: the called party, the parked caller, or the queue's caller; '' if it is not known.
   */
  number: string
  /**
   * The parking space; '' if the call is not parked. Dialling it picks the call up, if the dialplan has the extensions
   * of res_parking.
   */
  space: string
  /** What happens to it. */
  state: 'dialling' | 'ringing' | 'parked' | 'connected' | 'on hold'
  /** Since when it is in this state: ms since the epoch. */
  since: number
}

/**
 * Called with the reason why something that a channel did gives no line, for explain.
 *
 * @param uniqueid the channel; '' if no channel is concerned
 */
export type OnUnwritten = (uniqueid: string, reason: string) => void

/** A kind of change, and what a tracker does about it. */
export type Rules = { readonly [Kind in Change['kind']]?: (change: Change & { readonly kind: Kind }) => void }

/** What a tracker gets when it is created: the model that it follows, and where its lines go. */
export interface Surroundings {
  readonly calls: Calls
  /** Writes a line. It comes after the current message, or before the message that shows that time has passed. */
  readonly write: (line: QueueLogFields) => void
  /** Lets something happen later, by the stream's clock. */
  readonly after: (ms: number, what: () => void, options?: Pick<DeadlineOptions, 'happensAtEnd'>) => Deadline
}

/**
 * A tracker: rules (which lines are written for which change), and the little that it must remember about its own
 * lines. It reads no messages, and has no clock and no I/O.
 */
export interface Tracker {
  readonly rules: Rules

  /** Called before a line of an earlier tracker passes: lines that are written now come before it. */
  beforeLine?(line: QueueLogRecord): void

  /** Called after a line of an earlier tracker has passed: lines that are written now come after it. */
  afterLine?(line: QueueLogRecord): void

  /**
   * The stream is at its end.
   *
   * @param now ms since the epoch
   */
  atEnd?(now: number): void

  /** Called after the changes of each message. */
  afterChanges?(changes: readonly Change[]): void

  /** Set by code that wants the reasons. While it is not set, a tracker gives none. */
  onUnwritten?: OnUnwritten | undefined

  /** The calls that it follows now, for status pages. */
  openCalls(): OpenCall[]

  /** How many entries all its tables hold: none when no call is open. */
  readonly size: number
}

export type { Followed }
