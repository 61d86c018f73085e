import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { connected, supportCall, talk } from './beginnings.ts'

/** Calls of a queue, and their holds; the member is a phone. */
export const queueFlows = [
  flow(
    'queue_hold',
    'the agent holds twice and hangs up',
    async (stage) => {
      const { call } = await supportCall(stage)
      await call.holdFor(1.5)
      await talk()
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'queue_hold_caller_hangs',
    'the caller hangs up while on hold',
    async (stage) => {
      const { caller, call } = await supportCall(stage)
      await call.hold()
      await seconds(1)
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'queue_hold_agent_hangs',
    'the agent hangs up during its own hold',
    async (stage) => {
      const { call } = await supportCall(stage)
      await call.hold()
      await seconds(1)
      await call.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'caller_holds',
    'caller and agent hold each other at once: only the agent’s hold counts',
    async (stage) => {
      const { caller, call } = await supportCall(stage)
      await caller.hold()
      await seconds(1)
      await call.hold()
      await seconds(1)
      await caller.resume()
      await talk()
      await call.resume()
      await talk()
      await call.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'queue_abandon',
    'the caller gives up in the queue',
    async (stage) => {
      const joined = stage.event('QueueCallerJoin', { Queue: stage.named('sales') })
      const caller = await stage.callIn('601')
      await joined
      await seconds(1)
      await caller.hangUp()
    },
    `
    {caller}|sales|NONE|ENTERQUEUE||5551000|1
    {caller}|sales|NONE|ABANDON|1|1|#
    `,
  ),
  flow(
    'queue_timeout',
    'the queue gives up before anybody answers',
    async (stage) => {
      const caller = await stage.callIn('602')
      await caller.ended()
    },
    `
    {caller}|short|NONE|ENTERQUEUE||5551000|1
    {caller}|short|NONE|EXITWITHTIMEOUT|1|1|#
    `,
  ),
  flow(
    'queue_overflow',
    'the first queue gives up; the agent of the second one holds; the caller hangs up',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('sales', 'PJSIP/1001')
      const { caller, call } = await connected(stage, agent, '604', 'sales')
      await call.holdFor(1)
      await talk()
      await caller.hangUp()
    },
    `
    {caller}|short|NONE|ENTERQUEUE||5551000|1
    {caller}|short|NONE|EXITWITHTIMEOUT|1|1|#
    {caller}|sales|NONE|ENTERQUEUE||5551000|1
    {caller}|sales|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|sales|{agent}|CALLERONHOLD|
    + {caller}|sales|{agent}|CALLEROFFHOLD|
    {caller}|sales|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'queue_no_answer',
    'the first member lets it ring; the second one answers and holds',
    async (stage) => {
      await stage.phone('agent', 'let it ring')
      const colleague = await stage.phone('colleague')
      await stage.addMember('support', 'PJSIP/1001')
      await stage.addMember('support', 'PJSIP/1002')
      const { call } = await connected(stage, colleague, '600', 'support')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|RINGNOANSWER|#
    {caller}|support|{colleague}|CONNECT|#wait|{leg}|#
    + {caller}|support|{colleague}|CALLERONHOLD|
    + {caller}|support|{colleague}|CALLEROFFHOLD|
    {caller}|support|{colleague}|COMPLETEAGENT|#wait|#|1
    `,
  ),
  // No HangupRequest tells of the Hangup action: Asterisk ends hold and call in the same millisecond, and writes its line.
  flow(
    'ami_hangup_agent_on_hold',
    'the Hangup action ends the agent’s channel during a hold',
    async (stage) => {
      const { call } = await supportCall(stage)
      await call.hold()
      await seconds(1)
      await stage.action('Hangup', { Channel: stage.channelOf('PJSIP/1001') })
      await call.ended()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1

    + {caller}|support|{agent}|CALLEROFFHOLD|
    `,
  ),
  flow(
    'ami_hangup_caller_on_hold',
    'the Hangup action ends the caller’s channel during a hold',
    async (stage) => {
      const { caller, call } = await supportCall(stage)
      await call.hold()
      await seconds(1)
      await stage.action('Hangup', { Channel: stage.channelOf('PJSIP/anonymous') })
      await caller.ended()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1

    + {caller}|support|{agent}|CALLEROFFHOLD|
    `,
  ),
]
