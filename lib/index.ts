/**
 * The whole chain, in one call or stage by stage. Its parts alone are `ami-track/parser`, `ami-track/calls`,
 * `ami-track/queue-log` and `ami-track/connection`.
 *
 * @packageDocumentation
 */

export type { AmiMessage, Headers, HeaderValue } from './ami/message.ts'
export { AmiStreamError, type ParseReport } from './ami/parser.ts'
export type { LineOutcome, OnSettled } from './queue-log/outcome.ts'
export type { LineOrigin, LinePosition, QueueLogFields, QueueLogRecord } from './queue-log/record.ts'
export type { Batch, ForeignLine, StageRecord } from './records/record.ts'
export { queueLogText } from './sinks/queue-log-text.ts'
export { type AmiFilterOptions, amiFilter } from './streams/ami-filter.ts'
export { type AmiParseOptions, amiParse } from './streams/ami-parse.ts'
export type { ItemStream } from './streams/item-stream.ts'
export { readNdjson, writeNdjson } from './streams/ndjson-stream.ts'
export { batchStage } from './streams/object-stage.ts'
export { type QueueLogRecordsOptions, queueLogRecords } from './streams/queue-log-records.ts'
export { type TrackOptions, track } from './streams/track.ts'
export { trackerStage } from './streams/tracker-stage.ts'
export { createTrackers, type TrackerSettings } from './trackers/settings.ts'
export type { OpenCall } from './trackers/tracker.ts'
export type { Trackers } from './trackers/tracking.ts'
