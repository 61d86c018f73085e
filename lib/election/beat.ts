import { hostname } from 'node:os'
import type { ActionHeaders } from '../ami/action.ts'
import { decodeHeaders } from '../ami/decode.ts'
import { HeaderMessage } from '../ami/message.ts'

/** What a tracker says of itself: what it does about the queue_log of the server. */
export const ROLES = ['listening', 'claiming', 'active', 'standby', 'leaving'] as const
export type Role = (typeof ROLES)[number]

/** A sign of life that every tracker on the same Asterisk sees. */
export interface Beat {
  /** Which tracker: unlike any other, and another one after each start. */
  readonly tracker: string
  readonly role: Role
  /** Counts the beats of a tracker. */
  readonly number: number
  /** Where it runs, for people: host and process id. */
  readonly place: string
}

/** The name of the user event. */
const USER_EVENT = 'AmiTrack'
/**
 * The event of a UserEvent action. One that the dialplan raises has the headers of its channel before its name, and may
 * have any headers behind it: a caller's name with commas in it can add some.
 */
const BEGINNING =
  /^Event: UserEvent\r\n(?:(?:Privilege|Timestamp|SequenceNumber|File|Line|Func|SystemName): .*\r\n)*UserEvent: AmiTrack\r\n/
/** What a place is cut to: it goes into logs. */
const MAX_PLACE = 80

/** The {@link Beat.place} of this process. */
export function placeOfProcess(): string {
  return `${hostname()}, process ${process.pid}`
}

/**
 * The headers of the UserEvent action that sends a beat. Asterisk makes an event of it for every manager user with
 * `read = user`, the sender among them (main/manager.c; no module is needed; seen on 16.28 and 22.10).
 */
export function beatHeaders({ tracker, role, number, place }: Beat): ActionHeaders {
  return [
    ['UserEvent', USER_EVENT],
    ['Tracker', tracker],
    ['Role', role],
    ['Number', String(number)],
    ['Place', place],
  ]
}

/**
 * The beat that a UserEvent is.
 *
 * @param message the event without its empty line, as a byte string
 * @returns undefined if it is none of ours, or not whole
 */
export function readBeat(message: string): Beat | undefined {
  if (!BEGINNING.test(message)) return undefined
  const event = new HeaderMessage(decodeHeaders(message, '\r\n'))
  const tracker = event.get('Tracker') ?? ''
  const role = ROLES.find((one) => one === event.get('Role'))
  const number = Number(event.get('Number'))
  const place = printable(event.get('Place') ?? '')
  return tracker === '' || role === undefined || !Number.isSafeInteger(number)
    ? undefined
    : { tracker, role, number, place }
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_PLACE)
}
