import { MohTracker } from './moh.ts'
import type { Tracker } from './tracker.ts'

export interface TrackerEntry {
  /** The program that runs it on its own. */
  readonly program: string
  /** The switch of ami-track that turns it on or off, and what that is if not given. */
  readonly option: string
  readonly onByDefault: boolean
  readonly create: () => Tracker
}

/** All trackers, in the order in which they are chained. A further tracker is one more line here. */
export const trackers: readonly TrackerEntry[] = [
  { program: 'track-moh', option: 'moh', onByDefault: true, create: () => new MohTracker() },
]

/** New channels move the clock of a stream without Timestamp headers. */
const CLOCK_EVENTS = ['Newchannel']

/** The events that some tracker, or the clock, reads. */
export const neededEvents: ReadonlySet<string> = new Set([
  ...CLOCK_EVENTS,
  ...trackers.flatMap(({ create }) => [...create().events]),
])
