import type { QueueLogFields } from '../queue-log.ts'

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
    if (event !== 'HOTDESKING') continue
    const [before, after] = [lines[index - 1], lines[index + 1]]
    marked.add(index)
    if (before?.event === 'REMOVEMEMBER' && before.queuename === queuename && before.agent === data[0])
      marked.add(index - 1)
    if (after?.event === 'ADDMEMBER' && after.queuename === queuename && after.agent === agent) marked.add(index + 1)
  }
  return marked
}

/**
 * Whether two lines must stay in their order: they are of one call, or of one member of a queue. The lines of a parking
 * lot all are, as its waiting calls have no member.
 */
export function isAboutOneCall(one: QueueLogFields, other: QueueLogFields): boolean {
  if (one.callid === other.callid && one.callid !== 'MANAGER') return true
  if (one.queuename !== other.queuename) return false
  return one.agent === other.agent || one.agent === 'NONE' || other.agent === 'NONE'
}
