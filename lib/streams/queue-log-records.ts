import type { Transform } from 'node:stream'
import type { QueueCallMark } from '../queue-log/queue-call-marks.ts'
import { QueueLogRecord, timeBehind, type WrittenLine } from '../queue-log/record.ts'
import { MalformedLine } from '../records/origin.ts'
import type { Batch } from '../records/record.ts'
import { textOfBytes } from '../text/byte-string.ts'
import { objectStage } from './object-stage.ts'
import { queueCallMark } from './queue-call-mark.ts'

export interface QueueLogRecordsOptions {
  /** Told of each line of input that was no sound record. What it throws ends the stream. */
  onReport?: (text: string) => void
  /** The time of the line before the first: seconds since the epoch. */
  lastTime?: number
  /** Whether lines keep the times of their events, for one who stamps them anew. */
  keepsTimes?: boolean
  /** Whether {@link QueueCallMark}s stand between the lines, for a sink that asks for them. */
  marksCalls?: boolean
  /** Whether what was no line of the queue_log that it was read from is written all the same, as it was. */
  keepsMalformed?: boolean
}

/**
 * Batches of records in, the queue_log records among them out, as they are to be written: unless asked otherwise,
 * their times never run backwards ({@link timeBehind}), but for those that were read from a queue_log.
 */
export function queueLogRecords(options: QueueLogRecordsOptions = {}): Transform {
  const linesOf = linesToWrite(options)
  return objectStage<Batch, (WrittenLine | QueueCallMark)[]>((batch) => {
    const lines = linesOf(batch)
    return lines.length > 0 ? lines : undefined
  })
}

/** What that stage does, without the stream. */
export function linesToWrite(
  options?: QueueLogRecordsOptions & { keepsMalformed?: false },
): (batch: Batch) => (QueueLogRecord | QueueCallMark)[]
export function linesToWrite(options?: QueueLogRecordsOptions): (batch: Batch) => (WrittenLine | QueueCallMark)[]
export function linesToWrite(options: QueueLogRecordsOptions = {}): (batch: Batch) => (WrittenLine | QueueCallMark)[] {
  const { onReport = () => {}, keepsTimes = false, marksCalls = false, keepsMalformed = false } = options
  let { lastTime = 0 } = options
  return (batch) => {
    const lines: (WrittenLine | QueueCallMark)[] = []
    for (const record of batch) {
      if (record.kind === 'queue_log') {
        lastTime = keepsTimes || record.origin !== undefined ? record.time : timeBehind(lastTime, record.time)
        lines.push(at(lastTime, record))
      } else if (record.kind === 'ami') {
        const mark = marksCalls ? queueCallMark(record) : undefined
        if (mark !== undefined) lines.push(mark)
      } else if (record instanceof MalformedLine) {
        if (keepsMalformed) lines.push(record)
        else onReport(`what is no line of queue_log cannot be written here: ${excerpt(record.bytes)}`)
      } else if (record.kind === 'foreign' && record.problem !== undefined) {
        onReport(`${record.problem}: ${excerpt(record.toLine())}`)
      }
    }
    return lines
  }
}

function at(time: number, record: QueueLogRecord): QueueLogRecord {
  const { callid, queuename, agent, event, data, number, origin } = record
  return new QueueLogRecord({ time, callid, queuename, agent, event, data }, undefined, number, origin)
}

/** The beginning of a line, fit for one line of a log. */
function excerpt(line: string): string {
  return JSON.stringify(textOfBytes(line.length > 60 ? `${line.slice(0, 60)}...` : line))
}
