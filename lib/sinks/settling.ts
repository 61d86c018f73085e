import type { QueueLogFields } from '../queue-log/record.ts'

/** Whether a line is the first of a parked call: the closure of the call before may still be on its way in Asterisk. */
export function isParkingsFirst({ event, queuename }: QueueLogFields): boolean {
  return event === 'ENTERQUEUE' && queuename.startsWith('pk-')
}

/**
 * Which of some lines that came together are a log-in by name: the log-out of the interface, HOTDESKING, and the log-in
 * of the name. QueueMemberAdded is sent before Asterisk writes its own ADDMEMBER.
 */
export function markHotdesking(lines: readonly QueueLogFields[]): Set<number> {
  const marked = new Set<number>()
  for (const [index, { event, queuename, agent, data }] of lines.entries()) {
    // The first of them may have come alone, where the three were cut apart on their way through a pipe.
    const isLast = index === lines.length - 1
    if (isLast && event === 'REMOVEMEMBER' && !isOfTrackedCalls(queuename)) marked.add(index)
    if (event !== 'HOTDESKING') continue
    const [before, after] = [lines[index - 1], lines[index + 1]]
    marked.add(index)
    if (before?.event === 'REMOVEMEMBER' && before.queuename === queuename && before.agent === data[0])
      marked.add(index - 1)
    if (after?.event === 'ADDMEMBER' && after.queuename === queuename && after.agent === agent) marked.add(index + 1)
  }
  return marked
}

/** Whether a queue is one that trackers made of parking lots and outbound calls. */
function isOfTrackedCalls(queuename: string): boolean {
  return /^(pk|q|_q)-/.test(queuename)
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
  if (line?.event !== 'ADDMEMBER' || !isOfTrackedCalls(line.queuename)) return undefined
  const next = lines[index + 1]
  if (next === undefined) return 'unknown'
  return next.queuename === line.queuename && next.agent === line.agent ? next : undefined
}

/** Whether a line tells of a hold in a call of Asterisk's own queue, of which Asterisk itself writes the end. */
export function isHoldOfQueueCall({ callid, queuename, event }: QueueLogFields): boolean {
  const isHold = event === 'CALLERONHOLD' || event === 'CALLEROFFHOLD'
  return isHold && !callid.startsWith(':') && !isOfTrackedCalls(queuename)
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
