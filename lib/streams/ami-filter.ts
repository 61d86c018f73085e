import type { Transform } from 'node:stream'
import { aFlag, checkOptions } from '../text/expected.ts'
import { neededEvents } from '../trackers/table.ts'
import { batchStage } from './object-stage.ts'

/** Options of {@link amiFilter}. */
export interface AmiFilterOptions {
  /**
   * Lets every event pass.
   *
   * @defaultValue false
   */
  allEvents?: boolean | undefined
}

/**
 * Drops the events that no tracker reads. Responses, queue_log records and foreign lines pass.
 *
 * @throws TypeError for an option that does not exist, or a value of a wrong kind
 */
export function amiFilter(options: AmiFilterOptions = {}): Transform {
  checkOptions('amiFilter', options, { allEvents: aFlag })
  const { allEvents = false } = options
  return batchStage((record, out) => {
    if (allEvents || record.kind !== 'ami' || record.event === '' || neededEvents.has(record.event)) out.push(record)
  })
}
