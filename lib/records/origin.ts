import { readQueueLogLine } from '../queue-log/line.ts'
import { type LineOrigin, type QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'
import { bytesOfText } from '../text/byte-string.ts'
import { ForeignLine } from './record.ts'

/** What stands in a record for what a queue_log held that is no line of one. */
export const MALFORMED = 'malformed_line'

/** A piece of a queue_log that is no line of one: every stage passes it on, and it is written as it was read. */
export class MalformedLine extends ForeignLine {
  /** With its line end, if it has one: a byte string. */
  readonly bytes: string

  /** @param line the record, without its line end, as a byte string */
  constructor(line: string, bytes: string) {
    super(line)
    this.bytes = bytes
  }
}

/** The record of a line that was read from a queue_log: bytes of NDJSON without a line end. */
export function recordOfLine(fields: QueueLogFields, { position, bytes }: LineOrigin): string {
  const origin = {
    position,
    ...(bytes === undefined ? {} : { bytes: Buffer.from(bytes, 'latin1').toString('base64') }),
  }
  return bytesOfText(JSON.stringify({ queue_log: { ...fields, ...origin } }))
}

/** The record of a piece of a queue_log that is no line. */
export function recordOfMalformed(problem: string, { position, bytes = '' }: LineOrigin): string {
  const base64 = Buffer.from(bytes, 'latin1').toString('base64')
  return bytesOfText(JSON.stringify({ [MALFORMED]: { problem, position, bytes: base64 } }))
}

/**
 * The record of a line that was read from a queue_log as it stands there, whatever its columns hold.
 *
 * @param line the record, as a byte string
 * @returns undefined if it is of no queue_log, or says something else than the line that came with it
 */
export function readWholeLine(value: unknown, line: string): QueueLogRecord | undefined {
  const bytes = bytesIn(value)
  const position = positionIn(value)
  if (bytes === undefined || position === undefined) return undefined
  const fields = readQueueLogLine(Buffer.from(bytes, 'latin1'))
  if (typeof fields === 'string' || !saysTheSame(fields, value as Partial<QueueLogFields>)) return undefined
  return new QueueLogRecord(fields, line, undefined, { position, bytes })
}

/** Where a record says that it was read, if it says so. */
export function positionIn(value: unknown): LineOrigin['position'] | undefined {
  const { position } = (value ?? {}) as { position?: unknown }
  const { file, byte } = (position ?? {}) as { file?: unknown; byte?: unknown }
  return typeof file === 'string' && Number.isSafeInteger(byte) ? { file, byte: byte as number } : undefined
}

/** The piece that such a record stands for; undefined if it is no such record. */
export function bytesIn(value: unknown): string | undefined {
  const { bytes } = (value ?? {}) as { bytes?: unknown }
  return typeof bytes === 'string' ? Buffer.from(bytes, 'base64').toString('latin1') : undefined
}

function saysTheSame(fields: QueueLogFields, given: Partial<QueueLogFields>): boolean {
  const { data = [] } = given
  return (
    fields.time === given.time &&
    (['callid', 'queuename', 'agent', 'event'] as const).every((name) => fields[name] === given[name]) &&
    Array.isArray(data) &&
    data.length === fields.data.length &&
    fields.data.every((field, n) => field === data[n])
  )
}
