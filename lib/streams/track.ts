import type { ParseReport } from '../ami/parser.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log/record.ts'
import type { Batch } from '../records/record.ts'
import { aFunction, checkOptions, oneOfThese } from '../text/expected.ts'
import { type TrackerSettings, trackerSettings, trackingBy } from '../trackers/settings.ts'
import { amiReader, readerOptions } from './ami-parse.ts'
import { type ItemStream, itemStream } from './item-stream.ts'
import { linesToWrite } from './queue-log-records.ts'

/** Options of `track()`: the trackers, and how the stream is read. */
export interface TrackOptions extends TrackerSettings {
  /**
   * What comes out: a {@link QueueLogRecord} each, or the text of its line with a line end.
   *
   * @defaultValue 'records'
   */
  output?: 'records' | 'lines' | undefined
  /** Told of everything that was wrong in the AMI stream and read past. What it throws ends the stream. */
  onReport?: ((report: ParseReport) => void) | undefined
  /**
   * Told when a tracker waits for time to pass: ms since the epoch, by the server's clock; undefined if none does. Live, hand it
   * to `AmiConnection.expectTick`, so that a line that waits comes out in time.
   */
  onDue?: ((serverMs: number | undefined) => void) | undefined
  /**
   * The greatest AMI message that is read, in bytes.
   *
   * @defaultValue 1048576
   */
  maxMessageBytes?: number | undefined
}

const { maxMessageBytes, onReport } = readerOptions
const expected = {
  ...trackerSettings,
  output: oneOfThese(['records', 'lines']),
  onReport,
  onDue: aFunction,
  maxMessageBytes,
}

/**
 * The whole chain in one stream: write the bytes of an AMI stream into it, and read the queue_log lines of the trackers from it,
 * those that Asterisk does not write itself.
 *
 * @throws TypeError that names an option which does not exist, or has a value of a wrong kind
 * @throws AmiStreamError (as the stream's error) if what is written is no AMI stream, or of an Asterisk too old
 */
export function track(options?: TrackOptions & { output?: 'records' | undefined }): ItemStream<QueueLogRecord>
/** The same, for the text of each line. */
export function track(options: TrackOptions & { output: 'lines' }): ItemStream<string>
/** The same, where it is not known before which of them is wanted. */
export function track(options?: TrackOptions): ItemStream<QueueLogRecord> | ItemStream<string>
export function track(options: TrackOptions = {}): ItemStream<QueueLogRecord> | ItemStream<string> {
  checkOptions('track', options, expected)
  const { output = 'records', onReport, onDue, maxMessageBytes, ...settings } = options
  const tracking = trackingBy('track', settings)
  if (onDue !== undefined) tracking.onDue(onDue)
  const reader = amiReader({ onReport, maxMessageBytes })
  const linesOf = linesToWrite({ keepsMalformed: false })
  const given = (batch: Batch): QueueLogRecord[] => linesOf(batch).filter((line) => line.kind === 'queue_log')
  const pass = (chunk: Uint8Array): QueueLogRecord[] => given(tracking.pass(reader.feed(chunk) ?? []))
  const end = (): QueueLogRecord[] => [...given(tracking.pass(reader.end() ?? [])), ...given(tracking.end())]
  return output === 'records'
    ? itemStream(pass, end)
    : itemStream(
        (chunk) => pass(chunk).map(formatQueueLogLine),
        () => end().map(formatQueueLogLine),
      )
}
