import type { Transform } from 'node:stream'
import { type QueueLogFields, QueueLogRecord } from '../queue-log.ts'
import type { Batch, StageRecord } from '../record.ts'
import { StreamClock } from '../stream-clock.ts'
import type { Tracker } from '../trackers/tracker.ts'
import { batchStage } from './object-stage.ts'

/**
 * Makes a tracker an object stream: every record passes on in its order. The tracker's lines stand behind the AMI
 * message that caused them; those that only had to wait, before the message that shows that the time is over.
 */
export function trackerStage(tracker: Tracker): Transform {
  const clock = new StreamClock()

  function pass(record: StageRecord, out: Batch): void {
    if (record.kind === 'ami') {
      const at = clock.observe(record)
      write(out, tracker.afterTime(clock.now))
      out.push(record)
      if (tracker.events.has(record.event)) write(out, tracker.afterMessage(record, at))
    } else if (record.kind === 'queue_log') {
      write(out, tracker.beforeLine?.(record))
      out.push(record)
      write(out, tracker.afterLine?.(record))
    } else {
      out.push(record)
    }
  }

  return batchStage(pass, (out) => write(out, tracker.atEnd?.()))
}

function write(out: Batch, lines: QueueLogFields[] = []): void {
  for (const line of lines) out.push(new QueueLogRecord(line))
}
