/**
 * queue_log alone: its lines are read from a file, and written into a file or through Asterisk.
 *
 * @packageDocumentation
 */

export type { ActionHeaders } from './ami/action.ts'
export type { AmiMessage, Headers, HeaderValue } from './ami/message.ts'
export { type QueueLogLine, queueLogLine, queueLogRecord } from './queue-log/checked-record.ts'
export type { LineOutcome, OnSettled } from './queue-log/outcome.ts'
export { type ReadQueueLogOptions, readQueueLog } from './queue-log/read-queue-log.ts'
export type { LineOrigin, LinePosition, QueueLogFields, QueueLogRecord } from './queue-log/record.ts'
export { type ActionLink, AmiSink, type AmiSinkOptions } from './sinks/ami-sink.ts'
export { FileSink, type FileSinkOptions } from './sinks/file-sink.ts'
export type { LineCallbacks, Sink } from './sinks/sink.ts'
export type { Log } from './text/log.ts'
