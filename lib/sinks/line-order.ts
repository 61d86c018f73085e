import type { QueueLogFields } from '../queue-log/record.ts'
import { isOfTrackers, trackers } from '../trackers/table.ts'

/**
 * The indices of those lines, of some that came together, that must wait for a line that Asterisk itself is about to
 * write.
 */
export function waitingForAsterisk(lines: readonly QueueLogFields[]): ReadonlySet<number> {
  return new Set(trackers.flatMap(({ waiting }) => [...(waiting?.(lines, isOfTrackers) ?? [])]))
}

/**
 * The line of a call for which the line at an index logs a member in: ADDMEMBER comes before the CONNECT of its call,
 * and must come after the same lines as this CONNECT.
 *
 * @param lines some that came together
 * @returns 'unknown' if a pipe may have cut the two lines apart
 */
export function memberJoins<L extends QueueLogFields>(lines: readonly L[], index: number): L | 'unknown' | undefined {
  const line = lines[index]
  if (line?.event !== 'ADDMEMBER' || !isOfTrackers(line.queuename)) return undefined
  const next = lines[index + 1]
  if (next === undefined) return 'unknown'
  return next.queuename === line.queuename && next.agent === line.agent ? next : undefined
}

/**
 * Whether a line belongs to a call of Asterisk's own queues, and is useless after the end line that Asterisk writes.
 */
export function isLateBehindEnd(line: QueueLogFields): boolean {
  if (line.callid.startsWith(':') || isOfTrackers(line.queuename)) return false
  return trackers.some((tracker) => tracker.isLateBehindEnd?.(line) === true)
}

/**
 * Lines that later lines must not overtake: lines of the same call, and of the same member of a queue. NONE is no
 * member: it is in the lines of all waiting calls.
 */
export class Predecessors {
  private readonly calls = new Set<string>()
  private readonly members = new Map<string, Set<string>>()

  add({ callid, queuename, agent }: QueueLogFields): void {
    if (callid !== 'MANAGER') this.calls.add(callid)
    const members = this.members.get(queuename) ?? new Set()
    this.members.set(queuename, members)
    if (agent !== 'NONE') members.add(agent)
  }

  /** Whether one of them belongs to the same call or member. */
  concern({ callid, queuename, agent }: QueueLogFields): boolean {
    return this.calls.has(callid) || this.members.get(queuename)?.has(agent) === true
  }

  /** Whether one of them belongs to the same queue. */
  concernQueue({ queuename }: QueueLogFields): boolean {
    return this.members.has(queuename)
  }
}
