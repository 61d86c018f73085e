import type { AmiMessage } from '../ami/message.ts'
import { RESYNC_END, TICK, UNSTAMPED_EVENTS } from '../ami/own-events.ts'

/**
 * The first event after a login carries no Timestamp even with `timestampevents=yes` (16.28, 22.10): the one that it has
 * is of the reader's clock, which may be another than that of all further events. Nor is the time at which a session
 * began that of an event.
 */
const NO_CLOCK: ReadonlySet<string> = new Set(['FullyBooted', RESYNC_END, ...UNSTAMPED_EVENTS])

const EPOCH_OF_UNIQUEID = /(?:^|-)(\d{9,11})\.\d+$/

/** Stamps run back by one or two ms of their own; by more than this, the clock was set back. */
const SET_BACK_MS = 1000

/**
 * The time of a stream, taken from the stream itself: no tracker ever looks at the clock of the machine, so a replay
 * gives what the live run gave.
 */
export class StreamClock {
  /**
   * The greatest time seen, in ms since the epoch; 0 before the first. Real stamps run back by a millisecond now and then.
   * Where they run back by more than {@link SET_BACK_MS}, the server's clock was set back, or another dump begins: then
   * this goes on from where it was, so that what waits for a time to pass does not wait for the old time to come again.
   */
  now = 0
  private setBackBy = 0
  private timeOfLast = 0
  private stamped = false

  /**
   * Takes in the next message of the stream.
   *
   * The time of an event is its Timestamp header (`timestampevents=yes`, or stamped by the reader), else that of the
   * event before it. In a dump without any, the epoch in the Uniqueid of a new channel moves the clock, and
   * that of the first channel seen sets it.
   *
   * @returns the message's own time, in ms since the epoch with a fraction (Asterisk stamps µs)
   */
  observe(message: AmiMessage): number {
    if (message.event === '' || NO_CLOCK.has(message.event)) return this.timeOfLast
    const stamp = message.timestamp
    if (stamp !== undefined) {
      this.stamped ||= message.event !== TICK
      if (stamp < this.timeOfLast - SET_BACK_MS) this.setBackBy += this.timeOfLast - stamp
      this.timeOfLast = stamp
    } else if (!this.stamped && (message.event === 'Newchannel' || this.timeOfLast === 0)) {
      const epoch = EPOCH_OF_UNIQUEID.exec(message.get('Uniqueid') ?? '')?.[1]
      if (epoch !== undefined) this.timeOfLast = Math.max(this.timeOfLast, Number(epoch) * 1000)
    }
    this.now = Math.max(this.now, this.timeOfLast + this.setBackBy)
    return this.timeOfLast
  }

  /** How the server would stamp an event at a time of this clock. Both are ms since the epoch. */
  stampOf(now: number): number {
    return now - this.setBackBy
  }
}
