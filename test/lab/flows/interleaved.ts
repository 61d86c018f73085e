import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { connected, outboundCall, supportCall, talk } from './beginnings.ts'

/** Calls that overlap: nothing of one may appear with another. */
export const interleavedFlows = [
  flow(
    'two_calls_one_agent',
    'the agent holds one call and makes another',
    async (stage) => {
      const { agent, call, trunk } = await outboundCall(stage)
      await call.hold()
      const second = await agent.call('95550002')
      await trunk.incoming()
      await talk()
      await call.hangUp()
      await talk()
      await second.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{one}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{one}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{one}|q-acme|{agent}|CALLERONHOLD|
    + :{two}|q-acme|{agent}|CALLOUTBOUND||95550002
    + :{two}|q-acme|{agent}|CONNECT|#second|{other}|#
    + :{one}|q-acme|{agent}|CALLEROFFHOLD|
    + :{one}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + :{two}|q-acme|{agent}|COMPLETEAGENT|#second|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'two_queue_calls',
    'two agents of one queue hold their callers at once',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const first = await supportCall(stage)
      await stage.addMember('support', 'PJSIP/1002')
      const second = await connected(stage, colleague, '600', 'support')
      await first.call.hold()
      await seconds(0.5)
      await second.call.hold()
      await seconds(1)
      await first.call.resume()
      await seconds(0.5)
      await second.call.resume()
      await talk()
      await second.call.hangUp()
      await talk()
      await first.caller.hangUp()
    },
    `
    {one}|support|NONE|ENTERQUEUE||5551000|1
    {one}|support|{agent}|CONNECT|#wait|{leg}|#
    {two}|support|NONE|ENTERQUEUE||5551000|1
    {two}|support|{colleague}|CONNECT|#second|{other}|#
    + {one}|support|{agent}|CALLERONHOLD|
    + {two}|support|{colleague}|CALLERONHOLD|
    + {one}|support|{agent}|CALLEROFFHOLD|
    + {two}|support|{colleague}|CALLEROFFHOLD|
    {two}|support|{colleague}|COMPLETEAGENT|#second|#|1
    {one}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'queue_call_while_calling_out',
    'the agent holds a queue call, calls out, and comes back to the caller',
    async (stage) => {
      const trunk = await stage.trunk()
      const { agent, call } = await supportCall(stage)
      await call.hold()
      const second = await agent.call('95550002')
      await trunk.incoming()
      await talk()
      await second.hangUp()
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

    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550002
    + :{call}|q-acme|{agent}|CONNECT|#second|{other}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#second|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
]
