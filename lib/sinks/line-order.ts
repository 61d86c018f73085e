import type { QueueLogFields } from '../queue-log/record.ts'
import { isOfTrackers, trackers } from '../trackers/table.ts'

/** Which of some lines that came together wait for one that Asterisk itself is about to write, by their indices. */
export function waitingForAsterisk(lines: readonly QueueLogFields[]): ReadonlySet<number> {
  return new Set(trackers.flatMap(({ waiting }) => [...(waiting?.(lines, isOfTrackers) ?? [])]))
}

/**
 * For which line of a call the line at an index logs a member in: ADDMEMBER stands before the CONNECT of its call, and is to
 * follow whatever that follows.
 *
 * @param lines some that came together
 * @returns 'unknown' where the two may have been cut apart on their way through a pipe
 */
export function memberJoins<L extends QueueLogFields>(lines: readonly L[], index: number): L | 'unknown' | undefined {
  const line = lines[index]
  if (line?.event !== 'ADDMEMBER' || !isOfTrackers(line.queuename)) return undefined
  const next = lines[index + 1]
  if (next === undefined) return 'unknown'
  return next.queuename === line.queuename && next.agent === line.agent ? next : undefined
}

/** Whether a line is of a call in a queue of Asterisk's own, and of no use behind the end that Asterisk writes of it. */
export function isLateBehindEnd(line: QueueLogFields): boolean {
  if (line.callid.startsWith(':') || isOfTrackers(line.queuename)) return false
  return trackers.some((tracker) => tracker.isLateBehindEnd?.(line) === true)
}

/**
 * Lines behind which others must stay: those of the same call, and of the same member of a queue. NONE is no member: it
 * stands in the lines of all calls that wait.
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

  /** Whether one of them is of the same call or member. */
  concern({ callid, queuename, agent }: QueueLogFields): boolean {
    return this.calls.has(callid) || this.members.get(queuename)?.has(agent) === true
  }

  /** Whether one of them is of the same queue. */
  concernQueue({ queuename }: QueueLogFields): boolean {
    return this.members.has(queuename)
  }
}
