import type { Transform } from 'node:stream'
import { aTime } from '../queue-log/checked-record.ts'
import type { QueueCallMark } from '../queue-log/queue-call-marks.ts'
import { QueueLogRecord, timeBehind, type WrittenLine } from '../queue-log/record.ts'
import { MalformedLine } from '../records/origin.ts'
import type { Batch } from '../records/record.ts'
import { textOfBytes } from '../text/byte-string.ts'
import { aFlag, aFunction, checkOptions, type Expected } from '../text/expected.ts'
import { objectStage } from './object-stage.ts'
import { queueCallMark } from './queue-call-mark.ts'

/** Options of {@link queueLogRecords}. */
export interface QueueLogRecordsOptions {
  /** Told of each line of input that was no sound record. What it throws ends the stream. */
  onReport?: ((text: string) => void) | undefined
  /**
   * The time of the line before the first: seconds since the epoch.
   *
   * @defaultValue 0
   */
  lastTime?: number | undefined
  /**
   * Whether lines keep the times of their events, for one who stamps them anew, as Asterisk does.
   *
   * @defaultValue false
   */
  keepsTimes?: boolean | undefined
  /**
   * Whether marks of calls that are over stand between the lines, for `AmiSink`.
   *
   * @defaultValue false
   */
  marksCalls?: boolean | undefined
  /**
   * Whether what was no line of the queue_log that it was read from is written all the same, as it was.
   *
   * @defaultValue false
   */
  keepsMalformed?: boolean | undefined
}

const OPTIONS: Readonly<Record<keyof QueueLogRecordsOptions, Expected>> = {
  onReport: aFunction,
  lastTime: aTime,
  keepsTimes: aFlag,
  marksCalls: aFlag,
  keepsMalformed: aFlag,
}

/**
 * Batches of records in, the queue_log records among them out, as they are to be written: unless asked otherwise,
 * their times never run backwards, but for those that were read from a queue_log, or where the server's clock was set back.
 *
 * @throws TypeError for an option that does not exist, or a value of a wrong kind
 */
export function queueLogRecords(options: QueueLogRecordsOptions = {}): Transform {
  checkOptions('queueLogRecords', options, OPTIONS)
  const linesOf = linesToWrite(options)
  return objectStage<Batch, (WrittenLine | QueueCallMark)[]>((batch) => {
    const lines = linesOf(batch)
    return lines.length > 0 ? lines : undefined
  })
}

/** What that stage does, without the stream. */
export function linesToWrite(
  options?: QueueLogRecordsOptions & { keepsMalformed?: false | undefined },
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
        else onReport(`this is not a line of a queue_log and cannot be written: ${excerpt(record.bytes)}`)
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
