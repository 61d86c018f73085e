import { flow, noChanSip } from '../flow.ts'
import { connected, supportCall, talk } from './beginnings.ts'

/** Calls of queues that reach their member in other ways, or are more than one. */
export const queueMemberFlows = [
  flow(
    'queue_realtime',
    'queue and member are rows of a table; the agent holds',
    async (stage) => {
      const { call } = await connected(stage, await stage.phone('colleague'), '606', 'realtime')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {caller}|realtime|NONE|ENTERQUEUE||5551000|1
    {caller}|realtime|Rita|CONNECT|#wait|{leg}|#
    + {caller}|realtime|Rita|CALLERONHOLD|
    + {caller}|realtime|Rita|CALLEROFFHOLD|
    {caller}|realtime|Rita|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'queue_two_contacts',
    'both phones of a Local member’s extension ring; the second one answers and holds',
    async (stage) => {
      await stage.phone('doubled', 'let it ring')
      const second = await stage.secondPhone()
      await stage.addMember('localq', 'Local/1005@from-all-contacts/n', { name: 'Dora' })
      const { call } = await connected(stage, second, '603', 'localq')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Dora|CONNECT|#wait|{leg}|#
    + {caller}|localq|Dora|CALLERONHOLD|
    + {caller}|localq|Dora|CALLEROFFHOLD|
    {caller}|localq|Dora|COMPLETEAGENT|#wait|#|1
    `,
    noChanSip('a peer has one contact'),
  ),
  flow(
    'queue_two_calls_in_turn',
    'the agent takes two calls of a queue, and talks to one while the other one is on hold, and back',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('busy', 'PJSIP/1001')
      const first = await connected(stage, agent, '607', 'busy')
      await first.call.hold()
      const second = await connected(stage, agent, '607', 'busy')
      await second.call.hold()
      await first.call.resume()
      await talk()
      await first.call.hold()
      await second.call.resume()
      await talk()
      await second.call.hangUp()
      await first.call.resume()
      await talk()
      await first.caller.hangUp()
    },
    `
    {one}|busy|NONE|ENTERQUEUE||5551000|1
    {one}|busy|{agent}|CONNECT|#wait|{leg}|#
    + {one}|busy|{agent}|CALLERONHOLD|
    + {one}|busy|{agent}|CALLEROFFHOLD|
    + {one}|busy|{agent}|CALLERONHOLD|
    + {one}|busy|{agent}|CALLEROFFHOLD|
    {one}|busy|{agent}|COMPLETECALLER|#wait|#|1

    {two}|busy|NONE|ENTERQUEUE||5551000|1
    {two}|busy|{agent}|CONNECT|#second|{other}|#
    + {two}|busy|{agent}|CALLERONHOLD|
    + {two}|busy|{agent}|CALLEROFFHOLD|
    {two}|busy|{agent}|COMPLETEAGENT|#second|#|1
    `,
  ),
  // Asterisk goes on to name the member that rang.
  flow(
    'queue_pickup',
    'while a call of the queue rings at 1001, 1004 takes it with **1001, and holds',
    async (stage) => {
      const agent = await stage.phone('agent', 'let it ring')
      const stranger = await stage.phone('stranger')
      await stage.addMember('support', 'PJSIP/1001')
      const connect = stage.event('AgentConnect', { Queue: stage.named('support') })
      await stage.callIn('600')
      await agent.ringing()
      await talk()
      const taken = await stranger.call(stage.extension('**1001'))
      await connect
      await talk()
      await taken.holdFor(1)
      await talk()
      await taken.hangUp()
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
    'queue_recorded',
    'MixMonitor records a call of a queue; the agent holds',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('support', 'PJSIP/1001')
      const { caller, call } = await connected(stage, agent, '608', 'support')
      await call.holdFor(1)
      await talk()
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
  // Asterisk ends its queue call when one of the two is gone: the member talks to the caller all the time.
  flow(
    'queue_taken_by_ari',
    'the Redirect action takes caller and agent into an ARI application, which joins them; the agent holds: the queue call goes on',
    async (stage) => {
      const { caller, call } = await supportCall(stage)
      const ari = await stage.ari()
      await ari.takeIntoBridge(stage, ['PJSIP/anonymous', 'PJSIP/1001'])
      await talk()
      await call.holdFor(1)
      await talk()
      await caller.hangUp()
      await call.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
]
