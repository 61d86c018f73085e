import type { OptionKinds } from '../options/kinds.ts'
import { trackerKinds } from '../trackers/table.ts'
import { presetOption } from './presets.ts'

/** The switches of all trackers, their own options, and the one that sets several of them. */
export const trackerOptions: OptionKinds = { preset: presetOption(), ...trackerKinds }
