import { type AskedHeaders, NO_OTHERS, TIMESTAMP_ID } from '../ami/asked-headers.ts'
import type { EventKind } from '../ami/event-kinds.ts'
import { IndexedMessage, type Marks } from '../ami/indexed-message.ts'
import { addHeader, HeaderMessage, type Headers, type HeaderValue, millisecondsIn } from '../ami/message.ts'
import { texts } from '../ami/text-cache.ts'
import { textOfBytes } from '../text/byte-string.ts'
import type { LineWriter } from '../text/line-writer.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN = 0x5b
const CLOSE = 0x5d

/** In so many bytes of a line stands the Timestamp of an event, if it has one where Asterisk puts it. */
const FRONT = 256

/**
 * An event that came as a line of NDJSON. In the form in which stages write it, its headers are read where they stand in
 * the line; a line of any other form is parsed once a header is asked for.
 */
export class LineMessage extends IndexedMessage {
  private readonly bytes: Buffer
  private readonly start: number
  private readonly end: number
  private isOdd = false
  private parsed: HeaderMessage | undefined

  /** @param bytes which hold the line from `start` to its LF, which stands at `end`, and are not changed any more */
  constructor(kind: EventKind, bytes: Buffer, start: number, end: number) {
    super(kind)
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  /** Whether every header is a text, or an array of texts, without escapes, and stands there once; looks the line through. */
  isPlain(): boolean {
    this.look()
    return !this.isOdd
  }

  override headers(): Headers {
    return this.parse().headers()
  }

  override get(name: string): string | undefined {
    const value = super.get(name)
    return this.isOdd ? this.parse().get(name) : value
  }

  override get timestamp(): number | undefined {
    const time = super.timestamp
    return this.isOdd ? this.parse().timestamp : time
  }

  override toLine(): string {
    return this.bytes.toString('latin1', this.start, this.end)
  }

  override writeLine(out: LineWriter): void {
    out.addPlaced(this.bytes, this.start, this.end + 1)
  }

  protected override valueAt(start: number, end: number): string {
    return texts.ascii(this.bytes, start, end) ?? this.bytes.toString('utf8', start, end)
  }

  protected override timeAt(start: number, end: number): number | undefined {
    return millisecondsIn(this.bytes, start, end)
  }

  protected override mark(asked: AskedHeaders): Marks {
    const { start, end } = this
    // Of most records that pass, a stage needs no more than the time, which stands in front.
    if (asked.count === NO_OTHERS && end - start > FRONT) {
      const marks = this.marksIn(start + FRONT, asked)
      if (marks !== undefined && hasMark(marks, 2 * TIMESTAMP_ID)) return marks
    }
    const marks = this.marksIn(end, asked)
    this.isOdd = marks === undefined
    return marks ?? []
  }

  /** The marks in the line up to `end`; undefined if it is not of the form in which stages write it. */
  private marksIn(end: number, asked: AskedHeaders): Marks | undefined {
    const { bytes } = this
    const marks: Marks = []
    for (let at = this.start + 1; at < end; at++) {
      const nameStart = at + 1
      const nameEnd = textEnd(bytes, at, end)
      if (nameEnd < 0 || bytes[nameEnd + 1] !== COLON) break
      const isArray = bytes[nameEnd + 2] === OPEN
      const valueStart = nameEnd + (isArray ? 4 : 3)
      const valueEnd = textEnd(bytes, valueStart - 1, end)
      at = isArray ? arrayEnd(bytes, valueEnd, end) : valueEnd + 1
      if (valueEnd < 0 || at < 0) break
      if (nameEnd > nameStart) {
        const match = asked.match(bytes, nameStart, nameEnd)
        if (match >= 0) {
          if (hasMark(marks, match)) break
          marks.push(match, valueStart, valueEnd)
        }
        if (match === 2 * TIMESTAMP_ID && asked.count === NO_OTHERS) return marks
      }
      if (at + 1 === end) return marks
      if (bytes[at] !== COMMA) break
    }
    return undefined
  }

  /** A line that only looked like JSON has no headers; it goes on as it came all the same. */
  private parse(): HeaderMessage {
    if (this.parsed === undefined) {
      let object: object = {}
      try {
        object = JSON.parse(textOfBytes(this.toLine()))
      } catch {}
      this.parsed = new HeaderMessage(headersOf(object), this.event)
    }
    return this.parsed
  }
}

/** Whether a name stands in the line a second time: to JSON the last one counts. */
function hasMark(marks: Marks, match: number): boolean {
  for (let at = 0; at < marks.length; at += 3) if (marks[at] === match) return true
  return false
}

/** Where the text ends that begins with a quote at `open`: at its other quote. -1 if there is none, or an escape. */
function textEnd(bytes: Uint8Array, open: number, end: number): number {
  if (bytes[open] !== QUOTE) return -1
  for (let at = open + 1; at < end; at++) {
    const byte = bytes[at] as number
    if (byte > QUOTE && byte !== BACKSLASH) continue
    if (byte === QUOTE) return at
    if (byte < 0x20 || byte === BACKSLASH) return -1
  }
  return -1
}

/** Where an array of texts goes on behind its end, if its first text ends at `firstEnd`; -1 if it is none. */
function arrayEnd(bytes: Uint8Array, firstEnd: number, end: number): number {
  let at = firstEnd
  while (at >= 0 && bytes[at + 1] === COMMA) at = textEnd(bytes, at + 2, end)
  return at >= 0 && bytes[at + 1] === CLOSE ? at + 2 : -1
}

/** The headers that the members of an object stand for. */
export function headersOf(object: object): Headers {
  const headers = new Map<string, HeaderValue>()
  for (const [name, value] of Object.entries(object)) {
    for (const one of Array.isArray(value) ? value : [value])
      addHeader(headers, name, typeof one === 'string' ? one : jsonOf(one))
  }
  return headers
}

/** What stands for a value that is no text; nothing for one that is nested too deep to be written. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}
