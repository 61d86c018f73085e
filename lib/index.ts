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
export { ErrorLog, type Log } from './log.ts'
export { formatQueueLogLine, type QueueLogFields, QueueLogRecord } from './queue-log.ts'
export type { Batch, ForeignLine, StageRecord } from './record.ts'
export { AmiSink, type AmiSinkOptions } from './sinks/ami-sink.ts'
export { FileSink, type FileSinkOptions } from './sinks/file-sink.ts'
export { queueLogText } from './sinks/queue-log-text.ts'
export { type AmiFilterOptions, amiFilter } from './stages/ami-filter.ts'
export { type AmiParseOptions, amiParse } from './stages/ami-parse.ts'
export { type ChainOptions, chain } from './stages/chain.ts'
export { readNdjson, writeNdjson } from './stages/ndjson-stream.ts'
export { batchStage } from './stages/object-stage.ts'
export { type QueueLogRecordsOptions, queueLogRecords } from './stages/queue-log-records.ts'
export { trackerStage } from './stages/tracker-stage.ts'
export { neededEvents, type TrackerEntry, trackers } from './trackers/table.ts'
export type { OpenCall, Tracker } from './trackers/tracker.ts'
export { createTrackers, Tracking } from './trackers/tracking.ts'
