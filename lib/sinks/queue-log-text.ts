import type { Transform } from 'node:stream'
import type { OnSettled } from '../queue-log/outcome.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log/record.ts'
import { objectStage } from '../streams/object-stage.ts'

/**
 * Arrays of queue_log records in, their lines out, for a stream of bytes.
 *
 * @param onSettled told of each line that goes out: nobody hears whether it arrives
 */
export function queueLogText(onSettled?: OnSettled): Transform {
  return objectStage<QueueLogRecord[], Buffer>((lines) => {
    if (onSettled !== undefined) for (const line of lines) onSettled(line, 'written')
    return Buffer.from(lines.map(formatQueueLogLine).join(''), 'utf8')
  })
}
