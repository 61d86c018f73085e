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
  // An AgentComplete that names no caller comes where the caller's Hangup has told of the end, or is about to.
  const callid = message.event === 'Hangup' ? message.get('Uniqueid') : undefined
  if (callid !== undefined) return new QueueCallEnd(callid)
  const completion = completionIn(message)
  return completion?.callid === undefined ? undefined : new QueueCallEnd(completion.callid, completion.queuename)
}
