import type { OnSettled } from '../queue-log/outcome.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log/record.ts'
import { lookUp, type QueueLogTail } from '../queue-log/tail.ts'
import type { Log } from '../text/log.ts'
import type { State } from './state.ts'

export interface UnsettledLinesOptions {
  /** The queue_log into which the lines go, where it can be read. */
  tail: QueueLogTail | undefined
  log: Log
  /** Told of what became of a line that was on its way then, if it is not written again. */
  onSettled: OnSettled
}

/**
 * The lines that were not written before the process ended, and are to be. Of one that was on its way then, the
 * queue_log itself tells whether it arrived; where that cannot be read it is given up, as it might be there twice.
 */
export async function unsettledLines(
  state: State,
  { tail, log, onSettled }: UnsettledLinesOptions,
): Promise<QueueLogRecord[]> {
  const doubtful = state.unsettled.filter((record) => state.wasSent(record))
  const isThere = doubtful.length === 0 ? () => undefined : await look(doubtful)
  return state.unsettled.filter((record) => {
    if (!state.wasSent(record)) return true
    const found = isThere(record)
    if (found === false) return true
    if (found === undefined) {
      const line = formatQueueLogLine(record).trimEnd()
      log.warn(
        `it is unknown whether Asterisk wrote this line before the restart; ami-track does not write it again: ${line}`,
      )
    }
    onSettled(record, found === undefined ? 'unanswered' : 'written')
    return false
  })

  async function look(lines: readonly QueueLogRecord[]): Promise<(record: QueueLogRecord) => boolean | undefined> {
    try {
      // Those that are known to be there are counted off, or one of them would be taken for another of the same words.
      if (tail !== undefined) return await lookUp(tail, lines, state.settled)
    } catch (error) {
      log.warn(`cannot search the queue_log ${tail?.name}: ${(error as Error).message}`)
    }
    return () => undefined
  }
}
