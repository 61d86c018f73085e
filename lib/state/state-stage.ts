import type { Transform } from 'node:stream'
import type { AmiMessage } from '../ami/message.ts'
import { QueueLogRecord } from '../queue-log.ts'
import type { Batch } from '../record.ts'
import { objectStage } from '../stages/object-stage.ts'
import { trackerSteps } from '../stages/tracker-stage.ts'
import type { Tracker } from '../trackers/tracker.ts'
import type { Replayed, State } from './state.ts'

export interface TrackingWithState {
  /** In place of the stage of trackers. */
  stage: Transform
  /** The trackers that are at work. */
  trackers: readonly Tracker[]
}

/**
 * Trackers whose state survives: events are kept before they are tracked, and those of before are tracked again at the
 * start. Every line carries its number.
 *
 * @param create makes new trackers, of the same kinds and settings each time
 */
export function trackingWithState(create: () => readonly Tracker[], state: State): TrackingWithState {
  const trackers = create()
  const steps = trackerSteps(trackers)
  let lines = 0
  let { lastTime } = state

  function numbered(batch: Batch): Batch {
    return batch.map((record) => {
      if (record.kind !== 'queue_log') return record
      const { time, callid, queuename, agent, event, data } = record
      lastTime = Math.max(lastTime, Math.floor(time))
      return new QueueLogRecord({ time, callid, queuename, agent, event, data }, undefined, lines++)
    })
  }

  function replay(events: AmiMessage[]): Replayed {
    const others = create()
    const given = trackerSteps(others).pass(events)
    return { lines: given.filter(({ kind }) => kind === 'queue_log').length, openCalls: openCallsOf(others) }
  }

  const stage = objectStage<Batch, Batch>(
    (batch) => {
      lines = state.compact({ lines, lastTime, openCalls: () => openCallsOf(trackers) }, replay) ?? lines
      state.keep(batch)
      return numbered(steps.pass(batch))
    },
    // What waits for a time to pass goes on waiting when the process is back: nothing is at its end.
    () => undefined,
  )
  const restored = numbered(steps.pass([...state.events])).filter(({ kind }) => kind === 'queue_log')
  if (restored.length > 0) stage.push(restored)
  return { stage, trackers }
}

function openCallsOf(trackers: readonly Tracker[]): string {
  return JSON.stringify(
    trackers.map((tracker) =>
      tracker
        .openCalls()
        .map((call) => JSON.stringify(call))
        .sort(),
    ),
  )
}
