import type { Channel } from './channels.ts'
import type { Facts } from './dial-facts.ts'
import { dialledNumber } from './dialled-number.ts'

/** One dialled leg of a dial. */
export interface Leg {
  /** Who is dialled. */
  readonly channel: Channel
  /** Who dials it: the call itself, or a Local half behind one of its legs. */
  readonly dialler: Channel
  /** ms since the epoch */
  readonly begin: number
  /** Whether it still rings. */
  isOpen: boolean
  /** When a DialEnd said that it was answered: ms since the epoch. This alone does not connect the call. */
  answeredAt: number | undefined
}

/** What a channel dials, with all its legs, until a call is connected or the dial is over. */
export interface Dial {
  /**
   * The channel that dials: the calling channel, or in a click-to-call through Local the half that runs the dialplan.
   */
  dialler: Channel
  /** The phone of the one who calls: never a Local half. */
  readonly agentChannel: Channel
  /** Its first DialBegin, or the first one after a time in which no leg rang. */
  beginning: DialBeginning
  /** Its legs, by who is dialled. */
  readonly legs: Map<Channel, Leg>
  /** If another phone took the call: which one, and when (ms since the epoch). */
  pickUp: { readonly channel: Channel; readonly at: number } | undefined
  /** ms since the epoch */
  lastDialEnd: number | undefined
}

/** What the first DialBegin says about a dial. */
export interface DialBeginning {
  /** ms since the epoch */
  readonly at: number
  /** Of the calling channel, as it was then. */
  readonly accountCode: string
  /** Of the dialplan. */
  readonly context: string
  /**
   * The dialled number. It is looked up only when somebody reads it, because the OriginateResponse may come after the
   * DialBegin.
   */
  readonly number: () => string
}

/** What the headers of a DialBegin, and the dialling channel, say about it. */
export function beginningOf(
  facts: Readonly<Facts>,
  told: { at: number; accountCode: string; context: string; exten: string; dialString: string; technology: string },
): DialBeginning {
  const { at, accountCode, context, exten, dialString, technology } = told
  return { at, accountCode, context, number: () => dialledNumber(facts, exten, technology, dialString) }
}

/** Whether a leg that the call itself dialled still rings. */
export function hasOpenLeg({ legs, dialler }: Dial): boolean {
  for (const leg of legs.values()) if (leg.isOpen && leg.dialler === dialler) return true
  return false
}
