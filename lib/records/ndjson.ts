import { type EventKind, EventKinds } from '../ami/event-kinds.ts'
import { eventOf, HeaderMessage, type Headers } from '../ami/message.ts'
import { startsWith } from '../ami/starts-with.ts'
import { QueueLogRecord, readQueueLogFields } from '../queue-log/record.ts'
import { textOfBytes } from '../text/byte-string.ts'
import { headersOf, LineMessage } from './line-message.ts'
import { bytesIn, MALFORMED, MalformedLine, positionIn, readWholeLine } from './origin.ts'
import { ForeignLine, type StageRecord } from './record.ts'

const EVENT_FIRST = Buffer.from('{"Event":"')
const QUOTE = 0x22
const BACKSLASH = 0x5c
const CLOSE = 0x7d

/** A message of which only parsing the JSON told what it is. */
class ParsedLine extends HeaderMessage {
  private readonly line: string

  constructor(headers: Headers, event: string, line: string) {
    super(headers, event)
    this.line = line
  }

  override toLine(): string {
    return this.line
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

  /** @param line without its line end, as a byte string */
  read(line: string): StageRecord {
    return this.readPlaced(line, Buffer.from(`${line}\n`, 'latin1'), 0)
  }

  /**
   * The same of a line that stands in `bytes` from `start` on, with its LF behind it. They must not be changed any more.
   *
   * @param line without its line end, as a byte string
   */
  readPlaced(line: string, bytes: Buffer, start: number): StageRecord {
    const end = start + line.length
    const kind = this.kindOf(bytes, start, end)
    if (kind !== undefined) {
      const message = new LineMessage(kind, bytes, start, end)
      if (!kind.isWanted || message.isPlain()) return message
    }
    return readJson(line)
  }

  /** The kind of event of a line that begins and ends like one that a stage has written; undefined for any other. */
  private kindOf(bytes: Buffer, start: number, end: number): EventKind | undefined {
    if (!startsWith(bytes, start, end, EVENT_FIRST) || bytes[end - 1] !== CLOSE) return undefined
    const nameStart = start + EVENT_FIRST.length
    for (let at = nameStart; at < end; at++) {
      if (bytes[at] === QUOTE) return this.kinds.at(bytes, nameStart, at)
      if (bytes[at] === BACKSLASH) return undefined
    }
    return undefined
  }
}

function readJson(line: string): StageRecord {
  let value: unknown
  try {
    value = JSON.parse(textOfBytes(line))
  } catch {
    return new ForeignLine(line, 'not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new ForeignLine(line)
  if (Object.hasOwn(value, 'queue_log')) {
    const { queue_log: found } = value as { queue_log: unknown }
    const whole = readWholeLine(found, line)
    if (whole !== undefined) return whole
    const fields = readQueueLogFields(found)
    if (typeof fields === 'string') return new ForeignLine(line, fields)
    const position = positionIn(found)
    return new QueueLogRecord(fields, line, undefined, position && { position })
  }
  if (Object.hasOwn(value, MALFORMED)) {
    const bytes = bytesIn((value as Record<string, unknown>)[MALFORMED])
    return bytes === undefined ? new ForeignLine(line, `${MALFORMED} has no bytes`) : new MalformedLine(line, bytes)
  }
  const headers = headersOf(value)
  const event = eventOf(headers)
  return event === '' && !isResponse(headers) ? new ForeignLine(line) : new ParsedLine(headers, event, line)
}

function isResponse(headers: Headers): boolean {
  for (const name of headers.keys()) if (name.toLowerCase() === 'response') return true
  return false
}
