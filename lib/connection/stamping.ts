import { TICK } from '../stream-clock.ts'
import { type ArrivalClock, formatTimestamp } from './arrival-clock.ts'

const EVENT = Buffer.from('Event:')
const PRIVILEGE = Buffer.from('Privilege:')
const TIMESTAMP = Buffer.from('Timestamp:')
const LINE_END = Buffer.from('\r\n')
const EMPTY_LINE = Buffer.from('\r\n\r\n')
const LONGEST_STAMP_LINE = 48

/** The message that says that time has passed while nothing else came; in the form of Asterisk's own. @param ms since the epoch */
export function tickMessage(ms: number): Buffer {
  return Buffer.from(`Event: ${TICK}\r\nPrivilege: \r\nTimestamp: ${formatTimestamp(ms)}\r\n\r\n`)
}

/**
 * A message as it goes on, with its empty line: an event without a Timestamp gets one, where `timestampevents=yes` puts
 * it (`Event`, `Privilege`, `Timestamp`).
 *
 * @param bytes the message is `bytes[start..end)`
 */
export function stampedMessage(bytes: Buffer, start: number, end: number, clock: ArrivalClock): Buffer[] {
  const message = Buffer.from(bytes.subarray(start, end))
  if (!startsWith(message, 0, EVENT)) return [message, EMPTY_LINE]
  const second = nextLine(message, 0)
  const third = startsWith(message, second, PRIVILEGE) ? nextLine(message, second) : second
  const stampAt = startsWith(message, third, TIMESTAMP) ? third : lineOf(message, TIMESTAMP)
  if (stampAt !== undefined) {
    const stamp = readStamp(message, stampAt)
    if (stamp !== undefined) clock.stamped(stamp)
    return [message, EMPTY_LINE]
  }
  const stamp = Buffer.from(`Timestamp: ${formatTimestamp(clock.arrival())}`)
  if (third >= message.length) return [message, LINE_END, stamp, EMPTY_LINE]
  return [message.subarray(0, third), stamp, LINE_END, message.subarray(third), EMPTY_LINE]
}

function startsWith(message: Buffer, at: number, beginning: Buffer): boolean {
  return beginning.compare(message, at, Math.min(at + beginning.length, message.length)) === 0
}

function lineOf(message: Buffer, header: Buffer): number | undefined {
  const at = message.indexOf(Buffer.concat([LINE_END, header]))
  return at < 0 ? undefined : at + LINE_END.length
}

function nextLine(message: Buffer, from: number): number {
  const end = message.indexOf(LINE_END, from)
  return end < 0 ? message.length : end + LINE_END.length
}

/** The epoch in a Timestamp header, in ms. */
function readStamp(message: Buffer, at: number): number | undefined {
  const end = message.indexOf(LINE_END, at)
  const lineEnd = end < 0 ? message.length : end
  const text = message.toString('latin1', at + TIMESTAMP.length, Math.min(lineEnd, at + LONGEST_STAMP_LINE)).trim()
  const ms = Number(text) * 1000
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
