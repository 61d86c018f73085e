import type { Transform } from 'node:stream'
import { type QueueLogFields, QueueLogRecord } from '../queue-log.ts'
import type { Batch, StageRecord } from '../record.ts'
import { StreamClock } from '../stream-clock.ts'
import type { Tracker } from '../trackers/tracker.ts'
import { objectStage } from './object-stage.ts'

/**
 * Makes trackers an object stream, one behind the other: every record passes on in its order, and each tracker reads what
 * the one before it passed on and added. Its lines stand behind the AMI message that caused them; those that only had to
 * wait, before the message that shows that the time is over.
 *
 * One stream for all of them: a stream of its own for each costs a live daemon more than the tracking itself.
 */
export function trackerStage(...trackers: readonly Tracker[]): Transform {
  const steps = trackers.map(trackerStep)
  return objectStage<Batch, Batch>(
    (batch) => steps.reduce((records, step) => step.pass(records), batch),
    () => {
      const rest = steps.reduce((records, step) => [...step.pass(records), ...step.end()], [] as Batch)
      return rest.length > 0 ? rest : undefined
    },
  )
}

interface Step {
  pass: (batch: Batch) => Batch
  end: () => Batch
}

function trackerStep(tracker: Tracker): Step {
  const clock = new StreamClock()

  function passOne(record: StageRecord, out: Batch): void {
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

  return {
    pass: (batch) => {
      const out: Batch = []
      for (const record of batch) passOne(record, out)
      return out
    },
    end: () => {
      const out: Batch = []
      write(out, tracker.atEnd?.())
      return out
    },
  }
}

function write(out: Batch, lines: QueueLogFields[] = []): void {
  for (const line of lines) out.push(new QueueLogRecord(line))
}
