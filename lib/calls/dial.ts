import type { Channel } from './channels.ts'
import type { Facts } from './dial-facts.ts'
import { dialledNumber } from './dialled-number.ts'

/** One dialled leg of a dial. */
export interface Leg {
  /** Who is dialled. */
  readonly channel: Channel
  /** Whose dial it is: the call's own, or that of a Local half behind one of its legs. */
  readonly dialler: Channel
  /** ms since the epoch */
  readonly begin: number
  /** Whether it still rings. */
  isOpen: boolean
  /** When a DialEnd told that it was answered: ms since the epoch. That alone does not connect it. */
  answeredAt: number | undefined
}

/** What a channel dials, however many legs that takes, until somebody is connected or it is over. */
export interface Dial {
  /** The channel that dials: the calling channel, or for a click-to-call through Local the half that runs the dialplan. */
  dialler: Channel
  /** The phone of the one who calls: never a Local half. */
  readonly agentChannel: Channel
  /** Its first DialBegin, or the first after it rang nowhere. */
  beginning: DialBeginning
  /** Its legs, by who is dialled. */
  readonly legs: Map<Channel, Leg>
  /** Of a call that another phone took: which one, and when (ms since the epoch). */
  pickUp: { readonly channel: Channel; readonly at: number } | undefined
  /** ms since the epoch */
  lastDialEnd: number | undefined
}

/** What is known of a dial from the DialBegin that began it. */
export interface DialBeginning {
  /** ms since the epoch */
  readonly at: number
  /** Of the calling channel, as it was then. */
  readonly accountCode: string
  /** Of the dialplan. */
  readonly context: string
  /** What was dialled; looked up when it is asked for, as the OriginateResponse may come after the DialBegin. */
  readonly number: () => string
}

/** What the header of a DialBegin, and the channel that dials, tell of it. */
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
