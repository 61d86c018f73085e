import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'

/** Calls of a queue and their holds; the member is a phone. */
export const queueFlows = [
  flow(
    'queue_hold',
    'the agent holds twice and hangs up',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('support', 'PJSIP/1001')
      await stage.callIn('600')
      const call = await agent.incoming()
      await seconds(1)
      await call.holdFor(1.5)
      await seconds(0.5)
      await call.holdFor(1)
      await seconds(0.5)
      await call.hangUp()
      await stage.removeMember('support', 'PJSIP/1001')
    },
    `
    MANAGER|support|{agent}|ADDMEMBER|
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1
    MANAGER|support|{agent}|REMOVEMEMBER|
    `,
  ),
]
