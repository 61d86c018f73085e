import { type LiveDoorValues, liveDoorFaults } from '../daemon/live-door-options.ts'
import { UsageError } from '../options/kinds.ts'
import { refuseWithoutEffect } from './without-effect.ts'

/**
 * @param given the names of the options on the command line
 * @throws UsageError if the page of the open calls would be shown to whom it is not for, or a token is for nobody
 */
export function refuseUnfitDoor(values: LiveDoorValues, given: ReadonlySet<string>): void {
  for (const fault of liveDoorFaults(values)) throw new UsageError(fault)
  if (values.live === undefined) refuseWithoutEffect(given, ['live-token-file'], 'without --live HOST:PORT')
}
