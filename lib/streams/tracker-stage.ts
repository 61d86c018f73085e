import type { Transform } from 'node:stream'
import type { Batch } from '../records/record.ts'
import { anObjectWith, checkValue } from '../text/expected.ts'
import type { Trackers } from '../trackers/tracking.ts'
import { objectStage } from './object-stage.ts'

/**
 * Makes trackers an object stream of batches.
 *
 * One stream for all of them: a stream of its own for each costs a live daemon more than the tracking itself.
 *
 * @throws TypeError for what are no trackers
 */
export function trackerStage(tracking: Pick<Trackers, 'pass' | 'end'>): Transform {
  checkValue('trackerStage', 'tracking', tracking, anObjectWith(['pass', 'end'], 'what createTrackers() gives'))
  return objectStage<Batch, Batch>(
    (batch) => tracking.pass(batch),
    () => {
      const rest = tracking.end()
      return rest.length > 0 ? rest : undefined
    },
  )
}
