import type { Member } from '../calls/queue-members.ts'
import { harmless } from '../queue-log/record.ts'
import type { OpenCall, Tracker } from '../trackers/tracker.ts'

/** A line for each open call, of which more than one tracker may know something: a hold outweighs a conversation. */
export function openCallLines(trackers: readonly Tracker[]): string[] {
  const calls = new Map<string, OpenCall>()
  for (const call of trackers.flatMap((tracker) => tracker.openCalls())) {
    const key = JSON.stringify([call.callid, call.queuename])
    const known = calls.get(key)
    if (known === undefined || call.state === 'on hold') calls.set(key, call)
  }
  return [...calls.values()].map(({ callid, queuename, agent, state, since }) => {
    const [call, queue, by] = [callid, queuename, agent].map(harmless)
    return `open call ${call} on ${queue}${by === 'NONE' ? '' : ` with ${by}`}: ${state} since ${timeOf(since)}`
  })
}

/** So many members are shown; of more, the number. */
const MEMBERS_SHOWN = 500

/** A line for each member of a queue that has a name besides its interface: whose phone is whose. */
export function memberLines(members: Iterable<Member>): string[] {
  const named = [...members].filter(({ name, interface: own }) => name !== '' && name !== own)
  const lines = named.slice(0, MEMBERS_SHOWN).map((member) => {
    const { queue, name, interface: own, stateInterface } = member
    const state = stateInterface === '' || stateInterface === own ? '' : ` (${harmless(stateInterface)})`
    return `member ${harmless(name)} of ${harmless(queue)}: ${harmless(own)}${state}`
  })
  const more = named.length - MEMBERS_SHOWN
  return more > 0 ? [...lines, `${more} more members`] : lines
}

function timeOf(ms: number): string {
  const time = new Date(ms)
  return Number.isNaN(time.getTime()) ? 'an unknown time' : time.toISOString()
}
