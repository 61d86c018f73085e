import type { Transform } from 'node:stream'
import type { QueueLogRecord } from '../queue-log.ts'
import type { Batch } from '../record.ts'
import { objectStage } from '../stages/object-stage.ts'
import { linesToWrite } from '../stages/queue-log-records.ts'
import { trackerSteps } from '../stages/tracker-stage.ts'
import type { OpenCall, Tracker } from '../trackers/tracker.ts'
import type { State } from './state.ts'
import { type UnsettledLinesOptions, unsettledLines } from './unsettled-lines.ts'

export interface TrackingOptions extends UnsettledLinesOptions {
  /** Makes new trackers, of the same kinds and settings each time. */
  create: () => readonly Tracker[]
  /** Whether lines keep the times of their events, for one who stamps them anew. */
  keepsTimes: boolean
}

export interface TrackingWithState {
  /** In place of the stages of trackers and of lines: batches in, arrays of queue_log records out. */
  stage: Transform
  /** The trackers that are at work. */
  trackers: readonly Tracker[]
}

/**
 * Trackers whose state survives: events are kept before they are tracked, and their lines before they go on. At the start,
 * new trackers are given the events of before, and the lines that were not written go out.
 */
export function trackingWithState(
  state: State,
  { create, keepsTimes, ...options }: TrackingOptions,
): TrackingWithState {
  const trackers = create()
  const steps = trackerSteps(trackers)
  const linesOf = linesToWrite({ lastTime: state.lastTime, keepsTimes })

  function track(events: Batch): QueueLogRecord[] {
    return state.keepLines(linesOf(steps.pass(events)))
  }

  const { events, accountedEvents } = state
  const before = unsettledLines(state, options)
  steps.pass(events.slice(0, accountedEvents))
  const restored = [...before, ...track(events.slice(accountedEvents))]
  state.forgetEvents()
  state.follow({
    openCalls: () => openCallsOf(trackers),
    replay: () => {
      const others = create()
      const { pass } = trackerSteps(others)
      return { pass, openCalls: () => openCallsOf(others) }
    },
  })

  const stage = objectStage<Batch, QueueLogRecord[]>(
    (batch) => {
      state.keep(batch)
      const lines = track(batch)
      return lines.length > 0 ? lines : undefined
    },
    // What waits for a time to pass goes on waiting when the process is back: nothing is at its end.
    () => undefined,
  )
  if (restored.length > 0) stage.push(restored)
  return { stage, trackers }
}

function openCallsOf(trackers: readonly Tracker[]): OpenCall[][] {
  return trackers.map((tracker) => tracker.openCalls())
}
