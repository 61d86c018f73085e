import type { LineWriter } from '../text/line-writer.ts'
import { AskedHeaders, EVENT_ID, RESPONSE_ID } from './asked-headers.ts'
import { crLfFrom } from './cr-lf.ts'
import { decodeBytes, decodeHeaders, type LineEnd } from './decode.ts'
import type { EventKind } from './event-kinds.ts'
import { IndexedMessage, type Marks } from './indexed-message.ts'
import { type Headers, lineOfHeaders, millisecondsIn } from './message.ts'
import { plainHeaders } from './plain-headers.ts'
import { texts } from './text-cache.ts'
import { maxLineBytes, writeLine } from './wire-line.ts'

const COLON = 0x3a
const BLANK = 0x20
const CR = 0x0d
const LF = 0x0a

/** An event as it came from the wire. */
export class WireMessage extends IndexedMessage {
  private readonly bytes: Buffer
  private readonly start: number
  private readonly end: number
  private readonly lineEnd: LineEnd
  private decodedHeaders: Headers | undefined
  /** How many of its lines are no header: without ':', or with nothing before it. */
  badLines = 0
  /** Whether a line of it begins another message: two were glued together where one was cut off. */
  isGlued = false

  /** @param bytes which hold the message from `start` to `end`, without its empty line, and are not changed any more */
  constructor(kind: Pick<EventKind, 'name' | 'asked'>, bytes: Buffer, start: number, end: number, lineEnd: LineEnd) {
    super(kind)
    this.bytes = bytes
    this.start = start
    this.end = end
    this.lineEnd = lineEnd
    this.look()
  }

  /** @param message as a byte string */
  static of(event: string, message: string, lineEnd: LineEnd): WireMessage {
    const kind = { name: event, asked: new AskedHeaders() }
    return new WireMessage(kind, Buffer.from(message, 'latin1'), 0, message.length, lineEnd)
  }

  /** The message as a byte string. */
  get byteString(): string {
    return this.bytes.toString('latin1', this.start, this.end)
  }

  override headers(): Headers {
    this.decodedHeaders ??= this.decode()
    return this.decodedHeaders
  }

  private decode(): Headers {
    const plain = this.lineEnd === '\r\n' ? plainHeaders(this.bytes, this.start, this.end) : undefined
    return plain ?? decodeHeaders(this.byteString, this.lineEnd)
  }

  override toLine(): string {
    const room = maxLineBytes(this.end - this.start)
    const line = Buffer.allocUnsafe(room)
    const end = writeLine(this.bytes, this.start, this.end, this.lineEnd, line, 0)
    return end < 0 ? lineOfHeaders(this.headers()) : line.toString('latin1', 0, end)
  }

  override writeLine(out: LineWriter): void {
    const { bytes, start, end, lineEnd } = this
    const isWritten = out.addMade(maxLineBytes(end - start), (line, at) =>
      writeLine(bytes, start, end, lineEnd, line, at),
    )
    if (!isWritten) out.addLine(lineOfHeaders(this.headers()))
  }

  protected override valueAt(start: number, end: number): string {
    return texts.ascii(this.bytes, start, end) ?? decodeBytes(this.bytes.toString('latin1', start, end))
  }

  protected override timeAt(start: number, end: number): number | undefined {
    return millisecondsIn(this.bytes, start, end)
  }

  protected override mark(asked: AskedHeaders): Marks {
    return this.lineEnd === '\r\n' ? this.markCrLf(asked) : this.markLf(asked)
  }

  /** Each byte of a name is looked at, and every other one of a value: this loop is what reading a message costs. */
  private markCrLf(asked: AskedHeaders): Marks {
    const { bytes, end } = this
    const marks: Marks = []
    let badLines = 0
    let lineStart = this.start
    while (lineStart <= end) {
      let at = lineStart
      let byte = LF
      while (at < end) {
        byte = bytes[at] as number
        // A letter, mostly.
        if (byte <= COLON && (byte === COLON || (byte === LF && at > lineStart && bytes[at - 1] === CR))) break
        at++
      }
      if (at === lineStart || at >= end || byte !== COLON) {
        badLines++
        lineStart = byte === COLON && at < end ? crLfFrom(bytes, at, end) + 2 : at + 1
        continue
      }
      const lineEnd = crLfFrom(bytes, at, end)
      const match = asked.match(bytes, lineStart, at)
      if (match >= 0) this.note(marks, match, lineStart, at, lineEnd)
      lineStart = lineEnd + 2
    }
    this.badLines = badLines
    return marks
  }

  private markLf(asked: AskedHeaders): Marks {
    const { bytes, end } = this
    const marks: Marks = []
    let badLines = 0
    for (let lineStart = this.start, lineEnd = 0; lineStart <= end; lineStart = lineEnd + 1) {
      lineEnd = lineStart
      while (lineEnd < end && bytes[lineEnd] !== LF) lineEnd++
      let colon = lineStart
      while (colon < lineEnd && bytes[colon] !== COLON) colon++
      if (colon === lineStart || colon === lineEnd) {
        badLines++
        continue
      }
      const match = asked.match(bytes, lineStart, colon)
      if (match >= 0) this.note(marks, match, lineStart, colon, lineEnd)
    }
    this.badLines = badLines
    return marks
  }

  private note(marks: Marks, match: number, lineStart: number, colon: number, lineEnd: number): void {
    const valueStart = this.bytes[colon + 1] === BLANK ? Math.min(colon + 2, lineEnd) : colon + 1
    marks.push(match, valueStart, lineEnd)
    if (lineStart > this.start && (match === 2 * EVENT_ID || match === 2 * RESPONSE_ID)) this.isGlued = true
  }
}
