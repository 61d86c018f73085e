import type { Transform } from 'node:stream'
import type { AmiMessage } from '../ami/message.ts'
import { QueueLogRecord } from '../queue-log/record.ts'
import type { Batch } from '../records/record.ts'
import { objectStage } from '../streams/object-stage.ts'
import type { Tracking } from '../trackers/tracking.ts'
import type { Replayed, State } from './state.ts'

export interface TrackingWithState {
  /** In place of the stage of trackers. */
  stage: Transform
  /** The trackers that are at work. */
  tracking: Tracking
}

/**
 * Trackers whose state survives: events are kept before they are tracked, and those of before are tracked again at the
 * start. Every line carries its number.
 *
 * @param create makes new trackers, of the same kinds and settings each time
 */
export function trackingWithState(create: () => Tracking, state: State): TrackingWithState {
  const tracking = create()
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
    const given = others.restore(events)
    return { lines: given.filter(({ kind }) => kind === 'queue_log').length, openCalls: openCallsOf(others) }
  }

  const stage = objectStage<Batch, Batch>(
    (batch) => {
      lines = state.compact({ lines, lastTime, openCalls: () => openCallsOf(tracking) }, replay) ?? lines
      // What follows from lists is among what goes on. All of it is kept before any of it leaves.
      const out = tracking.pass(batch)
      state.keep(out)
      return numbered(out)
    },
    // What waits for a time to pass goes on waiting when the process is back: nothing is at its end.
    () => undefined,
  )
  const restored = numbered(tracking.restore(state.events)).filter(({ kind }) => kind === 'queue_log')
  if (restored.length > 0) stage.push(restored)
  return { stage, tracking }
}

function openCallsOf({ trackers }: Tracking): string {
  return JSON.stringify(
    trackers.map((tracker) =>
      tracker
        .openCalls()
        .map((call) => JSON.stringify(call))
        .sort(),
    ),
  )
}
