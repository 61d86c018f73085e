import { isUtf8 } from 'node:buffer'
import { addHeader, type HeaderValue } from './message.ts'

const BEYOND_ASCII = /[\x80-\xff]/
/** The headers before the raw text, in this order; the last only if the request had one. */
const HEADERS_OF_RAW_OUTPUT = ['Response: ', 'Privilege: ', 'ActionID: ']
const FOLLOWS = 'Response: Follows'
const BLANK = 0x20
const END_COMMAND = '--END COMMAND--'

export type LineEnd = '\r\n' | '\n'

/**
 * The headers of one message. Name and value part at the first ':' and one blank after it is dropped; values hold
 * further colons freely. A line that is no header is left out.
 *
 * @param message the message without its empty line, as a byte string
 */
export function decodeHeaders(message: string, lineEnd: LineEnd): Map<string, HeaderValue> {
  const headers = new Map<string, HeaderValue>()
  const decode = BEYOND_ASCII.test(message) ? decodeBytes : asIs
  const lines = message.split(lineEnd)
  const output = outputOfCommand(lines, lineEnd)
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) addHeader(headers, decode(line.slice(0, colon)), decode(valueBehind(line, colon, line.length)))
  }
  for (const line of output) addHeader(headers, 'Output', decode(line))
  return headers
}

/** Whether a message is the output of a command as Asterisk sent it before 14: its lines are no headers. */
export function isRawOutput(message: string): boolean {
  return message.startsWith(FOLLOWS)
}

function valueBehind(text: string, colon: number, end: number): string {
  return text.slice(text.charCodeAt(colon + 1) === BLANK ? Math.min(colon + 2, end) : colon + 1, end)
}

/**
 * Takes the raw text of a command's output (`Response: Follows`, before Asterisk 14) out of `lines`, and returns its
 * lines. Later versions send one `Output` header a line, and that is the form in which records hold both.
 */
function outputOfCommand(lines: string[], lineEnd: string): string[] {
  if (lines[0]?.startsWith(FOLLOWS) !== true) return []
  const headerCount = HEADERS_OF_RAW_OUTPUT.findIndex((name, index) => lines[index]?.startsWith(name) !== true)
  const text = lines.splice(headerCount < 0 ? HEADERS_OF_RAW_OUTPUT.length : headerCount).join(lineEnd)
  const end = text.lastIndexOf(END_COMMAND)
  const output = (end < 0 ? text : text.slice(0, end)).split(/\r?\n/)
  if (output.at(-1) === '') output.pop()
  return output
}

/**
 * Asterisk hands bytes through as they come, so encodings mix even within a message: each value is UTF-8 if it can be,
 * else latin-1 (seen raw in CallerIDName, AccountCode and AppData on 16.28 and 22.10).
 */
export function decodeBytes(bytes: string): string {
  if (!BEYOND_ASCII.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes
}

function asIs(ascii: string): string {
  return ascii
}
