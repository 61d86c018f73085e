import { eventsOf } from '../calls/calls.ts'
import type { Followed } from '../calls/change.ts'
import type { OptionKind, OptionValues } from '../options/kinds.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { quoted } from '../text/quoted.ts'
import type { Surroundings, Tracker } from './tracker.ts'

/** An option of a tracker: its kind, and what is said of it wherever it stands. */
export interface TrackerOption<T> extends OptionKind<T> {
  /** Its key in a settings file. */
  readonly key: string
  /** What it does, for help texts and the settings file of the packages: `how long a dial must last`. */
  readonly help: string
  /** A value to be seen in that settings file, where it has no default. */
  readonly example?: string
}

export type TrackerOptions = Readonly<Record<string, TrackerOption<unknown>>>

/**
 * All that is particular to a tracker. Whoever needs to know anything of one reads it here: help texts, manual pages,
 * completions, the settings file, metrics, doctor, explain, and the sinks.
 */
export interface TrackerEntry<O extends TrackerOptions = TrackerOptions> {
  /** The program that runs it on its own. */
  readonly program: string
  /** The switch of ami-track that turns it on or off, its key in a settings file, and what it is if not given. */
  readonly option: string
  readonly key: string
  readonly onByDefault: boolean
  /** What the switch does: `track parked calls`. */
  readonly help: string
  /** The help text of its program: paragraphs behind "Passes every record on and adds queue_log records for". */
  readonly about: readonly string[]
  /** The stages before it, by themselves and with others, that its help text shows besides the plain one. */
  readonly examples: readonly string[]
  /** Its own options, of its program and of ami-track. One that is called as the switch takes its place: it has more values. */
  readonly options: O
  /** The verbs of its lines. */
  readonly verbs: readonly string[]
  /** How the names of the queues begin that it makes of calls. */
  readonly queues: readonly string[]
  /** What it wants to know of calls: the events that tell of that are those which its privileges must show. */
  readonly follows: readonly Followed[]
  /** What it also reads of, and can do without. */
  readonly alsoReads?: readonly Followed[]
  /** The modules of Asterisk that it cannot do without, besides app_queue. */
  readonly modules: readonly string[]
  /** The event at which a reader of explain is told that the tracker is off: of calls that were in no queue. */
  readonly missedAt?: string
  /** What a reader of explain is told beside one of its lines; undefined if nothing. */
  readonly noteOn?: (line: QueueLogFields) => string | undefined
  /**
   * Which of some lines that came together wait for one that Asterisk itself is about to write, by their indices.
   *
   * @param isOfTrackers whether a queue is one that trackers have made
   */
  readonly waiting?: (
    lines: readonly QueueLogFields[],
    isOfTrackers: (queuename: string) => boolean,
  ) => Iterable<number>
  /** Whether a line is of no use behind the end of its call in a queue of Asterisk's own. */
  readonly isLateBehindEnd?: (line: QueueLogFields) => boolean
  readonly create: (options: OptionValues<O>, around: Surroundings) => Tracker
}

/** What is needed of a row to track. */
export type TrackedRow = Pick<TrackerEntry, 'options' | 'follows' | 'alsoReads' | 'create'>

/** A row of the table, its options' types checked against what it creates. */
export function row<O extends TrackerOptions>(checked: TrackerEntry<O>): TrackerEntry {
  return checked as unknown as TrackerEntry
}

/**
 * The values of a tracker's options; those that are not given are at their defaults.
 *
 * @throws TypeError for one whose type is another than that of its default
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

/** The events that a tracker reads of. */
export function eventsFor({
  follows,
  alsoReads = [],
}: Pick<TrackerEntry, 'follows' | 'alsoReads'>): ReadonlySet<string> {
  return eventsOf([...follows, ...alsoReads])
}
