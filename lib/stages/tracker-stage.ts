import type { Transform } from 'node:stream'
import { type QueueLogFields, QueueLogRecord } from '../queue-log.ts'
import type { Batch, StageRecord } from '../record.ts'
import { StreamClock } from '../stream-clock.ts'
import { NO_LINES, type Tracker } from '../trackers/tracker.ts'
import { objectStage } from './object-stage.ts'

/**
 * Makes trackers an object stream, one behind the other: every record passes on in its order, and each tracker reads what
 * the one before it passed on and added. Its lines stand behind the AMI message that caused them; those that only had to
 * wait, before the message that shows that the time is over.
 *
 * One stream for all of them: a stream of its own for each costs a live daemon more than the tracking itself.
 */
export function trackerStage(...trackers: readonly Tracker[]): Transform {
  const { pass, end } = trackerSteps(trackers)
  return objectStage<Batch, Batch>(pass, () => {
    const rest = end()
    return rest.length > 0 ? rest : undefined
  })
}

/** What a stage does with its records, without the stream. */
export interface Step {
  /** What goes on of some records. */
  pass: (batch: Batch) => Batch
  /** What is left when there are no more. */
  end: () => Batch
}

/** Trackers one behind the other: each record goes through all of them before the next one. */
export function trackerSteps(trackers: readonly Tracker[]): Step {
  const clock = new StreamClock()
  /** The time of the message at hand. */
  let at = 0

  /** Passes a record through the trackers from the `n`th on. */
  function pass(record: StageRecord, n: number, out: Batch): void {
    const tracker = trackers[n]
    if (tracker === undefined) {
      out.push(record)
    } else if (record.kind === 'ami') {
      write(tracker.afterTime(clock.now), n, out)
      pass(record, n + 1, out)
      if (tracker.events.has(record.event)) write(tracker.afterMessage(record, at), n, out)
    } else if (record.kind === 'queue_log') {
      write(tracker.beforeLine?.(record), n, out)
      pass(record, n + 1, out)
      write(tracker.afterLine?.(record), n, out)
    } else {
      pass(record, n + 1, out)
    }
  }

  /** Passes the lines of the `n`th tracker on to those behind it. */
  function write(lines: readonly QueueLogFields[] = NO_LINES, n: number, out: Batch): void {
    for (const line of lines) pass(new QueueLogRecord(line), n + 1, out)
  }

  return {
    pass: (batch) => {
      const out: Batch = []
      for (const record of batch) {
        // What follows from one and the same message has one time in all trackers.
        if (record.kind === 'ami') at = clock.observe(record)
        pass(record, 0, out)
      }
      return out
    },
    end: () => {
      const out: Batch = []
      for (const [n, tracker] of trackers.entries()) write(tracker.atEnd?.(), n, out)
      return out
    },
  }
}
