import { gapFlow } from '../gap.ts'
import type { Call } from '../sip/call.ts'
import { holdAndHangUp, localCall, supportCall, talk } from './beginnings.ts'

/** Calls of queues that somebody else has after the gap. */
export const transferGapFlows = [
  gapFlow(
    'gap_transferred',
    'the agent hands the caller over in the gap: the queue call is over, though 1002, who holds, is a member as well',
    async (stage, gap) => {
      const colleague = await stage.phone('colleague')
      const { agent, call } = await supportCall(stage)
      await stage.addMember('support', 'PJSIP/1002')
      let taken: Call | undefined
      await gap.passes(/\|CONNECT\|/, async () => {
        const consultation = await agent.call(stage.extension('1002'))
        taken = await colleague.incoming()
        await talk()
        await stage.joinCalls(call, consultation, 'PJSIP/1001')
      })
      if (taken !== undefined) await holdAndHangUp(taken)
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    {caller}|support|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_local_transferred',
    'a Local member sends the caller in the gap to 1001, who holds: Asterisk’s queue call goes on',
    async (stage, gap) => {
      const agent = await stage.phone('agent')
      const { call } = await localCall(stage)
      let taken: Call | undefined
      await gap.passes(/\|CONNECT\|/, async () => {
        await call.transfer(stage.extension('1001'))
        taken = await agent.incoming()
      })
      if (taken !== undefined) await holdAndHangUp(taken)
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_caller_holds',
    'the caller puts the agent on hold in the gap: that is no hold',
    async (stage, gap) => {
      const { caller } = await supportCall(stage)
      await gap.passes(/\|CONNECT\|/, () => caller.hold())
      await caller.resume()
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
]
