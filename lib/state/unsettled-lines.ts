import type { OnSettled } from '../queue-log/outcome.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log/record.ts'
import { lookUp, type QueueLogTail } from '../queue-log/tail.ts'
import type { Log } from '../text/log.ts'
import type { State } from './state.ts'

export interface UnsettledLinesOptions {
  /** The queue_log into which the lines go, if it can be read. */
  tail: QueueLogTail | undefined
  log: Log
  /** Called with the result for a line that was on its way then, if it is not written again. */
  onSettled: OnSettled
}

/**
 * The lines that were not written before the process ended, and must be written. If a line was on its way then, the
 * queue_log shows whether it arrived. If the queue_log cannot be read, the line is given up, because it might be there
 * twice.
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
      // Lines that are known to be there are subtracted. Otherwise one of them would be taken for another line with the
      // same words.
      if (tail !== undefined) return await lookUp(tail, lines, state.settled)
    } catch (error) {
      log.warn(`cannot search the queue_log ${tail?.name}: ${(error as Error).message}`)
    }
    return () => undefined
  }
}
