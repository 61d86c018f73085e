import type { Channel } from '../channels.ts'
import { type Facts, numberInDialString } from './channel-facts.ts'

/** One dialled leg of a call. */
export interface Leg {
  readonly channel: Channel
  /** Whose dial it is: the call's own, or that of a Local half behind one of its legs. */
  readonly dialler: Channel
  /** ms since the epoch */
  readonly begin: number
  open: boolean
}

/** A call from its first DialBegin to its end. */
export interface OutboundCall {
  /** The channel that dials: the calling channel, or for a click-to-call through Local the half that runs the dialplan. */
  dialler: Channel
  agentChannel: Channel
  readonly callid: string
  readonly queuename: string
  readonly agent: string
  /** What was dialled; looked up when it is written, as the OriginateResponse may come after the DialBegin. */
  readonly number: () => string
  /** ms since the epoch */
  readonly began: number
  /** When it is announced, by the stream's clock: ms since the epoch. */
  readonly due: number
  readonly legs: Map<Channel, Leg>
  announced: boolean
  /** While nobody listened it may have ended, sooner than its time to be announced: that is not done before all is known. */
  awaitsLists: boolean
  /** ms since the epoch */
  lastDialEnd: number | undefined
}

/** Whether a leg that the call itself dialled still rings. */
export function hasOpenLeg({ legs, dialler }: OutboundCall): boolean {
  for (const leg of legs.values()) if (leg.open && leg.dialler === dialler) return true
  return false
}

/**
 * What the agent dialled: the extension with which its channel was created. A click-to-call is created with `s`; then it
 * is where it dials from, and where that is a subroutine (FreePBX), what the Originate asked for.
 */
export function dialledNumber(
  { exten, originated, originateExten }: Readonly<Facts>,
  dialExten: string,
  dialString: string,
): string {
  const isNumber = (text: string): boolean => text !== '' && text !== 's'
  if (!originated && isNumber(exten)) return exten
  if (isNumber(dialExten)) return dialExten
  return isNumber(originateExten) ? originateExten : numberInDialString(dialString)
}
