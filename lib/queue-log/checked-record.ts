import { aName, aText, checkOptions, type Expected } from '../text/expected.ts'
import { formatQueueLogLine, MAX_EPOCH_SECONDS, type QueueLogFields, QueueLogRecord } from './record.ts'

/** A line of queue_log as a program gives it. */
export interface QueueLogLine {
  /** When it happened: seconds since the epoch, with or without a fraction. */
  time: number
  /** The verb: `CONNECT`, `CALLERONHOLD`, … */
  event: string
  /**
   * The call.
   *
   * @defaultValue 'NONE'
   */
  callid?: string | undefined
  /**
   * The queue.
   *
   * @defaultValue 'NONE'
   */
  queuename?: string | undefined
  /**
   * The agent.
   *
   * @defaultValue 'NONE'
   */
  agent?: string | undefined
  /** data1, data2, …: texts. None, if not given. */
  data?: readonly string[] | undefined
}

/** A time in a queue_log: seconds since the epoch. */
export const aTime: Expected = {
  what: 'seconds since the epoch',
  fits: (value) => typeof value === 'number' && value >= 0 && value < MAX_EPOCH_SECONDS,
}

const expected: Readonly<Record<keyof QueueLogLine, Expected>> = {
  time: aTime,
  event: aName,
  callid: aText,
  queuename: aText,
  agent: aText,
  data: { what: 'an array of texts', fits: (value) => Array.isArray(value) && value.every((one) => aText.fits(one)) },
}

/**
 * A record for the sinks, of the fields of a line.
 *
 * @throws TypeError that names a field which does not exist, is missing, or is none of its kind
 */
export function queueLogRecord(line: QueueLogLine): QueueLogRecord {
  return new QueueLogRecord(fieldsOf('queueLogRecord', line))
}

/**
 * The text of a line as Asterisk itself writes it, with its line end: `time|callid|queue|agent|event|data1|…`, a trailing `|`
 * where there is no data. The time is cut to whole seconds. No field can forge a column or a line: `|` and every control
 * character become `_`.
 *
 * @throws TypeError that names a field which is missing, or is none of its kind
 */
export function queueLogLine(line: QueueLogLine | QueueLogRecord): string {
  return formatQueueLogLine(line instanceof QueueLogRecord ? line : fieldsOf('queueLogLine', line))
}

function fieldsOf(of: string, line: QueueLogLine): QueueLogFields {
  checkOptions(of, line, expected, ['time', 'event'])
  const { time, event, callid = 'NONE', queuename = 'NONE', agent = 'NONE', data = [] } = line
  return { time, callid, queuename, agent, event, data: [...data] }
}
