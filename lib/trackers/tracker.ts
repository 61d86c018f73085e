import type { Calls } from '../calls/calls.ts'
import type { Change, Followed } from '../calls/change.ts'
import type { Deadline, DeadlineOptions } from '../calls/deadlines.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'

/** What a tracker knows of a call that is not over. */
export interface OpenCall {
  /** The call, as its lines name it. */
  callid: string
  /** The queue. */
  queuename: string
  /** The agent; `NONE` if it has none. */
  agent: string
  /** The other party's: who is called, parked, or waited in the queue; '' if it is not known. */
  number: string
  /** The parking space, which fetches the call where the dialplan has the extensions of res_parking; '' if it is not parked. */
  space: string
  /** What happens to it. */
  state: 'dialling' | 'ringing' | 'parked' | 'connected' | 'on hold'
  /** Since when it is in this state: ms since the epoch. */
  since: number
}

/**
 * Told why something that a channel did gives no line, for a person who wonders.
 *
 * @param uniqueid the channel; '' where it is nobody's
 */
export type OnUnwritten = (uniqueid: string, reason: string) => void

/** A kind of change, and what a tracker does about it. */
export type Rules = { readonly [Kind in Change['kind']]?: (change: Change & { readonly kind: Kind }) => void }

/** What a tracker is made with: the model that it follows, and where its lines go. */
export interface Surroundings {
  readonly calls: Calls
  /** Writes a line. It stands behind the message that is at hand, or before the one that shows that time has passed. */
  readonly write: (line: QueueLogFields) => void
  /** Lets something happen later, by the stream's clock. */
  readonly after: (ms: number, what: () => void, options?: Pick<DeadlineOptions, 'happensAtEnd'>) => Deadline
}

/**
 * A tracker: rules, what lines are written for which change, and the little that it has to remember of its own lines. It
 * reads no message, has no clock and no I/O.
 */
export interface Tracker {
  readonly rules: Rules

  /** What stands before a line of an earlier tracker. */
  beforeLine?(line: QueueLogRecord): void

  /** What stands behind a line of an earlier tracker. */
  afterLine?(line: QueueLogRecord): void

  /**
   * The stream is at its end.
   *
   * @param now ms since the epoch
   */
  atEnd?(now: number): void

  /** Called behind the changes of each message. */
  afterChanges?(changes: readonly Change[]): void

  /** Set by who wants to know; a tracker has no reasons to give while it is not. */
  onUnwritten?: OnUnwritten | undefined

  /** The calls it follows at the moment, for a person who wants to know. */
  openCalls(): OpenCall[]

  /** How many entries all its tables hold: none when no call is open. */
  readonly size: number
}

export type { Followed }
