import type { AmiMessage } from '../ami/message.ts'
import { RESYNC_END, TICK, UNSTAMPED_EVENTS } from '../ami/own-events.ts'

/**
 * The first event after a login has no Timestamp, even with `timestampevents=yes` (16.28, 22.10). The Timestamp that it
 * has in a stream comes from the reader's clock, which may differ from the clock of all later events. The time when a
 * session began is not the time of an event either.
 */
const NO_CLOCK: ReadonlySet<string> = new Set(['FullyBooted', RESYNC_END, ...UNSTAMPED_EVENTS])

const EPOCH_OF_UNIQUEID = /(?:^|-)(\d{9,11})\.\d+$/

/** Timestamps normally go back by one or two ms. If they go back by more than this, the clock was set back. */
const SET_BACK_MS = 1000

/**
 * The time of a stream, taken from the stream itself. No tracker looks at the clock of the machine, so a replay gives
 * the same lines as the live run.
 */
export class StreamClock {
  /**
   * The greatest time seen, in ms since the epoch; 0 before the first. Real timestamps sometimes go back by a
   * millisecond. If they go back by more than {@link SET_BACK_MS}, the server's clock was set back, or another dump
   * begins. Then this clock goes on from its old value, so that nothing waits until the old time comes again.
   */
  now = 0
  private setBackBy = 0
  private timeOfLast = 0
  private stamped = false

  /**
   * Takes in the next message of the stream.
   *
   * The time of an event is its Timestamp header (from Asterisk with `timestampevents=yes`, or from the reader),
   * otherwise the time of the event before it. In a dump without Timestamps, the epoch in the Uniqueid of a new channel
   * moves the clock, and the Uniqueid of the first channel sets it.
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

  /** The timestamp that the server would give an event at a time of this clock. Both are ms since the epoch. */
  stampOf(now: number): number {
    return now - this.setBackBy
  }
}
