import type { Transform } from 'node:stream'
import type { Batch } from '../records/record.ts'
import { neededEvents } from '../trackers/table.ts'
import { Tracking } from '../trackers/tracking.ts'
import { objectStage } from './object-stage.ts'

/**
 * Puts events into a live stream where the lists that the server gave after a login say that something happened while nobody
 * listened, for programs behind it that have models of their own. The lists themselves end here.
 *
 * @param allEvents passes every event on, and not only those that a tracker reads
 */
export function resyncStage(allEvents: boolean): Transform {
  const tracking = new Tracking([])
  return objectStage<Batch, Batch>((batch) => {
    const out = tracking.pass(batch)
    if (allEvents) return out
    return out.filter((record) => record.kind !== 'ami' || record.event === '' || neededEvents.has(record.event))
  })
}
