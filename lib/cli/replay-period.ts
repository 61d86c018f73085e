import type { Transform } from 'node:stream'
import type { AmiMessage } from '../ami/message.ts'
import type { Period } from '../options/moment.ts'
import type { QueueLogRecord } from '../queue-log/record.ts'
import type { Batch, StageRecord } from '../records/record.ts'
import { objectStage } from '../streams/object-stage.ts'
import { Failure } from '../text/exit.ts'

/**
 * The part of a replay whose lines are wanted. All of the dump is read, since only what was before tells which calls are
 * open.
 */
export class ReplayPeriod {
  private readonly since: number
  private readonly until: number
  /** The times of the first event and the last: ms since the epoch. */
  private begin = Number.POSITIVE_INFINITY
  private end = Number.NEGATIVE_INFINITY

  constructor({ since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: Period) {
    this.since = since
    this.until = until
  }

  /** To be told of each batch of the dump. */
  note(batch: Batch): void {
    const [first, last] = [batch.find(isStamped), batch.findLast(isStamped)]
    for (const time of [first?.timestamp, last?.timestamp]) {
      if (time === undefined) continue
      this.begin = Math.min(this.begin, time)
      this.end = Math.max(this.end, time)
    }
  }

  /** Passes the lines on whose times are within. */
  stage(): Transform {
    return objectStage<QueueLogRecord[], QueueLogRecord[]>((lines) => {
      const within = lines.filter(({ time }) => time >= this.since && time < this.until)
      return within.length > 0 ? within : undefined
    })
  }

  /** @throws Failure if the dump has no event within, which says when it was recorded */
  assertTouched(): void {
    if (this.end === Number.NEGATIVE_INFINITY) return
    if (this.begin < this.until * 1000 && this.end >= this.since * 1000) return
    const [begin, end] = [this.begin, this.end].map((ms) => new Date(ms).toISOString())
    throw new Failure(`the dump has no event between --since and --until: it begins at ${begin} and ends at ${end}`)
  }
}

function isStamped(record: StageRecord): record is AmiMessage {
  return record.kind === 'ami' && record.timestamp !== undefined
}
