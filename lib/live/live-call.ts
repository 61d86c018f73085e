import { orNone, queueLogField } from '../queue-log/record.ts'
import { oneLine } from '../text/one-line.ts'
import { eachOnce } from '../trackers/open-calls.ts'
import type { OpenCall, Tracker } from '../trackers/tracker.ts'

/** A call that is open, as it is shown. docs/live.md describes it. */
export interface LiveCall {
  /** The same for as long as the call is open: of two calls it differs. */
  readonly id: string
  /** The name of its PBX; '' where the process follows one. */
  readonly pbx: string
  readonly callid: string
  readonly queue: string
  /** 'NONE' where there is none, as in queue_log. */
  readonly agent: string
  /** Of the other party; '' if it is not known. */
  readonly number: string
  /** The parking space of a parked call; '' for others. */
  readonly space: string
  readonly state: OpenCall['state']
  /** Since when it is in this state: ms since the epoch. */
  readonly since: number
}

/** The calls that trackers know to be open. */
export function liveCalls(trackers: readonly Tracker[], pbx = ''): LiveCall[] {
  const open = trackers.flatMap((tracker) => tracker.openCalls())
  return eachOnce(
    open.map((call) => liveCallOf(call, pbx)),
    ({ id }) => id,
  )
}

/** The texts are callers' and phones' own. */
function liveCallOf({ callid, queuename, agent, number, space, state, since }: OpenCall, pbx: string): LiveCall {
  const [call = '', queue = '', by = ''] = [callid, queuename, agent].map((text) => queueLogField(orNone(text)))
  const id = [pbx, call, queue].join('|')
  return { id, pbx, callid: call, queue, agent: by, number: oneLine(number), space: oneLine(space), state, since }
}
