import { ChannelTable } from '../channels.ts'
import { type OptionKinds, type OptionValues, onOff, pattern, wholeNumber } from '../option-kinds.ts'
import { TICK } from '../stream-clock.ts'
import { HotdeskingTracker } from './hotdesking.ts'
import { MohTracker } from './moh.ts'
import { OutboundTracker } from './outbound.ts'
import { ParkedTracker } from './parked.ts'
import type { Tracker } from './tracker.ts'

export interface TrackerEntry<K extends OptionKinds = OptionKinds> {
  /** The program that runs it on its own. */
  readonly program: string
  /** The switch of ami-track that turns it on or off, and what that is if not given. */
  readonly option: string
  readonly onByDefault: boolean
  /** Its own options, of its program and of ami-track. */
  readonly options: K
  readonly create: (options: OptionValues<K>, channels?: ChannelTable) => Tracker
}

const rewriteuniqueids = onOff(true)

/** All trackers, in the order in which they are chained. A further tracker is one more entry here. */
export const trackers: readonly TrackerEntry[] = [
  entry({
    program: 'track-outbound',
    option: 'outboundcalls',
    onByDefault: false,
    options: { outboundthreshold: wholeNumber(300, 'ms'), 'hidden-channels': pattern(), rewriteuniqueids },
    create: ({ outboundthreshold, 'hidden-channels': hidden, rewriteuniqueids }, channels) =>
      new OutboundTracker(
        {
          thresholdMs: outboundthreshold,
          rewriteUniqueids: rewriteuniqueids,
          hides: (channelName) => hidden?.matcher(channelName).find() ?? false,
        },
        channels,
      ),
  }),
  entry({
    program: 'track-parked',
    option: 'parkedcalls',
    onByDefault: false,
    options: { rewriteuniqueids },
    create: ({ rewriteuniqueids }, channels) => new ParkedTracker({ rewriteUniqueids: rewriteuniqueids }, channels),
  }),
  entry({
    program: 'track-moh',
    option: 'moh',
    onByDefault: true,
    options: {},
    create: (_options, channels) => new MohTracker(channels),
  }),
  entry({
    program: 'track-hotdesking',
    option: 'hotdesking',
    onByDefault: false,
    options: {},
    create: () => new HotdeskingTracker(),
  }),
]

/** An entry of the table, its options' types checked against what it creates. */
function entry<K extends OptionKinds>(checked: TrackerEntry<K>): TrackerEntry {
  return checked as unknown as TrackerEntry
}

/**
 * Trackers that run in one stage, with one table of channels between them.
 *
 * @param values the options of all of them; those that are not given are at their defaults
 */
export function createTogether(entries: readonly TrackerEntry[], values: OptionValues<OptionKinds> = {}): Tracker[] {
  const channels = new ChannelTable()
  return entries.map(({ options, create }) => create({ ...defaultsOf(options), ...values }, channels))
}

/** A tracker with all its options at their defaults. */
export function createWithDefaults({ options, create }: TrackerEntry): Tracker {
  return create(defaultsOf(options))
}

function defaultsOf(options: OptionKinds): OptionValues<OptionKinds> {
  return Object.fromEntries(Object.entries(options).map(([name, { fallback }]) => [name, fallback]))
}

/** New channels move the clock of a stream without Timestamp headers, ticks that of a live one. */
const CLOCK_EVENTS = ['Newchannel', TICK]

/** The events that some tracker, or the clock, reads. */
export const neededEvents: ReadonlySet<string> = new Set([
  ...CLOCK_EVENTS,
  ...trackers.flatMap((tracker) => [...createWithDefaults(tracker).events]),
])
