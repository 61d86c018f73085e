import type { Transform } from 'node:stream'
import type { AmiMessage } from '../ami/message.ts'
import type { QueueCallMark } from '../queue-log/queue-call-marks.ts'
import type { QueueLogRecord } from '../queue-log/record.ts'
import type { Batch } from '../records/record.ts'
import { objectStage } from '../streams/object-stage.ts'
import { linesToWrite } from '../streams/queue-log-records.ts'
import type { OpenCall } from '../trackers/tracker.ts'
import type { Tracking } from '../trackers/tracking.ts'
import type { State } from './state.ts'
import { type UnsettledLinesOptions, unsettledLines } from './unsettled-lines.ts'

export interface TrackingOptions extends UnsettledLinesOptions {
  /** Makes new trackers, of the same kinds and settings each time. */
  create: () => Tracking
  /** Whether lines keep the times of their events, for a sink that sets other times. */
  keepsTimes: boolean
  /** Whether there are marks between the lines where calls of Asterisk's queues end. */
  marksCalls: boolean
}

export interface TrackingWithState {
  /** Replaces the stages of trackers and of lines: batches in, arrays of queue_log records out. */
  stage: Transform
  /** The trackers that are at work. */
  tracking: Tracking
}

/**
 * Trackers whose state survives: events and lines are kept before they go on. At the start, new trackers get the kept
 * events, and the lines that were not written go out.
 */
export async function trackingWithState(
  state: State,
  { create, keepsTimes, marksCalls, ...options }: TrackingOptions,
): Promise<TrackingWithState> {
  const tracking = create()
  const linesOf = linesToWrite({ lastTime: state.lastTime, keepsTimes, marksCalls })

  /** Keeps the lines among some records and returns them. Anything else goes on at its place. */
  function kept(batch: Batch): (QueueLogRecord | QueueCallMark)[] {
    const items = linesOf(batch)
    const records = state.keepLines(items.filter((item) => item.kind === 'queue_log'))[Symbol.iterator]()
    return items.map((item) => (item.kind === 'queue_log' ? (records.next().value as QueueLogRecord) : item))
  }

  const { events, accountedEvents } = state
  const before = await unsettledLines(state, options)
  tracking.restore(events.slice(0, accountedEvents))
  const restored = [...before, ...kept(tracking.restore(events.slice(accountedEvents)))]
  state.forgetEvents()
  state.follow({
    openCalls: () => openCallsOf(tracking),
    replay: () => {
      const others = create()
      const pass = (messages: readonly AmiMessage[]): Batch => others.restore(messages)
      return { pass, openCalls: () => openCallsOf(others) }
    },
  })

  const stage = objectStage<Batch, (QueueLogRecord | QueueCallMark)[]>(
    (batch) => {
      state.compactIfLong()
      // The events that follow from lists are in the output.
      const out = tracking.pass(batch)
      state.keep(out)
      const lines = kept(out)
      return lines.length > 0 ? lines : undefined
    },
    // Deadlines go on after a restart of the process: this is not the end of the stream.
    () => undefined,
  )
  if (restored.length > 0) stage.push(restored)
  return { stage, tracking }
}

function openCallsOf({ trackers }: Tracking): OpenCall[][] {
  return trackers.map((tracker) => tracker.openCalls())
}
