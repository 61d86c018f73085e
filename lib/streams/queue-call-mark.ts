import type { AmiMessage } from '../ami/message.ts'
import { RESYNC_END } from '../ami/own-events.ts'
import { SHUTDOWN } from '../ami/shutdown.ts'
import { completionIn } from '../calls/queue-calls.ts'
import { AllCallsEnded, CallsKnown, QueueCallEnd, type QueueCallMark } from '../queue-log/queue-call-marks.ts'

const CALLS_KNOWN = new CallsKnown()
const ALL_CALLS_ENDED = new AllCallsEnded()

/** What an event tells a sink; undefined if nothing. */
export function queueCallMark(message: AmiMessage): QueueCallMark | undefined {
  if (message.event === RESYNC_END) return CALLS_KNOWN
  if (message.event === SHUTDOWN) return ALL_CALLS_ENDED
  const completion = completionIn(message)
  return completion && new QueueCallEnd(completion.callid, completion.queuename, completion.member)
}
