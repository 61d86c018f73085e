import { type OptionKinds, type OptionValues, onOff } from '../options/kinds.ts'
import type { TrackerEntry } from '../trackers/row.ts'
import { trackers } from '../trackers/table.ts'
import { presetOption } from './presets.ts'

/** The switches of all trackers, their own options, and the one that sets several of them. */
export const trackerOptions: OptionKinds = Object.assign(
  { preset: presetOption() },
  ...trackers.map(({ option, onByDefault, options }) => ({ [option]: onOff(onByDefault), ...options })),
)

/** The trackers that are switched on, in the order of the chain. */
export function chosenTrackers(switches: OptionValues<OptionKinds>): TrackerEntry[] {
  return trackers.filter(({ option }) => switches[option] !== false)
}
