import { bytesOfText } from '../text/byte-string.ts'
import { formatQueueLogLine, type LineOrigin, MAX_EPOCH_SECONDS, type QueueLogFields } from './record.ts'

/** Longer ones are no lines of a queue_log: bytes. */
export const MAX_LINE_BYTES = 64 * 1024

/** time, callid, queuename, agent and event; what stands behind them is data. */
const COLUMNS = 5
/** Asterisk writes whole seconds; others write a fraction as well. */
const TIME = /^\d{1,11}(?:\.\d{1,9})?$/
const LF = 0x0a

/**
 * The fields of a line of queue_log, as they stand there: a column may be empty, and a field may hold what no line of ours
 * holds. What is not UTF-8 is read as latin-1.
 *
 * @param bytes with or without its line end
 * @returns a text that says what is wrong where it is no such line
 */
export function readQueueLogLine(bytes: Buffer): QueueLogFields | string {
  const hasEnd = bytes[bytes.length - 1] === LF
  const columns = textOf(hasEnd ? bytes.subarray(0, -1) : bytes).split('|')
  const [timeText = '', callid = '', queuename = '', agent = '', event = '', ...data] = columns
  if (!TIME.test(timeText)) return 'a line does not begin with a time in epoch seconds'
  const time = Number(timeText)
  if (time >= MAX_EPOCH_SECONDS) return 'the time of a line is not in epoch seconds'
  if (columns.length < COLUMNS) return `a line has ${columns.length} columns instead of ${COLUMNS}`
  // A bar at the end stands where there is no data.
  return { time, callid, queuename, agent, event, data: data.length === 1 && data[0] === '' ? [] : data }
}

/** Whether a line is written so, byte for byte, by whoever is given its fields alone. */
export function isWrittenSo(fields: QueueLogFields, bytes: Buffer): boolean {
  return fields.event !== '' && bytesOfText(formatQueueLogLine(fields)) === bytes.toString('latin1')
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes.toString('latin1')
  }
}

/** A line, or a part of one that is longer than {@link MAX_LINE_BYTES}. */
export interface CutLine {
  /** With its line end, if it has one. */
  readonly bytes: Buffer
  /** Where it begins. */
  readonly byte: number
  readonly isPart: boolean
}

/** Cuts bytes into lines, however they come, and holds no more than {@link MAX_LINE_BYTES}. */
export class LineCutter {
  private held: Buffer = Buffer.alloc(0)
  private byte: number
  /** Whether what is held goes on a line that was too long. */
  private isPart: boolean

  /**
   * @param byte where the first chunk begins
   * @param isPart whether it begins within a line
   */
  constructor(byte = 0, isPart = false) {
    this.byte = byte
    this.isPart = isPart
  }

  /** The lines that end in a chunk. */
  feed(chunk: Buffer): CutLine[] {
    const lines: CutLine[] = []
    const bytes = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk])
    let at = 0
    for (;;) {
      const end = bytes.indexOf(LF, at) + 1
      const length = (end === 0 ? bytes.length : end) - at
      if (length > MAX_LINE_BYTES) {
        this.isPart = true
        lines.push(this.line(bytes.subarray(at, at + MAX_LINE_BYTES)))
        at += MAX_LINE_BYTES
        continue
      }
      if (end === 0) break
      lines.push(this.line(bytes.subarray(at, end)))
      this.isPart = false
      at = end
    }
    // A copy: a slice would keep the whole chunk.
    this.held = Buffer.from(bytes.subarray(at))
    return lines
  }

  /** What is left at the end: a line without a line end. */
  end(): CutLine[] {
    const { held } = this
    this.held = Buffer.alloc(0)
    return held.length === 0 ? [] : [this.line(held)]
  }

  private line(bytes: Buffer): CutLine {
    const line = { bytes, byte: this.byte, isPart: this.isPart }
    this.byte += bytes.length
    return line
  }
}

/** What a line says that was cut out of a file. */
export interface ReadLine {
  readonly fields: QueueLogFields
  readonly origin: LineOrigin
}

/**
 * Reads a line that was cut out of a file.
 *
 * @param file which one
 * @returns a text that says what is wrong where it is no line of a queue_log
 */
export function readCutLine({ bytes, byte, isPart }: CutLine, file: string): ReadLine | string {
  const fields = isPart ? `a line is longer than ${MAX_LINE_BYTES} bytes` : readQueueLogLine(bytes)
  if (typeof fields === 'string') return fields
  const position = { file, byte }
  const origin = isWrittenSo(fields, bytes) ? { position } : { position, bytes: bytes.toString('latin1') }
  return { fields, origin }
}
