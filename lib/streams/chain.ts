import type { Duplex, Transform } from 'node:stream'
import type { Tracking } from '../trackers/tracking.ts'
import { type AmiParseOptions, amiParse } from './ami-parse.ts'
import { composed } from './composed.ts'
import { type QueueLogRecordsOptions, queueLogRecords } from './queue-log-records.ts'
import { trackerStage } from './tracker-stage.ts'

export interface ChainOptions {
  parse?: AmiParseOptions
  write?: QueueLogRecordsOptions
  tracking: Tracking
}

/** The whole chain in one stream: the raw AMI stream in, arrays of queue_log records out, as they are to be written. */
export function chain({ parse = {}, write = {}, tracking }: ChainOptions): Duplex {
  const stages: Transform[] = [amiParse(parse), trackerStage(tracking), queueLogRecords(write)]
  return composed(stages)
}
