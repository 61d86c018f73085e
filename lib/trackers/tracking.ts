import type { Transform } from 'node:stream'
import type { AmiMessage } from '../ami/message.ts'
import { type QueueLogFields, QueueLogRecord } from '../queue-log.ts'
import type { Batch } from '../record.ts'
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
  const readers = readersByEvent(trackers)

  /** What a tracker adds goes through those behind it: the first stands farthest from the message, on either side. */
  function passMessage(message: AmiMessage, out: Batch): void {
    // What follows from one and the same message has one time in all trackers.
    const at = clock.observe(message)
    for (let n = 0; n < trackers.length; n++) write((trackers[n] as Tracker).afterTime(clock.now), n, out)
    out.push(message)
    const reading = readers.get(message.event)
    if (reading === undefined) return
    for (const n of reading) write((trackers[n] as Tracker).afterMessage(message, at), n, out)
  }

  /** Passes a line through the trackers from the `n`th on. */
  function passLine(line: QueueLogRecord, n: number, out: Batch): void {
    const tracker = trackers[n]
    if (tracker === undefined) {
      out.push(line)
      return
    }
    write(tracker.beforeLine?.(line), n, out)
    passLine(line, n + 1, out)
    write(tracker.afterLine?.(line), n, out)
  }

  /** Passes the lines of the `n`th tracker on to those behind it. */
  function write(lines: readonly QueueLogFields[] = NO_LINES, n: number, out: Batch): void {
    for (let i = 0; i < lines.length; i++) passLine(new QueueLogRecord(lines[i] as QueueLogFields), n + 1, out)
  }

  return {
    pass: (batch) => {
      const out: Batch = []
      for (const record of batch) {
        if (record.kind === 'ami') passMessage(record, out)
        else if (record.kind === 'queue_log') passLine(record, 0, out)
        else out.push(record)
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

/** For each event, the numbers of the trackers that read it: the last first, as its lines stand next to the message. */
function readersByEvent(trackers: readonly Tracker[]): ReadonlyMap<string, readonly number[]> {
  const readers = new Map<string, number[]>()
  for (const [n, { events }] of trackers.entries()) {
    for (const event of events) readers.set(event, [n, ...(readers.get(event) ?? [])])
  }
  return readers
}
