import { eventsOf } from '../calls/calls.ts'
import type { Followed } from '../calls/change.ts'
import type { OptionKind, OptionValues } from '../options/kinds.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { quoted } from '../text/quoted.ts'
import type { Surroundings, Tracker } from './tracker.ts'

/** An option of a tracker: its kind, and its texts for all places where it is shown. */
export interface TrackerOption<T> extends OptionKind<T> {
  /** Its key in a settings file. */
  readonly key: string
  /** What it does, for help texts and the settings file of the packages: `how long a dial must last`. */
  readonly help: string
  /** A value to show in that settings file, if the option has no default. */
  readonly example?: string
}

export type TrackerOptions = Readonly<Record<string, TrackerOption<unknown>>>

/**
 * Everything that is special about a tracker. All other code reads it here: help texts, manual pages, completions, the
 * settings file, metrics, doctor, explain, and the sinks.
 */
export interface TrackerEntry<O extends TrackerOptions = TrackerOptions> {
  /** The program that runs it on its own. */
  readonly program: string
  /** The switch of ami-track that turns it on or off, its key in a settings file, and its default. */
  readonly option: string
  readonly key: string
  readonly onByDefault: boolean
  /** What the switch does: `track parked calls`. */
  readonly help: string
  /** The help text of its program: the paragraphs after "Passes every record on and adds queue_log records for". */
  readonly about: readonly string[]
  /** More pipes with this tracker for its help text, besides the plain one. */
  readonly examples: readonly string[]
  /**
   * Its own options, for its program and for ami-track. An option with the name of the switch replaces the switch: it
   * has more values.
   */
  readonly options: O
  /** The verbs of its lines. */
  readonly verbs: readonly string[]
  /** How the names of the queues begin that it invents for calls. */
  readonly queues: readonly string[]
  /** What it follows in the model of calls. The AMI user must have the privileges for the events of these. */
  readonly follows: readonly Followed[]
  /** What it also reads, but does not need. */
  readonly alsoReads?: readonly Followed[]
  /** The modules of Asterisk that it needs, besides app_queue. */
  readonly modules: readonly string[]
  /** The event at which explain says that the tracker is off, for calls that were in no queue. */
  readonly missedAt?: string
  /** The note that explain shows next to one of its lines; undefined if none. */
  readonly noteOn?: (line: QueueLogFields) => string | undefined
  /**
   * The indices of those lines, of some that came together, that must wait for a line that Asterisk itself is about to
   * write.
   *
   * @param isOfTrackers whether a queue is a queue of trackers
   */
  readonly waiting?: (
    lines: readonly QueueLogFields[],
    isOfTrackers: (queuename: string) => boolean,
  ) => Iterable<number>
  /** Whether a line is useless after the end of its call, if that is a call of Asterisk's own queues. */
  readonly isLateBehindEnd?: (line: QueueLogFields) => boolean
  readonly create: (options: OptionValues<O>, around: Surroundings) => Tracker
}

/** What is needed of a row to track. */
export type TrackedRow = Pick<TrackerEntry, 'options' | 'follows' | 'alsoReads' | 'create'>

/** A row of the table. The types of its options are checked against its `create`. */
export function row<O extends TrackerOptions>(checked: TrackerEntry<O>): TrackerEntry {
  return checked as unknown as TrackerEntry
}

/**
 * The values of a tracker's options; those that are not given are at their defaults.
 *
 * @throws TypeError if the type of a value is not the type of its default
 */
export function optionValues(
  { options }: Pick<TrackerEntry, 'options'>,
  given: Partial<OptionValues<TrackerOptions>>,
): OptionValues<TrackerOptions> {
  const values: Record<string, unknown> = {}
  for (const [name, { fallback, words }] of Object.entries(options)) {
    const value = given[name] ?? fallback
    const isText = typeof value === 'string' && words !== undefined
    const isOfKind =
      fallback === undefined ? value === undefined || typeof value === 'object' : typeof value === typeof fallback
    if (isText ? !words.includes(value) : !isOfKind) throw new TypeError(`${name} cannot be ${quoted(String(value))}`)
    values[name] = value
  }
  return values
}

/** The events without which a tracker cannot work. */
export function requiredEvents({ follows }: Pick<TrackerEntry, 'follows'>): ReadonlySet<string> {
  return eventsOf(follows)
}

/** The events that a tracker reads. */
export function eventsFor({
  follows,
  alsoReads = [],
}: Pick<TrackerEntry, 'follows' | 'alsoReads'>): ReadonlySet<string> {
  return eventsOf([...follows, ...alsoReads])
}
