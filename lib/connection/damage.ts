import { crLfFrom } from '../ami/cr-lf.ts'
import { startsWith } from '../ami/starts-with.ts'

const EVENT = Buffer.from('Event: ')
const RESPONSE = Buffer.from('Response: ')
/** Before Asterisk 14: the output of a command. Its lines are not headers. */
const RAW_OUTPUT = Buffer.from('Response: Follows')
const PRIVILEGE = Buffer.from('Privilege: ')
/** The event classes about calls. Values from the dialplan (`dialplan`, `user`) may contain line ends. */
const OF_CALLS = /^Event: .*\r\nPrivilege: (?:system|call|agent)\b/
const COLON = 0x3a

/**
 * Whether a part of a message is missing, so that this message, or the next one, is lost. Asterisk writes `Privilege`
 * only in the second line of an event. If it is further down, it belongs to another event.
 *
 * @param bytes contain the message from `start` to `end`, without its empty line
 */
export function isDamaged(bytes: Buffer, start: number, end: number): boolean {
  const isEvent = startsWith(bytes, start, end, EVENT)
  if (!isEvent && !startsWith(bytes, start, end, RESPONSE)) return true
  if (startsWith(bytes, start, end, RAW_OUTPUT)) return false
  const firstEnd = crLfFrom(bytes, start, end)
  if (isEvent && colonFrom(bytes, start + EVENT.length, firstEnd) < firstEnd) return true
  const privilegeLine = isEvent ? 1 : 0
  let hasBadLine = false
  for (let lineStart = firstEnd + 2, line = 1; lineStart < end; line++) {
    if (line > privilegeLine && startsWith(bytes, lineStart, end, PRIVILEGE)) return true
    const lineEnd = crLfFrom(bytes, lineStart, end)
    const colon = colonFrom(bytes, lineStart, lineEnd)
    if (colon === lineStart || colon === lineEnd) hasBadLine = true
    lineStart = lineEnd + 2
  }
  return hasBadLine && OF_CALLS.test(bytes.toString('latin1', start, end))
}

function colonFrom(bytes: Buffer, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== COLON) at++
  return at
}
