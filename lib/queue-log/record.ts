import { bytesOfText } from '../text/byte-string.ts'
import type { LineWriter } from '../text/line-writer.ts'

/** The fields of a queue_log line, named as the columns of Asterisk's realtime table. */
export interface QueueLogFields {
  /** When it happened: seconds since the epoch, with a fraction. */
  time: number
  /** The call. */
  callid: string
  /** The queue. */
  queuename: string
  /** The agent. */
  agent: string
  /** The verb: CALLERONHOLD, CONNECT, … */
  event: string
  /** data1, data2, … */
  data: string[]
}

/** Where a line was read: the file, and the byte at which it begins. */
export interface LinePosition {
  /** Its path. */
  readonly file: string
  /** From 0 on. */
  readonly byte: number
}

/** What is known of a line that was read from a queue_log. */
export interface LineOrigin {
  /** Where it was read. */
  readonly position: LinePosition
  /** The line itself with its line end, as a byte string, where its fields alone would be written otherwise. */
  readonly bytes?: string | undefined
}

/** A line of queue_log on its way to a sink: written by one stage, seen by all that follow. */
export class QueueLogRecord implements QueueLogFields {
  /** Tells it from the other records of a stage. */
  readonly kind = 'queue_log'
  /** {@inheritDoc QueueLogFields.time} */
  readonly time: number
  /** {@inheritDoc QueueLogFields.callid} */
  readonly callid: string
  /** {@inheritDoc QueueLogFields.queuename} */
  readonly queuename: string
  /** {@inheritDoc QueueLogFields.agent} */
  readonly agent: string
  /** {@inheritDoc QueueLogFields.event} */
  readonly event: string
  /** {@inheritDoc QueueLogFields.data} */
  readonly data: string[]
  /** Which of the lines of a daemon that keeps its state it is: the same after a restart. */
  readonly number: number | undefined
  /** undefined for a line that is none of a queue_log yet. */
  readonly origin: LineOrigin | undefined
  private readonly source: string | undefined

  /**
   * @param source the line of NDJSON it was read from, as a byte string, which goes on byte for byte
   * @internal
   */
  constructor(fields: QueueLogFields, source?: string, number?: number, origin?: LineOrigin) {
    this.time = fields.time
    this.callid = fields.callid
    this.queuename = fields.queuename
    this.agent = fields.agent
    this.event = fields.event
    this.data = fields.data
    this.source = source
    this.number = number
    this.origin = origin
  }

  /** The record as a line of NDJSON without its line end, as a byte string. */
  toLine(): string {
    if (this.source !== undefined) return this.source
    const { time, event, data } = this
    const [callid, queuename, agent] = [this.callid, this.queuename, this.agent].map(orNone)
    return bytesOfText(JSON.stringify({ queue_log: { time, callid, queuename, agent, event, data } }))
  }

  /** @internal */
  writeLine(out: LineWriter): void {
    out.addLine(this.toLine())
  }
}

/** What a queue_log held that is no line of one, as it was read. */
export interface ForeignBytes {
  readonly kind: 'foreign'
  /** With its line end, if it has one: a byte string. */
  readonly bytes: string
}

/** What a file is given: in a file stand other things than lines as well. */
export type WrittenLine = QueueLogRecord | ForeignBytes

/** What is written of a line, with its line end: a byte string. */
export function bytesOfLine(line: WrittenLine): string {
  if (line.kind === 'foreign') return line.bytes
  return line.origin?.bytes ?? bytesOfText(formatQueueLogLine(line))
}

/** Greater ones are milliseconds by mistake: they would push the time of every line that follows. */
export const MAX_EPOCH_SECONDS = 1e11

/**
 * The fields of a `{"queue_log":{…}}` record that another program may have written.
 *
 * @returns the fields, or a text that says what is wrong with them
 */
export function readQueueLogFields(value: unknown): QueueLogFields | string {
  if (typeof value !== 'object' || value === null) return 'queue_log is not an object'
  const found = value as Record<string, unknown>
  const { time, data = [] } = found
  if (typeof time !== 'number' || time < 0 || !(time < MAX_EPOCH_SECONDS))
    return 'queue_log has no time in epoch seconds'
  if (!Array.isArray(data) || !data.every(isText)) return 'the data of queue_log is not an array of strings'
  const texts = { callid: '', queuename: '', agent: '', event: '' }
  for (const name of Object.keys(texts) as (keyof typeof texts)[]) {
    const text = found[name]
    if (!isText(text) || text === '') return `queue_log has no ${name}`
    texts[name] = String(text)
  }
  return { time, ...texts, data: data.map(String) }
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number'
}

// A caller chooses its own name and number: none of these may ever start a column or a line of its own, for whatever
// program reads the file. C0, DEL and C1 are all of Cc; U+2028 and U+2029 end a line for some readers.
const FORGERS = /[|\p{Cc}\u2028\u2029]/gu

/** A field as it may stand in a column. What is only shown to people is `oneLine` of lib/text. */
export function queueLogField(field: string): string {
  return field.replace(FORGERS, '_')
}

/** What stands in a column of a call, a queue or an agent that is empty, as Asterisk writes it. */
export function orNone(column: string): string {
  return column || 'NONE'
}

/**
 * The line as Asterisk itself writes it, with its line end: `time|callid|queue|agent|event|data1|…`, a trailing `|`
 * where there is no data. The time is cut to whole seconds.
 */
export function formatQueueLogLine({ time, callid, queuename, agent, event, data }: QueueLogFields): string {
  const columns = [...[callid, queuename, agent].map(orNone), event, ...data].map(queueLogField)
  return `${Math.floor(time)}|${columns.join('|')}${data.length === 0 ? '|' : ''}\n`
}

/** How far a line may run back before the server's clock was set back, in s. */
const SET_BACK_S = 60

/**
 * The time that a line gets behind another: its own, or that of the line before where it had waited. Only where the server's
 * clock was set back lines run back with it.
 *
 * @param last the time of the line before; both are seconds since the epoch
 */
export function timeBehind(last: number, time: number): number {
  return time < last && last - time <= SET_BACK_S ? last : time
}
