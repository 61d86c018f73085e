import { gapFlow } from '../gap.ts'
import { holdOnce, localCall, supportCall, talk } from './beginnings.ts'

/** Calls of queues that the daemon does not see for a while. */
export const queueGapFlows = [
  gapFlow(
    'gap_hold_goes_on',
    'a hold lasts through the gap, and ends after it',
    async (stage, gap) => {
      const { caller, call } = await supportCall(stage)
      await call.hold()
      await talk()
      await gap.passes(/\|CALLERONHOLD\|/)
      await call.resume()
      await gap.logged(/\|CALLEROFFHOLD\|/)
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_hold_ends',
    'a hold ends in the gap',
    async (stage, gap) => {
      const { caller, call } = await supportCall(stage)
      await call.hold()
      await talk()
      await gap.passes(/\|CALLERONHOLD\|/, () => call.resume())
      await gap.logged(/\|CALLEROFFHOLD\|/)
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_held_call_ends',
    'the caller hangs up in the gap while on hold: Asterisk closes the call, and the hold with it',
    async (stage, gap) => {
      const { caller, call } = await supportCall(stage)
      await call.hold()
      await talk()
      await gap.passes(/\|CALLERONHOLD\|/, async () => {
        await caller.hangUp()
        await call.ended()
      })
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_hold_begins',
    'a hold begins in the gap, and ends after it',
    async (stage, gap) => {
      const { caller, call } = await supportCall(stage)
      await gap.passes(/\|CONNECT\|/, () => call.hold())
      await gap.logged(/\|CALLERONHOLD\|/)
      await call.resume()
      await gap.logged(/\|CALLEROFFHOLD\|/)
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_local_hold_ends',
    'the hold of a Local member, whose music is on a channel that is not the caller’s, ends in the gap',
    async (stage, gap) => {
      const { call } = await localCall(stage)
      await call.hold()
      await talk()
      await gap.passes(/\|CALLERONHOLD\|/, () => call.resume())
      await gap.logged(/\|CALLEROFFHOLD\|/)
      await call.hangUp()
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
    'gap_queue_answered',
    'a caller who waited is answered in the gap: the member’s holds after it are logged',
    async (stage, gap) => {
      const agent = await stage.phone('agent')
      const waits = stage.event('QueueCallerJoin', { Queue: stage.named('support') })
      const caller = await stage.callIn('600')
      await waits
      const connect = stage.event('AgentConnect', { Queue: stage.named('support') })
      await gap.passes(/\|ENTERQUEUE\|/, async () => {
        await stage.addMember('support', 'PJSIP/1001')
        await connect
      })
      const call = await agent.incoming()
      await holdOnce(call, gap)
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_queue_answered_optimised',
    'the same with a Local member that is optimised away: the phone is told by its StateInterface alone',
    async (stage, gap) => {
      const member = 'Local/1002@from-queue'
      const agent = await stage.phone('colleague')
      const waits = stage.event('QueueCallerJoin', { Queue: stage.named('localq') })
      const caller = await stage.callIn('603')
      await waits
      const half = new RegExp(`^${stage.interface(member)}-`)
      const optimised = stage.event('LocalOptimizationEnd', { LocalOneChannel: half })
      await gap.passes(/\|ENTERQUEUE\|/, async () => {
        await stage.addMember('localq', member, { stateInterface: 'PJSIP/1002' })
        await optimised
      })
      const call = await agent.incoming()
      await holdOnce(call, gap)
      await caller.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Local/1002@from-queue|CONNECT|#wait|{leg}|#
    + {caller}|localq|Local/1002@from-queue|CALLERONHOLD|
    + {caller}|localq|Local/1002@from-queue|CALLEROFFHOLD|
    {caller}|localq|Local/1002@from-queue|COMPLETECALLER|#wait|#|1
    `,
  ),
  gapFlow(
    'gap_queue_answered_by_agent',
    'the same with an agent of app_agent_pool, whose phone was called long before',
    async (stage, gap) => {
      const member = 'Local/1001@agents'
      const login = stage.event('AgentLogin', { Agent: stage.extension('1001') })
      const call = await (await stage.phone('agent')).call('*31')
      await login
      const waits = stage.event('QueueCallerJoin', { Queue: stage.named('localq') })
      const caller = await stage.callIn('603')
      await waits
      const half = new RegExp(`^${stage.interface(member)}-`)
      const optimised = stage.event('LocalOptimizationEnd', { LocalOneChannel: half })
      await gap.passes(/\|ENTERQUEUE\|/, async () => {
        await stage.addMember('localq', member, { stateInterface: 'Agent:1001' })
        await optimised
      })
      await holdOnce(call, gap)
      await caller.hangUp()
      await talk()
      await call.hangUp()
    },
    `
    {login}|NONE|1001|AGENTLOGIN|*
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Local/1001@agents|CONNECT|#wait|{leg}|#
    + {caller}|localq|Local/1001@agents|CALLERONHOLD|
    + {caller}|localq|Local/1001@agents|CALLEROFFHOLD|
    {caller}|localq|Local/1001@agents|COMPLETECALLER|#wait|#|1
    {login}|NONE|1001|AGENTLOGOFF|*|#
    `,
  ),
]
