import { AmiMessage, addHeader, eventOf, type Headers, type HeaderValue } from './ami/message.ts'
import { textOfBytes } from './byte-string.ts'
import { QueueLogRecord, readQueueLogFields } from './queue-log.ts'
import { ForeignLine, type StageRecord } from './record.ts'

const EVENT_FIRST = '{"Event":"'
const TIMESTAMP = ',"Timestamp":"'

/** An AMI message that came as a line of NDJSON; the line is parsed when the first header is asked for. */
class LineMessage extends AmiMessage {
  private readonly line: string
  private parsed: Readonly<Record<string, unknown>> | undefined

  constructor(event: string, line: string, parsed?: Readonly<Record<string, unknown>>) {
    super(event)
    this.line = line
    this.parsed = parsed
  }

  override headers(): Headers {
    return headersOf(this.object())
  }

  protected override find(name: string): string | undefined {
    // The clock reads this header of every record that passes; inside a value the quote would be escaped.
    if (name === 'Timestamp' && this.parsed === undefined) {
      const at = this.line.indexOf(TIMESTAMP)
      if (at >= 0) return this.line.slice(at + TIMESTAMP.length, this.line.indexOf('"', at + TIMESTAMP.length))
    }
    const object = this.object()
    const value = Object.hasOwn(object, name) ? object[name] : undefined
    return typeof value === 'string' ? value : super.find(name)
  }

  override toLine(): string {
    return this.line
  }

  /** A line that only looked like JSON has no headers; it goes on as it came all the same. */
  private object(): Readonly<Record<string, unknown>> {
    if (this.parsed === undefined) {
      try {
        this.parsed = JSON.parse(textOfBytes(this.line)) as Record<string, unknown>
      } catch {
        this.parsed = {}
      }
    }
    return this.parsed
  }
}

/**
 * Reads a line of NDJSON.
 *
 * @param line without its line end, as a byte string
 * @param needsHeaders which events' headers will be read; the others are only named, not parsed, nor found out if they
 *   are not quite JSON
 */
export function readLine(line: string, needsHeaders: (event: string) => boolean): StageRecord {
  if (line.startsWith(EVENT_FIRST) && line.endsWith('}')) {
    const nameEnd = line.indexOf('"', EVENT_FIRST.length)
    const event = line.slice(EVENT_FIRST.length, nameEnd)
    if (nameEnd > 0 && !event.includes('\\') && !needsHeaders(event)) return new LineMessage(event, line)
  }
  try {
    return readJson(line)
  } catch {
    return new ForeignLine(line, 'not JSON')
  }
}

/** @throws SyntaxError if the line is not JSON */
function readJson(line: string): StageRecord {
  const value: unknown = JSON.parse(textOfBytes(line))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new ForeignLine(line)
  if (Object.hasOwn(value, 'queue_log')) {
    const fields = readQueueLogFields((value as { queue_log: unknown }).queue_log)
    return typeof fields === 'string' ? new ForeignLine(line, fields) : new QueueLogRecord(fields, line)
  }
  const object = value as Readonly<Record<string, unknown>>
  if (typeof object.Event === 'string') return new LineMessage(object.Event, line, object)
  const headers = headersOf(object)
  const event = eventOf(headers)
  return event === '' && !isResponse(headers) ? new ForeignLine(line) : new LineMessage(event, line, object)
}

function isResponse(headers: Headers): boolean {
  for (const name of headers.keys()) if (name.toLowerCase() === 'response') return true
  return false
}

function headersOf(object: object): Headers {
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
