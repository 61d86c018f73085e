import { isUtf8 } from 'node:buffer'
import { AmiMessage, addHeader, type Headers, type HeaderValue, lineOfHeaders } from './message.ts'

const BEYOND_ASCII = /[\x80-\xff]/
/** The headers before the raw text, in this order; the last only if the request had one. */
const HEADERS_OF_RAW_OUTPUT = ['Response: ', 'Privilege: ', 'ActionID: ']
/** A backslash of a value would, once escaped, look like the beginning of an escaped line end. */
const NOT_PLAIN = /[\\\x80-\xff]/
/** A value cut out of a message that is longer than this is copied: it would keep the whole of it alive. */
const PINNED_BYTES = 1024
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

/** How many lines of a message are no header: without ':', or with nothing before it. */
export function countBadLines(message: string, lineEnd: LineEnd): number {
  if (message.startsWith(FOLLOWS)) return 0
  let bad = 0
  let colon = -1
  for (let start = 0; start <= message.length; ) {
    const found = message.indexOf(lineEnd, start)
    const end = found < 0 ? message.length : found
    // Looked for anew only behind the last one found, lest a million lines without any take forever.
    if (colon < start) colon = message.indexOf(':', start)
    if (colon < 0) colon = message.length
    if (colon >= end || colon === start) bad++
    start = end + lineEnd.length
  }
  return bad
}

/**
 * A message as it came from the wire. A header is looked up in its text, and the whole decoded only where that is asked
 * for: a tracker reads four of the twenty headers that an event has.
 */
export class WireMessage extends AmiMessage {
  private readonly message: string
  private readonly lineEnd: LineEnd
  private folded: string | undefined
  private decoded: Headers | undefined

  /** @param message the message without its empty line, as a byte string; not the output of a command */
  constructor(event: string, message: string, lineEnd: LineEnd) {
    super(event)
    this.message = message
    this.lineEnd = lineEnd
  }

  override headers(): Headers {
    this.decoded ??= decodeHeaders(this.message, this.lineEnd)
    return this.decoded
  }

  protected override find(name: string): string | undefined {
    let nameStart = lineStartOf(this.message, name, this.lineEnd)
    if (nameStart < 0) {
      this.folded ??= this.message.toLowerCase()
      nameStart = lineStartOf(this.folded, name.toLowerCase(), this.lineEnd)
      if (nameStart < 0) return undefined
    }
    const colon = nameStart + name.length
    const end = this.message.indexOf(this.lineEnd, colon)
    const value = decodeBytes(valueBehind(this.message, colon, end < 0 ? this.message.length : end))
    return this.message.length > PINNED_BYTES ? ownCopyOf(value) : value
  }

  override toLine(): string {
    return lineOfPlainMessage(this.message, this.lineEnd) ?? lineOfHeaders(this.headers())
  }
}

/**
 * A message as a line of NDJSON, escaped as a whole; undefined if it is not plain ASCII, has a header twice, or a line
 * that is no header. Writing header by header takes three times as long, and writing NDJSON is what a pipe of processes
 * spends its time on.
 */
function lineOfPlainMessage(message: string, lineEnd: LineEnd): string | undefined {
  if (NOT_PLAIN.test(message)) return undefined
  const escapedLineEnd = lineEnd === '\n' ? '\\n' : '\\r\\n'
  const names = new Set<string>()
  let line = ''
  const headers = JSON.stringify(message).slice(1, -1).split(escapedLineEnd)
  for (const header of headers) {
    const colon = header.indexOf(':')
    if (colon <= 0) return undefined
    const name = header.slice(0, colon)
    names.add(name)
    line += `${line === '' ? '{' : ','}"${name}":"${valueBehind(header, colon, header.length)}"`
  }
  return names.size === headers.length ? `${line}}` : undefined
}

/** A text that does not keep the one alive that it was cut from, however long a table holds it. */
function ownCopyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}

function lineStartOf(message: string, name: string, lineEnd: LineEnd): number {
  if (message.startsWith(`${name}:`)) return 0
  const at = message.indexOf(`${lineEnd}${name}:`)
  return at < 0 ? at : at + lineEnd.length
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
function decodeBytes(bytes: string): string {
  if (!BEYOND_ASCII.test(bytes)) return bytes
  const buffer = Buffer.from(bytes, 'latin1')
  return isUtf8(buffer) ? buffer.toString('utf8') : bytes
}

function asIs(ascii: string): string {
  return ascii
}
