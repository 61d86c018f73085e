import { type EventKind, EventKinds } from './ami/event-kinds.ts'
import { eventOf, HeaderMessage, type Headers } from './ami/message.ts'
import { textOfBytes } from './byte-string.ts'
import { headersOf, LineMessage } from './line-message.ts'
import type { LineWriter } from './line-writer.ts'
import { QueueLogRecord, readQueueLogFields } from './queue-log.ts'
import { ForeignLine, type StageRecord } from './record.ts'

const EVENT_FIRST = Buffer.from('{"Event":"')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSE = 0x7d

/** A message of which only parsing the JSON told what it is. */
class ParsedLine extends HeaderMessage {
  private readonly line: Buffer

  constructor(headers: Headers, event: string, line: Buffer) {
    super(headers, event)
    this.line = line
  }

  override toLine(): string {
    return this.line.toString('latin1')
  }

  override writeLine(out: LineWriter): void {
    out.addBytes(this.line, 0, this.line.length)
  }
}

/** Reads lines of NDJSON. */
export class LineReader {
  private readonly kinds: EventKinds

  /**
   * @param needsHeaders which events' headers will be read; the others are only named, nor is it found out if they are not
   * quite JSON
   */
  constructor(needsHeaders: (event: string) => boolean) {
    this.kinds = new EventKinds(needsHeaders)
  }

  /**
   * Reads the line that is `bytes[start..end)`, without its line end.
   *
   * @param bytes which are not changed any more
   */
  read(bytes: Buffer, start: number, end: number): StageRecord {
    const kind = this.kindOf(bytes, start, end)
    if (kind !== undefined) {
      const message = new LineMessage(kind, bytes, start, end)
      if (!kind.isWanted || message.isPlain()) return message
    }
    // A line of its own: it may be kept longer than its chunk.
    return readJson(Buffer.from(bytes.subarray(start, end)))
  }

  /** @param line without its line end, as a byte string */
  readText(line: string): StageRecord {
    const bytes = Buffer.from(line, 'latin1')
    return this.read(bytes, 0, bytes.length)
  }

  /** The kind of event of a line that begins and ends like one that a stage has written; undefined for any other. */
  private kindOf(bytes: Buffer, start: number, end: number): EventKind | undefined {
    if (bytes[end - 1] !== CLOSE || end - start < EVENT_FIRST.length) return undefined
    for (let at = 0; at < EVENT_FIRST.length; at++) if (bytes[start + at] !== EVENT_FIRST[at]) return undefined
    const nameStart = start + EVENT_FIRST.length
    let nameEnd = nameStart
    while (nameEnd < end && bytes[nameEnd] !== QUOTE) if (bytes[nameEnd++] === BACKSLASH) return undefined
    return nameEnd === end ? undefined : this.kinds.at(bytes, nameStart, nameEnd)
  }
}

function readJson(line: Buffer): StageRecord {
  let value: unknown
  try {
    value = JSON.parse(textOfBytes(line.toString('latin1')))
  } catch {
    return new ForeignLine(line, 'not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new ForeignLine(line)
  if (Object.hasOwn(value, 'queue_log')) {
    const fields = readQueueLogFields((value as { queue_log: unknown }).queue_log)
    return typeof fields === 'string' ? new ForeignLine(line, fields) : new QueueLogRecord(fields, line)
  }
  const headers = headersOf(value)
  const event = eventOf(headers)
  return event === '' && !isResponse(headers) ? new ForeignLine(line) : new ParsedLine(headers, event, line)
}

function isResponse(headers: Headers): boolean {
  for (const name of headers.keys()) if (name.toLowerCase() === 'response') return true
  return false
}
