import type { AmiMessage } from '../ami/message.ts'
import { OWN_EVENTS } from '../ami/own-events.ts'
import type { Batch, StageRecord } from '../records/record.ts'
import { neededEvents } from '../trackers/table.ts'

/** For how long, in ms, the greatest lag is told at least; for twice as long at most. */
const GREATEST_LAG_MS = 30_000

/** How many events of which kinds have come, and when the last one did. */
export class EventCounts {
  private readonly known = new Map(
    [...neededEvents].filter((event) => !OWN_EVENTS.has(event)).map((event) => [event, { count: 0 }]),
  )
  private others = 0
  private lastTimestamp: number | undefined
  private lastLagMs: number | undefined
  /** The greatest lag since `since`, and that of the time before. */
  private greatest = { since: 0, ms: Number.NEGATIVE_INFINITY, msBefore: Number.NEGATIVE_INFINITY }
  private readonly clock: () => number

  /** When the last one was read, by the clock of this machine: ms since the epoch. */
  lastReadAt: number | undefined

  /** @param clock of this machine: ms since the epoch */
  constructor(clock: () => number = Date.now) {
    this.clock = clock
  }

  /** Counts an event. A server may send names without end: those that no tracker reads are one kind. */
  count(event: string): void {
    const known = this.known.get(event)
    if (known !== undefined) known.count++
    else if (OWN_EVENTS.has(event)) return
    else this.others++
    this.lastReadAt = this.clock()
  }

  /** Takes note of how late some records are as they go to the trackers. */
  handedOn(batch: Batch): void {
    const now = this.clock()
    const last = batch.findLast(isTimed)
    const first = batch.find(isTimed)
    if (last?.timestamp === undefined || first?.timestamp === undefined) return
    this.lastTimestamp = last.timestamp
    this.lastLagMs = now - last.timestamp
    this.startAnew(now)
    this.greatest.ms = Math.max(this.greatest.ms, now - first.timestamp)
  }

  /**
   * How far tracking is behind the Timestamps of the stream, in ms by the clock of this machine; undefined before the
   * first. The greatest of the last 30 to 60 s, or a loop that stood still for a while would be caught up by the time that
   * somebody asks.
   *
   * @param doMoreWait whether there are events that were not handed on: they are older by the minute
   */
  lagMs(doMoreWait: boolean): number | undefined {
    if (this.lastTimestamp === undefined || this.lastLagMs === undefined) return undefined
    this.startAnew(this.clock())
    const now = doMoreWait ? this.clock() - this.lastTimestamp : this.lastLagMs
    const { ms, msBefore } = this.greatest
    return Math.max(now, ms, msBefore)
  }

  private startAnew(now: number): void {
    const { since, ms } = this.greatest
    const passed = now - since
    if (passed < GREATEST_LAG_MS) return
    this.greatest = {
      since: now,
      ms: Number.NEGATIVE_INFINITY,
      msBefore: passed < 2 * GREATEST_LAG_MS ? ms : Number.NEGATIVE_INFINITY,
    }
  }

  /** The counts by the names of events; `other` is of all that no tracker reads. */
  *byEvent(): Generator<[event: string, count: number]> {
    for (const [event, { count }] of this.known) yield [event, count]
    yield ['other', this.others]
  }
}

function isTimed(record: StageRecord): record is AmiMessage {
  return record.kind === 'ami' && record.timestamp !== undefined
}
