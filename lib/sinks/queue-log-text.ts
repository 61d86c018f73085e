import type { Transform } from 'node:stream'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log.ts'
import { objectStage } from '../stages/object-stage.ts'

/** Arrays of queue_log records in, their lines out, for a stream of bytes. */
export function queueLogText(): Transform {
  return objectStage<QueueLogRecord[], Buffer>((lines) => Buffer.from(lines.map(formatQueueLogLine).join(''), 'utf8'))
}
