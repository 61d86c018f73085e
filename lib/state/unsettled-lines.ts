import type { Log } from '../log.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log.ts'
import type { OnSettled } from '../sinks/outcome.ts'
import { QueueLogTail } from './queue-log-tail.ts'
import type { State } from './state.ts'

export interface UnsettledLinesOptions {
  /** The queue_log into which the lines go, where it can be read. */
  tail: { path: string; isStampedByAsterisk: boolean } | undefined
  log: Log
  /** Told of what became of a line that was on its way then, if it is not written again. */
  onSettled: OnSettled
}

/**
 * The lines that were not written before the process ended, and are to be. Of one that was on its way then, the file
 * itself tells whether it arrived; where that cannot be read it is given up, as it might be there twice.
 */
export function unsettledLines(state: State, { tail, log, onSettled }: UnsettledLinesOptions): QueueLogRecord[] {
  let file: QueueLogTail | undefined
  try {
    file = tail === undefined ? undefined : new QueueLogTail(tail.path, tail.isStampedByAsterisk)
  } catch (error) {
    log.debug(`nothing can be looked up in ${tail?.path}: ${(error as Error).message}`)
  }
  // Those that are known to be there are counted off, or one of them would be taken for another of the same words.
  for (const record of state.settled) file?.take(record)
  return state.unsettled.filter((record) => {
    if (!state.wasSent(record)) return true
    if (file !== undefined && !file.take(record)) return true
    if (file === undefined) {
      const line = formatQueueLogLine(record).trimEnd()
      log.warn(`it is not known whether Asterisk wrote this line before the restart; it is not written again: ${line}`)
    }
    onSettled(record, file === undefined ? 'unanswered' : 'written')
    return false
  })
}
