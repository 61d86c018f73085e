import type { Flow } from '../flow.ts'
import { supportCall } from '../flows/beginnings.ts'
import { flowNamed } from '../flows/index.ts'
import { seconds } from '../patience.ts'

/** A kind of call in a soak: how many of all calls are such, in proportion to the other weights. */
export interface Scenario {
  weight: number
  /** What the phones do, and the lines that must be there. */
  flow: Flow
}

/** Where it ends up, the bridge is the same for hours. */
const toConference: Flow = {
  name: 'queue_to_conference',
  title: 'the agent transfers the caller by REFER into a conference that is never empty',
  play: async (stage) => {
    const { caller, call } = await supportCall(stage)
    const joined = stage.event('ConfbridgeJoin', { Channel: stage.channelOf('PJSIP/anonymous') })
    await call.transfer('*70')
    await joined
    // Asterisk writes the transfer a moment later, and something else if the caller has hung up by then.
    await seconds(1.5)
    await caller.hangUp()
  },
  lines: `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|*70|from-internal|#wait|#|1
    `,
}

/** --outboundthreshold */
const THRESHOLD_MS = 300

/** What a call says of which nothing is expected, as the machine was too busy. */
export const TOO_LATE = 'answered at once, but connected too late'

/** On a busy machine the two may meet later than the threshold: then it is another call, of which nothing is expected here. */
const answeredAtOnce: Flow = {
  ...flowNamed('out_answered_at_once'),
  play: async (stage) => {
    await stage.trunk({ answerAfter: 0 })
    const agent = await stage.phone('agent')
    const own = new RegExp(`^${stage.interface('PJSIP/1001')}-`)
    const dialled = stage.event('DialBegin', { Channel: own })
    const met = stage.event('BridgeEnter', { Channel: own, BridgeNumChannels: '2' })
    const other = stage.event('BridgeEnter', { Channel: new RegExp(`^PJSIP/${stage.named('trunk')}-`) })
    const call = await agent.call('95550004')
    const times = (await Promise.all([dialled, Promise.race([met, other])])).map((event) =>
      Number(event.get('timestamp')),
    )
    const [from = 0, to = 0] = times
    if ((to - from) * 1000 > THRESHOLD_MS) throw new Error(`a call was ${TOO_LATE}`)
    await seconds(1)
    await call.hangUp()
  },
}

/** What happens in a call centre. The names are those of flows: see test/lab/flows/ for what is said and written there. */
export const mix: readonly Scenario[] = [
  // Queue calls with a direct member, and holds.
  { weight: 14, flow: flowNamed('queue_hold') },
  { weight: 5, flow: flowNamed('queue_hold_caller_hangs') },
  { weight: 5, flow: flowNamed('queue_hold_agent_hangs') },
  // Queue calls with a Local member, who has a name.
  { weight: 12, flow: flowNamed('local_hold') },
  { weight: 4, flow: flowNamed('local_hold_caller_hangs') },
  // Queue calls that nobody takes.
  { weight: 8, flow: flowNamed('queue_abandon') },
  { weight: 2, flow: flowNamed('queue_timeout') },
  // Outbound calls: answered, busy, cancelled, under the threshold.
  { weight: 8, flow: flowNamed('out_answered_agent_hangs') },
  { weight: 7, flow: flowNamed('out_answered_callee_hangs_hold') },
  { weight: 4, flow: flowNamed('out_hold_agent_hangs') },
  { weight: 6, flow: flowNamed('out_busy') },
  { weight: 6, flow: flowNamed('out_noanswer_agent_cancels') },
  { weight: 5, flow: answeredAtOnce },
  // Transferred.
  { weight: 3, flow: flowNamed('queue_blind_transfer') },
  { weight: 2, flow: flowNamed('queue_attended_transfer') },
  { weight: 2, flow: flowNamed('out_blind') },
  { weight: 2, flow: toConference },
  // Parked and fetched, or given up.
  { weight: 3, flow: flowNamed('park_retrieve') },
  { weight: 2, flow: flowNamed('park_giveup') },
  { weight: 1, flow: flowNamed('out_park_repark') },
  // Hotdesking.
  { weight: 4, flow: flowNamed('hotdesk_call') },
  { weight: 1, flow: flowNamed('agent_login_code') },
]

/** The flow of the next call. @param chance from 0 to 1 */
export function chosen(chance: number): Flow {
  let left = chance * mix.reduce((sum, { weight }) => sum + weight, 0)
  const found = mix.find(({ weight }) => {
    left -= weight
    return left < 0
  })
  return (found ?? (mix[0] as Scenario)).flow
}
