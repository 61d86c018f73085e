import type { AmiMessage } from './ami/message.ts'

const EPOCH_OF_UNIQUEID = /(?:^|-)(\d{9,11})\.\d+$/

/**
 * The time of a stream, taken from the stream itself: no tracker ever looks at the clock of the machine, so a replay
 * gives what the live run gave.
 */
export class StreamClock {
  /** The greatest time seen, in ms since the epoch; 0 before the first. Real stamps run back by a millisecond now and then. */
  now = 0
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
    if (message.event === '') return this.timeOfLast
    const stamp = message.timestamp
    if (stamp !== undefined) {
      this.stamped = true
      this.timeOfLast = stamp
    } else if (!this.stamped && (message.event === 'Newchannel' || this.timeOfLast === 0)) {
      const epoch = EPOCH_OF_UNIQUEID.exec(message.get('Uniqueid') ?? '')?.[1]
      if (epoch !== undefined) this.timeOfLast = Math.max(this.timeOfLast, Number(epoch) * 1000)
    }
    if (this.timeOfLast > this.now) this.now = this.timeOfLast
    return this.timeOfLast
  }
}
