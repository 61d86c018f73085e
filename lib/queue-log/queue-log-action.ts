import { type ActionHeaders, cut, roomForValue } from '../ami/action.ts'
import { orNone, type QueueLogFields, queueLogField } from './record.ts'

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
    return withoutSplitters(fitted)
  }
  // Asterisk reads a value from its first character that is no blank (main/manager.c).
  const columns = data.map(queueLogField).map((column, n) => (n === 0 ? column.trimStart() : column))
  const fitted = fitting(columns, roomForValue('Message'))
  isCut ||= fitted.join('|') !== columns.join('|')
  const written: QueueLogFields = {
    time,
    callid: fit('UniqueID', queueLogField(orNone(callid.trimStart()))),
    queuename: fit('Queue', queueLogField(orNone(queuename.trimStart()))),
    // Without it Asterisk leaves the column empty instead of writing NONE.
    agent: fit('Interface', queueLogField(orNone(agent.trimStart()))),
    event: fit('Event', queueLogField(event.trimStart())),
    // A cut may take one of two brackets.
    data: fitted.map(withoutSplitters),
  }
  const headers: ActionHeaders = [
    ['Queue', written.queuename],
    ['Event', written.event],
    ['UniqueID', written.callid],
    ['Interface', written.agent],
    ...(data.length > 0 ? [['Message', written.data.join('|')] as const] : []),
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

const BRACKETS = [
  ['(', ')'],
  ['[', ']'],
] as const

/**
 * A field without what would join it with the next one: where queue_log is a realtime table, Asterisk takes the data apart
 * by a parser that honours quotes, backslashes and brackets (main/logger.c, __ast_app_separate_args in main/app.c). It
 * counts the two kinds of brackets apart.
 */
function withoutSplitters(field: string): string {
  const chars = [...field.replace(/["\\]/g, '_')]
  for (const [opening, closing] of BRACKETS) {
    const open: number[] = []
    for (const [index, char] of chars.entries()) {
      if (char === opening) open.push(index)
      else if (char === closing && open.pop() === undefined) chars[index] = '_'
    }
    for (const index of open) chars[index] = '_'
  }
  return chars.join('')
}
