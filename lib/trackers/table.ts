import { GAP, TICK } from '../ami/own-events.ts'
import { eventsOf } from '../calls/calls.ts'
import type { Followed } from '../calls/change.ts'
import { type OptionKinds, type OptionValues, onOff, pattern, quoted, wholeNumber } from '../options/kinds.ts'
import { HotdeskingTracker } from './hotdesking.ts'
import { MohTracker } from './moh.ts'
import { OutboundTracker } from './outbound.ts'
import { ParkedTracker } from './parked.ts'
import type { Surroundings, Tracker } from './tracker.ts'

export interface TrackerEntry<K extends OptionKinds = OptionKinds> {
  /** The program that runs it on its own. */
  readonly program: string
  /** The switch of ami-track that turns it on or off, and what that is if not given. */
  readonly option: string
  readonly onByDefault: boolean
  /** Its own options, of its program and of ami-track. */
  readonly options: K
  /** What it wants to know of calls. */
  readonly follows: readonly Followed[]
  readonly create: (options: OptionValues<K>, around: Surroundings) => Tracker
}

const rewriteuniqueids = onOff(true)

/** All trackers, in the order in which they are chained. A further tracker is one more entry here. */
export const trackers: readonly TrackerEntry[] = [
  entry({
    program: 'track-outbound',
    option: 'outboundcalls',
    onByDefault: false,
    options: { outboundthreshold: wholeNumber(300, 'ms'), 'hidden-channels': pattern(), rewriteuniqueids },
    follows: ['dials'],
    create: ({ outboundthreshold, 'hidden-channels': hidden, rewriteuniqueids }, around) =>
      new OutboundTracker(
        {
          thresholdMs: outboundthreshold,
          rewriteUniqueids: rewriteuniqueids,
          hides: (channelName) => hidden?.matcher(channelName).find() ?? false,
        },
        around,
      ),
  }),
  entry({
    program: 'track-parked',
    option: 'parkedcalls',
    onByDefault: false,
    options: { rewriteuniqueids },
    follows: ['parkings', 'queue-calls'],
    create: ({ rewriteuniqueids }, around) => new ParkedTracker({ rewriteUniqueids: rewriteuniqueids }, around),
  }),
  entry({
    program: 'track-moh',
    option: 'moh',
    onByDefault: true,
    options: {},
    follows: ['holds', 'queue-calls'],
    create: (_options, around) => new MohTracker(around),
  }),
  entry({
    program: 'track-hotdesking',
    option: 'hotdesking',
    onByDefault: false,
    options: {},
    follows: ['members'],
    create: (_options, around) => new HotdeskingTracker(around),
  }),
]

/** An entry of the table, its options' types checked against what it creates. */
function entry<K extends OptionKinds>(checked: TrackerEntry<K>): TrackerEntry {
  return checked as unknown as TrackerEntry
}

/**
 * The values of a tracker's options; those that are not given are at their defaults.
 *
 * @throws TypeError for one whose type is another than that of its default
 */
export function optionValues(
  { options }: TrackerEntry,
  given: Partial<OptionValues<OptionKinds>>,
): OptionValues<OptionKinds> {
  const values: OptionValues<OptionKinds> = {}
  for (const [name, { fallback }] of Object.entries(options)) {
    const value = given[name] ?? fallback
    const isOfKind =
      fallback === undefined ? value === undefined || typeof value === 'object' : typeof value === typeof fallback
    if (!isOfKind) throw new TypeError(`${name} cannot be ${quoted(String(value))}`)
    values[name] = value
  }
  return values
}

/** The events that a tracker reads of. */
export function eventsFor({ follows }: TrackerEntry): ReadonlySet<string> {
  return eventsOf(follows)
}

/** New channels move the clock of a stream without Timestamp headers, ticks that of a live one; and a gap is of all calls. */
const ALWAYS_NEEDED = ['Newchannel', TICK, GAP]

/** The events that some tracker, or the clock, reads. */
export const neededEvents: ReadonlySet<string> = new Set([
  ...ALWAYS_NEEDED,
  ...trackers.flatMap((tracker) => [...eventsFor(tracker)]),
])
