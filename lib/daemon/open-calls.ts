import type { Member } from '../calls/queue-members.ts'
import { liveCalls } from '../live/live-call.ts'
import { oneLine } from '../text/one-line.ts'
import type { Tracker } from '../trackers/tracker.ts'

/** A line for each open call. */
export function openCallLines(trackers: readonly Tracker[]): string[] {
  return liveCalls(trackers).map(({ callid, queue, agent, state, since }) => {
    return `open call ${callid} on ${queue}${agent === 'NONE' ? '' : ` with ${agent}`}: ${state} since ${timeOf(since)}`
  })
}

/** So many members are shown; of more, the number. */
const MEMBERS_SHOWN = 500

/** A line for each member of a queue that has a name besides its interface: whose phone is whose. */
export function memberLines(members: Iterable<Member>): string[] {
  const named = [...members].filter(({ name, interface: own }) => name !== '' && name !== own)
  const lines = named.slice(0, MEMBERS_SHOWN).map((member) => {
    const { queue, name, interface: own, stateInterface } = member
    const state = stateInterface === '' || stateInterface === own ? '' : ` (${oneLine(stateInterface)})`
    return `member ${oneLine(name)} of ${oneLine(queue)}: ${oneLine(own)}${state}`
  })
  const more = named.length - MEMBERS_SHOWN
  return more > 0 ? [...lines, `${more} more members`] : lines
}

function timeOf(ms: number): string {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? 'an unknown time' : time.toISOString()
}
