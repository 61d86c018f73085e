import { OWN_EVENTS } from '../ami/own-events.ts'
import type { Batch } from '../records/record.ts'
import { neededEvents } from '../trackers/table.ts'

/** How many events of which kinds have come, and when the last one did. */
export class EventCounts {
  private readonly known = new Map(
    [...neededEvents].filter((event) => !OWN_EVENTS.has(event)).map((event) => [event, { count: 0 }]),
  )
  private others = 0
  private lastTimestamp: number | undefined
  private lastLagMs: number | undefined

  /** When the last one was read, by the clock of this machine: ms since the epoch. */
  lastReadAt: number | undefined

  /** Counts an event. A server may send names without end: those that no tracker reads are one kind. */
  count(event: string): void {
    const known = this.known.get(event)
    if (known !== undefined) known.count++
    else if (OWN_EVENTS.has(event)) return
    else this.others++
    this.lastReadAt = Date.now()
  }

  /** Takes note of how late some records are as they go to the trackers. */
  handedOn(batch: Batch): void {
    for (let n = batch.length - 1; n >= 0; n--) {
      const record = batch[n]
      if (record?.kind !== 'ami' || record.timestamp === undefined) continue
      this.lastTimestamp = record.timestamp
      this.lastLagMs = Date.now() - record.timestamp
      return
    }
  }

  /**
   * How far tracking is behind the Timestamps of the stream, in ms by the clock of this machine; undefined before the
   * first.
   *
   * @param doMoreWait whether there are events that were not handed on: they are older by the minute
   */
  lagMs(doMoreWait: boolean): number | undefined {
    return doMoreWait && this.lastTimestamp !== undefined ? Date.now() - this.lastTimestamp : this.lastLagMs
  }

  /** The counts by the names of events; `other` is of all that no tracker reads. */
  *byEvent(): Generator<[event: string, count: number]> {
    for (const [event, { count }] of this.known) yield [event, count]
    yield ['other', this.others]
  }
}
