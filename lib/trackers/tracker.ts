import type { AmiMessage } from '../ami/message.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log.ts'

/** What a tracker knows of a call that is not over. */
export interface OpenCall {
  callid: string
  queuename: string
  agent: string
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

/** What a tracker mostly has to add. It is asked three times a record, so that this is not made anew each time. */
export const NO_LINES: QueueLogFields[] = []

/** The lines that a tracker has collected, which it gives away. */
export function taken(lines: QueueLogFields[]): QueueLogFields[] {
  return lines.length === 0 ? NO_LINES : lines.splice(0)
}

/**
 * A tracker: a pure state machine that reads every record of the stream and adds queue_log lines of its own. It has no
 * clock, no timer and no I/O; what it waits for is over when the stream's clock says so.
 *
 * It never passes on the records it reads: the stage around it does, so a tracker cannot lose or reorder any.
 */
export interface Tracker {
  /** The events whose headers it reads. */
  readonly events: ReadonlySet<string>

  /**
   * The lines that stand behind an AMI message of {@link events}.
   *
   * @param at the time of the event, ms since the epoch
   */
  afterMessage(message: AmiMessage, at: number): QueueLogFields[]

  /**
   * The lines that were due before an event, whatever it is: they stand before it. Called before {@link afterMessage}.
   *
   * @param now the stream's clock: the greatest time seen so far, ms since the epoch
   */
  afterTime(now: number): QueueLogFields[]

  /** The lines that stand before a line of an earlier stage. */
  beforeLine?(line: QueueLogRecord): QueueLogFields[]

  /** The lines that stand behind a line of an earlier stage. */
  afterLine?(line: QueueLogRecord): QueueLogFields[]

  /** The lines that are still to be written when the stream ends. */
  atEnd?(): QueueLogFields[]

  /** Set by who wants to know; a tracker has no reasons to give while it is not. */
  onUnwritten?: OnUnwritten | undefined

  /** The calls it follows at the moment, for a person who wants to know. */
  openCalls(): OpenCall[]

  /** How many entries all its tables hold: none when no call is open. */
  readonly size: number
}
