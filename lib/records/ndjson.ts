import { type EventKind, EventKinds } from '../ami/event-kinds.ts'
import { eventOf, HeaderMessage, type Headers } from '../ami/message.ts'
import { QueueLogRecord, readQueueLogFields } from '../queue-log/record.ts'
import { textOfBytes } from '../text/byte-string.ts'
import { headersOf, LineMessage } from './line-message.ts'
import { bytesIn, MALFORMED, MalformedLine, positionIn, readWholeLine } from './origin.ts'
import { ForeignLine, type StageRecord } from './record.ts'

const EVENT_FIRST = '{"Event":"'

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
    const kind = this.kindOf(line)
    if (kind !== undefined) {
      const message = new LineMessage(kind, line)
      if (!kind.isWanted || message.isPlain()) return message
    }
    return readJson(line)
  }

  /** The kind of event of a line that begins and ends like one that a stage has written; undefined for any other. */
  private kindOf(line: string): EventKind | undefined {
    if (!line.startsWith(EVENT_FIRST) || !line.endsWith('}')) return undefined
    const nameEnd = line.indexOf('"', EVENT_FIRST.length)
    if (nameEnd < 0) return undefined
    const name = line.slice(EVENT_FIRST.length, nameEnd)
    return name.includes('\\') ? undefined : this.kinds.named(name)
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
