import { type AmiMessage, HeaderMessage } from './message.ts'
import { formatTimestamp } from './timestamp.ts'

/**
 * The event by which a stream says that time has passed while nothing else came. Asterisk has none of this name.
 */
export const TICK = 'Tick'

/**
 * The event by which the parser says that something of the stream is missing: a piece within a session, or what happened
 * between two sessions. Asterisk has none of this name.
 */
export const GAP = 'Gap'

/** The event with which a dump begins that ami-track has put into a file. Nobody tracks it. */
export const DUMP_BEGIN = 'DumpBegin'

/**
 * The messages of our own between which a live stream holds what the server lists after a login. Asterisk has no events
 * of these names.
 *
 * At the first, the stream has a gap: nobody knows what happened since the message before it. At the second, all lists
 * are here; its header {@link LISTS} names those that are whole.
 */
export const RESYNC_BEGIN = 'ResyncBegin'
export const RESYNC_END = 'ResyncEnd'

/**
 * The event that says whether Asterisk itself logs members in and out by their names (log_membername_as_agent in
 * queues.conf), as its queue_log shows. Asterisk has none of this name: no action that all may use tells that.
 *
 * Its header {@link VALUE} is `yes`, `no`, or `awaited`: the file does not show it yet, but will as soon as a member is added.
 */
export const MEMBER_NAMES_LOGGED = 'MemberNamesLogged'
export const VALUE = 'Value'
export type NamesLogged = 'yes' | 'no' | 'awaited'

/** The events that a stream holds and that Asterisk did not send. */
export const OWN_EVENTS: ReadonlySet<string> = new Set([
  TICK,
  GAP,
  DUMP_BEGIN,
  RESYNC_BEGIN,
  RESYNC_END,
  MEMBER_NAMES_LOGGED,
])

/** Those that stand where the time is not known, or does not matter. */
export const UNSTAMPED_EVENTS: ReadonlySet<string> = new Set([DUMP_BEGIN, RESYNC_BEGIN, MEMBER_NAMES_LOGGED])

/** The header of {@link RESYNC_END} that names the actions whose lists are whole, with commas between them. */
export const LISTS = 'Lists'

/** The header of an event that was not seen, but follows from the lists. */
export const RESYNC = 'Resync'

/** Whether an event was put in where it follows from the lists that it happened while nobody listened. */
export function isOfResync(message: AmiMessage): boolean {
  return message.get(RESYNC) !== undefined
}

/** A {@link TICK}. @param ms since the epoch */
export function tickAt(ms: number): AmiMessage {
  return new HeaderMessage(
    new Map([
      ['Event', TICK],
      ['Privilege', ''],
      ['Timestamp', formatTimestamp(ms)],
    ]),
    TICK,
  )
}

/** A {@link MEMBER_NAMES_LOGGED}. It has no time: it is no event of a call. */
export function memberNamesLogged(value: NamesLogged): AmiMessage {
  return new HeaderMessage(
    new Map([
      ['Event', MEMBER_NAMES_LOGGED],
      ['Privilege', ''],
      [VALUE, value],
    ]),
    MEMBER_NAMES_LOGGED,
  )
}
