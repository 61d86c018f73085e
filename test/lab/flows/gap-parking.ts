import { gapFlow } from '../gap.ts'
import type { Call } from '../sip/call.ts'
import { holdOnce, localCall, outboundCall, supportCall } from './beginnings.ts'

const IS_PARKED = /\|pk-\w+\|NONE\|ENTERQUEUE\|/
const IS_PICKED_UP = /\|pk-\w+\|PJSIP\/\d+\|CONNECT\|/

/** What a queue call leaves that is parked in lot default, and what is left of its pick-up by 1002. */
const parked = `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
    + :{caller}|pk-default|NONE|ENTERQUEUE||#space-5551000|1`
const pickedUp = `
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{caller}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{caller}|pk-default|{colleague}|CALLERONHOLD|
    + :{caller}|pk-default|{colleague}|CALLEROFFHOLD|
    + :{caller}|pk-default|{colleague}|COMPLETEAGENT|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|`

/** Parked calls that the daemon does not see for a while. */
export const parkingGapFlows = [
  gapFlow(
    'gap_park_goes_on',
    'a call is parked all through the gap, and picked up after it',
    async (stage, gap) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      await gap.passes(IS_PARKED)
      const picked = await colleague.call(space)
      await gap.logged(IS_PICKED_UP)
      await holdOnce(picked, gap)
      await picked.hangUp()
    },
    parked + pickedUp,
  ),
  gapFlow(
    'gap_park_picked_up',
    'a parked call is picked up in the gap',
    async (stage, gap) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      let picked: Call | undefined
      await gap.passes(IS_PARKED, async () => {
        picked = await colleague.call(space)
      })
      await gap.logged(IS_PICKED_UP)
      await holdOnce(picked, gap)
      await picked?.hangUp()
    },
    parked + pickedUp,
  ),
  gapFlow(
    'gap_park_times_out',
    'the lot’s time runs out in the gap, and the parker talks to the caller again: that is no pick-up',
    async (stage, gap) => {
      const { agent, call } = await supportCall(stage)
      await gap.isNear()
      await stage.parkingSpace(() => call.transfer('850'), 'callback')
      let again: Call | undefined
      await gap.passes(IS_PARKED, async () => {
        again = await agent.incoming()
      })
      await gap.logged(/\|EXITWITHTIMEOUT\|/)
      await again?.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|850|from-internal|#wait|#|1
    + :{caller}|pk-callback|NONE|ENTERQUEUE||#space-5551000|1
    + :{caller}|pk-callback|NONE|EXITWITHTIMEOUT|1|1|#
    `,
  ),
  gapFlow(
    'gap_park_given_up',
    'the parked caller hangs up in the gap',
    async (stage, gap) => {
      const { caller, call } = await supportCall(stage)
      await stage.parkingSpace(() => call.transfer('700'))
      await gap.passes(IS_PARKED, () => caller.hangUp())
      await gap.logged(/\|ABANDON\|/)
    },
    `${parked}
    + :{caller}|pk-default|NONE|ABANDON|1|1|#
    `,
  ),
  gapFlow(
    'gap_parked',
    'a queue call is parked in the gap: nothing is told of its past, but of its pick-up',
    async (stage, gap) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      let space = ''
      await gap.passes(/\|CONNECT\|/, async () => {
        space = await stage.parkingSpace(() => call.transfer('700'))
        await call.ended()
      })
      const picked = await colleague.call(space)
      await gap.logged(IS_PICKED_UP)
      await holdOnce(picked, gap)
      await picked.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1${pickedUp}
    `,
  ),
  gapFlow(
    'gap_local_park_picked_up',
    'a call that a Local member parked, of which the Local half is in the lot, is picked up in the gap',
    async (stage, gap) => {
      const agent = await stage.phone('agent')
      const { call } = await localCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      let picked: Call | undefined
      await gap.passes(IS_PARKED, async () => {
        picked = await agent.call(space)
      })
      await gap.logged(IS_PICKED_UP)
      await holdOnce(picked, gap)
      await picked?.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1

    + :{parked}|pk-default|NONE|ENTERQUEUE||#space-5551000|1
    + MANAGER|pk-default|{agent}|ADDMEMBER|
    + :{parked}|pk-default|{agent}|CONNECT|#parked|{retriever}|0
    + :{parked}|pk-default|{agent}|CALLERONHOLD|
    + :{parked}|pk-default|{agent}|CALLEROFFHOLD|
    + :{parked}|pk-default|{agent}|COMPLETEAGENT|#parked|#|1
    + MANAGER|pk-default|{agent}|REMOVEMEMBER|
    `,
  ),
  gapFlow(
    'gap_out_parked',
    'an outbound call is parked in the gap: it is closed, and its pick-up by 1002 is told',
    async (stage, gap) => {
      const colleague = await stage.phone('colleague')
      const { call } = await outboundCall(stage)
      let space = ''
      await gap.passes(/\|CONNECT\|/, async () => {
        space = await stage.parkingSpace(() => call.transfer('700'))
        await call.ended()
      })
      const picked = await colleague.call(space)
      await gap.logged(IS_PICKED_UP)
      await holdOnce(picked, gap)
      await picked.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{caller}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|${pickedUp}
    `,
  ),
]
