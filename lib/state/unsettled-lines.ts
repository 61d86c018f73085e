import type { Transform } from 'node:stream'
import type { OnSettled } from '../queue-log/outcome.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log/record.ts'
import { QueueLogTail } from '../queue-log/tail.ts'
import { objectStage } from '../streams/object-stage.ts'
import type { Log } from '../text/log.ts'
import type { State } from './state.ts'

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
  let file: QueueLogTail | undefined
  try {
    file = tail === undefined ? undefined : new QueueLogTail(tail.path, tail.isStampedByAsterisk)
  } catch (error) {
    log.debug(`nothing can be looked up in ${tail?.path}: ${(error as Error).message}`)
  }

  function isToBeWritten(record: QueueLogRecord): boolean {
    const { number } = record
    if (number === undefined) return true
    if (state.isSettled(number)) {
      // Those that are known to be there are counted off, or one of them would be taken for another of the same words.
      file?.take(record)
      return false
    }
    if (!state.wasSent(number)) return true
    if (file !== undefined && !file.take(record)) return true
    if (file === undefined) {
      const line = formatQueueLogLine(record).trimEnd()
      log.warn(`it is not known whether Asterisk wrote this line before the restart; it is not written again: ${line}`)
    }
    onSettled(record, file === undefined ? 'unanswered' : 'written')
    return false
  }

  return objectStage<QueueLogRecord[], QueueLogRecord[]>((records) => {
    const left = records.filter(isToBeWritten)
    return left.length > 0 ? left : undefined
  })
}
