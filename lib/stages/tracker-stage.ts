import type { Transform } from 'node:stream'
import { QueueLogRecord } from '../queue-log.ts'
import type { Batch, StageRecord } from '../record.ts'
import { StreamClock } from '../stream-clock.ts'
import type { Tracker } from '../trackers/tracker.ts'
import { batchStage } from './object-stage.ts'

/**
 * Makes a tracker an object stream: every record passes on in its order, and the tracker's lines stand behind the AMI
 * message that caused them, or before the line of an earlier stage.
 */
export function trackerStage(tracker: Tracker): Transform {
  const clock = new StreamClock()

  function pass(record: StageRecord, out: Batch): void {
    if (record.kind === 'queue_log') {
      for (const line of tracker.beforeLine(record)) out.push(new QueueLogRecord(line))
    }
    out.push(record)
    if (record.kind === 'ami') {
      const at = clock.observe(record)
      for (const line of tracker.afterTime(clock.now)) out.push(new QueueLogRecord(line))
      if (tracker.events.has(record.event)) {
        for (const line of tracker.afterMessage(record, at)) out.push(new QueueLogRecord(line))
      }
    }
  }

  return batchStage(pass, (out) => {
    for (const line of tracker.atEnd()) out.push(new QueueLogRecord(line))
  })
}
