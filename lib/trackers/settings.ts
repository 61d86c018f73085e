import { type OptionKind, type OptionKinds, type OptionValues, UsageError } from '../options/kinds.ts'
import { checkOptions, type Expected } from '../text/expected.ts'
import { listed } from '../text/listed.ts'
import { chosenTrackers, trackerKinds } from './table.ts'
import { type Trackers, Tracking } from './tracking.ts'

/**
 * Which trackers are on, and how they write: the options of `ami-track`, by the same names and with the same defaults. A
 * regular expression is a text in RE2 syntax, as on the command line: no text of a caller can make it slow.
 */
export interface TrackerSettings {
  /**
   * Track outbound calls, as calls of the queue `q-ACCOUNTCODE`.
   *
   * @defaultValue false
   */
  outboundcalls?: boolean | undefined
  /**
   * Track parked calls, as calls of the queue `pk-LOT`.
   *
   * @defaultValue false
   */
  parkedcalls?: boolean | undefined
  /**
   * Track music on hold: CALLERONHOLD and CALLEROFFHOLD.
   *
   * @defaultValue true
   */
  moh?: boolean | undefined
  /**
   * Log members in by their names. `'names'`: Asterisk does so itself (`log_membername_as_agent` in queues.conf).
   *
   * @defaultValue false
   */
  hotdesking?: boolean | 'names' | undefined
  /**
   * How long a dial must last to be tracked, in ms.
   *
   * @defaultValue 300
   */
  outboundthreshold?: number | undefined
  /** Outbound calls of channels that match this regular expression are logged on `_q-…`. None, if not given. */
  'hidden-channels'?: string | undefined
  /**
   * Track only outbound calls whose calling channel matches this regular expression; `!RE`: only the others. All, if not
   * given.
   */
  'outbound-channels'?: string | undefined
  /** The same by the number that was dialled. */
  'outbound-numbers'?: string | undefined
  /** The same by the context of the dialplan that dials. */
  'outbound-contexts'?: string | undefined
  /**
   * How an outbound call begins: CALLOUTBOUND, ENTERQUEUE for readers that count calls by it, or both.
   *
   * @defaultValue 'callout'
   */
  outboundverb?: 'callout' | 'enterqueue' | 'both' | undefined
  /**
   * Write the parking space before the parked caller's number.
   *
   * @defaultValue true
   */
  parkinglabel?: boolean | undefined
  /**
   * The agent of parked and outbound calls: the interface, or the name of the queue member whose phone it is.
   *
   * @defaultValue 'interface'
   */
  agentname?: 'interface' | 'member' | undefined
  /**
   * Write ADDMEMBER and REMOVEMEMBER around parked and outbound calls.
   *
   * @defaultValue true
   */
  joinlines?: boolean | undefined
  /**
   * Write callids of parked and outbound calls as `:UNIQUEID`.
   *
   * @defaultValue true
   */
  rewriteuniqueids?: boolean | undefined
}

/** What each of them has to be. */
export const trackerSettings: Readonly<Record<string, Expected>> = Object.fromEntries(
  Object.entries(trackerKinds).map(([name, kind]) => [name, expectedBy(kind)]),
)

/**
 * The trackers of plain options, named as those of `ami-track`, each at its default if it is not given:
 * `createTrackers({ outboundcalls: true })`. They stand behind each other, on one model of calls.
 *
 * @throws TypeError that names an option which does not exist, or has a value of a wrong kind
 */
export function createTrackers(settings: TrackerSettings = {}): Trackers {
  checkOptions('createTrackers', settings, trackerSettings)
  return trackingBy('createTrackers', settings)
}

/**
 * The same of settings that have been checked.
 *
 * @param of what messages call the function that was given them
 * @throws TypeError for a regular expression that is none
 */
export function trackingBy(of: string, settings: TrackerSettings): Tracking {
  const values: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(trackerKinds)) {
    const value = (settings as Record<string, unknown>)[name]
    values[name] = typeof value === 'string' && isPattern(kind) ? readPattern(of, kind, name, value) : value
  }
  const given = values as Partial<OptionValues<OptionKinds>>
  return new Tracking(chosenTrackers(given), given)
}

/** What the command line takes for the same option, but as a value of JavaScript. */
function expectedBy(kind: OptionKind<unknown>): Expected {
  const { fallback, words = [] } = kind
  if (isPattern(kind)) return { what: 'a regular expression, as a text', fits: (value) => typeof value === 'string' }
  const isWord = (value: unknown): boolean => words.some((word) => word === value)
  if (typeof fallback === 'string') return { what: listed(words), words, fits: isWord }
  if (typeof fallback === 'boolean') {
    const what = listed(['true', 'false', ...words])
    return { what, words, fits: (value) => typeof value === 'boolean' || isWord(value) }
  }
  return {
    what: `a whole number, such as ${fallback}`,
    fits: (value) => typeof value === 'number' && isRead(kind, String(value)),
  }
}

/** The only options without a default are regular expressions. */
function isPattern({ fallback }: OptionKind<unknown>): boolean {
  return fallback === undefined
}

function isRead({ read }: OptionKind<unknown>, text: string): boolean {
  try {
    read('', text)
    return true
  } catch {
    return false
  }
}

/** @throws TypeError that says what in it cannot be understood */
function readPattern(of: string, { read }: OptionKind<unknown>, name: string, text: string): unknown {
  try {
    return read(name, text)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new TypeError(`${of}: ${error.message.replaceAll(`--${name}`, name)}`)
  }
}
