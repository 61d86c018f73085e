import type { Transform, TransformCallback } from 'node:stream'
import { objectTransform } from 'through2'
import type { OnSettled } from '../queue-log/outcome.ts'
import type { QueueCallMark } from '../queue-log/queue-call-marks.ts'
import { formatQueueLogLine, QueueLogRecord } from '../queue-log/record.ts'
import { lookUp } from '../queue-log/tail.ts'
import { CHUNKS_HELD } from '../streams/object-stage.ts'
import type { Log } from '../text/log.ts'
import type { State } from './state.ts'

/** What passes: the marks do as they are. */
type Item = QueueLogRecord | QueueCallMark

export interface UnsettledLinesOptions {
  /** The queue_log into which the lines go, where it can be read. */
  tail: { path: string; isStampedByAsterisk: boolean } | undefined
  log: Log
  /** Told of what became of a line that was on its way then, if it is not written again. */
  onSettled: OnSettled
}

/**
 * Arrays of queue_log records in; out, those that were not written before the process ended. Of one that was on its way
 * then, the file itself tells whether it arrived; where that cannot be read it is given up, as it might be there twice.
 */
export function unsettledLines(state: State, { tail, log, onSettled }: UnsettledLinesOptions): Transform {
  const written: QueueLogRecord[] = []

  function isInDoubt({ number }: QueueLogRecord): boolean {
    return number !== undefined && !state.isSettled(number) && state.wasSent(number)
  }

  async function look(doubtful: readonly QueueLogRecord[]): Promise<(record: QueueLogRecord) => boolean | undefined> {
    try {
      if (tail !== undefined) return await lookUp(tail, doubtful, written)
    } catch (error) {
      log.debug(`nothing can be looked up in ${tail?.path}: ${(error as Error).message}`)
    }
    return () => undefined
  }

  async function leftOf(all: readonly Item[]): Promise<Item[]> {
    const records = all.filter((item) => item instanceof QueueLogRecord)
    const isSettled = ({ number }: QueueLogRecord): boolean => number !== undefined && state.isSettled(number)
    for (const record of records) if (isSettled(record)) written.push(record)
    const doubtful = records.filter(isInDoubt)
    const isThere = doubtful.length === 0 ? () => undefined : await look(doubtful)
    const settledNow = new Set<QueueLogRecord>()
    for (const record of doubtful) {
      const found = isThere(record)
      if (found === false) continue
      settledNow.add(record)
      if (found === undefined) {
        const line = formatQueueLogLine(record).trimEnd()
        log.warn(
          `it is not known whether Asterisk wrote this line before the restart; it is not written again: ${line}`,
        )
      }
      onSettled(record, found === undefined ? 'unanswered' : 'written')
    }
    return all.filter((item) => !(item instanceof QueueLogRecord) || !(isSettled(item) || settledNow.has(item)))
  }

  function transform(records: Item[], _encoding: BufferEncoding, done: TransformCallback): void {
    leftOf(records).then((left) => done(null, left.length > 0 ? left : undefined), done)
  }
  return objectTransform({ highWaterMark: CHUNKS_HELD }, transform) as unknown as Transform
}
