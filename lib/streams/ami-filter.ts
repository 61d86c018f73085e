import type { Transform } from 'node:stream'
import { neededEvents } from '../trackers/table.ts'
import { batchStage } from './object-stage.ts'

export interface AmiFilterOptions {
  /** Lets every event pass. Default false. */
  allEvents?: boolean
}

/** Drops the events that no tracker reads. Responses, queue_log records and foreign lines pass. */
export function amiFilter({ allEvents = false }: AmiFilterOptions = {}): Transform {
  return batchStage((record, out) => {
    if (allEvents || record.kind !== 'ami' || record.event === '' || neededEvents.has(record.event)) out.push(record)
  })
}
