/** The stages and their parts, for programs that build chains of their own. */

export {
  type AmiMessage,
  HeaderMessage,
  type Headers,
  type HeaderValue,
  wireOf,
} from './ami/message.ts'
export { AmiParser, type AmiParserOptions, AmiStreamError, type ParseReport } from './ami/parser.ts'
export { Calls } from './calls/calls.ts'
export type { Change } from './calls/change.ts'
export { StreamClock } from './calls/stream-clock.ts'
export {
  AmiConnection,
  type ConnectionSettings,
} from './connection/connection.ts'
export { ConnectionError } from './connection/errors.ts'
export { formatQueueLogLine, type QueueLogFields, QueueLogRecord } from './queue-log/record.ts'
export type { Batch, ForeignLine, StageRecord } from './records/record.ts'
export { AmiSink, type AmiSinkOptions } from './sinks/ami-sink.ts'
export { FileSink, type FileSinkOptions } from './sinks/file-sink.ts'
export { queueLogText } from './sinks/queue-log-text.ts'
export { type AmiFilterOptions, amiFilter } from './streams/ami-filter.ts'
export { type AmiParseOptions, amiParse } from './streams/ami-parse.ts'
export { type ChainOptions, chain } from './streams/chain.ts'
export { readNdjson, writeNdjson } from './streams/ndjson-stream.ts'
export { batchStage } from './streams/object-stage.ts'
export { type QueueLogRecordsOptions, queueLogRecords } from './streams/queue-log-records.ts'
export { trackerStage } from './streams/tracker-stage.ts'
export { ErrorLog, type Log } from './text/log.ts'
export type { TrackerEntry } from './trackers/row.ts'
export { neededEvents, trackers } from './trackers/table.ts'
export type { OpenCall, Tracker } from './trackers/tracker.ts'
export { createTrackers, Tracking } from './trackers/tracking.ts'
