import { type ActionHeaders, cut, roomForValue } from '../ami/action.ts'
import { harmless, type QueueLogFields } from '../queue-log/record.ts'

/** A QueueLog action. */
export interface QueueLogAction {
  readonly headers: ActionHeaders
  /** The line that Asterisk writes then, but for its time. */
  readonly written: QueueLogFields
  /** Whether the line was too long for Asterisk. */
  readonly isCut: boolean
}

/** The action by which Asterisk writes a line. */
export function queueLogAction({ time, callid, queuename, agent, event, data }: QueueLogFields): QueueLogAction {
  let isCut = false
  const fit = (header: string, value: string): string => {
    const fitted = cut(value, roomForValue(header))
    isCut ||= fitted !== value
    return fitted
  }
  const columns = data.map(harmless)
  const fitted = fitting(columns, roomForValue('Message'))
  isCut ||= fitted.join('|') !== columns.join('|')
  const written: QueueLogFields = {
    time,
    callid: fit('UniqueID', harmless(callid) || 'NONE'),
    queuename: fit('Queue', harmless(queuename) || 'NONE'),
    // Without it Asterisk leaves the column empty instead of writing NONE.
    agent: fit('Interface', harmless(agent) || 'NONE'),
    event: fit('Event', harmless(event)),
    data: fitted,
  }
  const headers: ActionHeaders = [
    ['Queue', written.queuename],
    ['Event', written.event],
    ['UniqueID', written.callid],
    ['Interface', written.agent],
    ...(data.length > 0 ? [['Message', fitted.join('|')] as const] : []),
  ]
  return { headers, written, isCut }
}

/** Columns that fit together into so many bytes: the longest, which a caller may have chosen, are cut, not the last. */
function fitting(columns: readonly string[], bytes: number): string[] {
  const fitted = [...columns]
  for (;;) {
    const excess = Buffer.byteLength(fitted.join('|')) - bytes
    if (excess <= 0) return fitted
    const lengths = fitted.map((column) => Buffer.byteLength(column))
    const longest = lengths.indexOf(Math.max(...lengths))
    fitted[longest] = cut(fitted[longest] ?? '', Math.max(0, (lengths[longest] ?? 0) - excess))
  }
}
