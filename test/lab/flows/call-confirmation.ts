import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import type { Call } from '../sip/call.ts'
import { talk } from './beginnings.ts'

/** Who picks up hears what the call is about, and then presses a key. */
async function choose(call: Call, key: string): Promise<void> {
  await seconds(1)
  await call.press(key)
}

/** DialEnd tells ANSWER when somebody picks up, before it is known whether they take the call. */
export const callConfirmationFlows = [
  flow(
    'followme_accepted',
    'FollowMe: the first number takes the call; the agent holds and hangs up',
    async (stage) => {
      const trunk = await stage.trunk()
      const call = await (await stage.phone('agent')).call('*21')
      const joined = stage.event('BridgeEnter', { Channel: new RegExp(`^${stage.interface('PJSIP/1001')}-`) })
      await choose(await trunk.incoming(), '1')
      await joined
      await talk()
      await call.holdFor(1.5)
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*21
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'followme_declined_accepted',
    'FollowMe: the first number declines, the second one takes the call and hangs up: it is connected with the second',
    async (stage) => {
      const trunk = await stage.trunk()
      await (await stage.phone('agent')).call('*21')
      const first = await trunk.incoming()
      await choose(first, '2')
      await first.ended()
      const second = await trunk.incoming()
      const joined = stage.event('BridgeEnter', { Channel: new RegExp(`^${stage.interface('PJSIP/1001')}-`) })
      await choose(second, '1')
      await joined
      await talk()
      await second.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*21
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'followme_nobody',
    'FollowMe: both numbers pick up and decline: nobody took the call',
    async (stage) => {
      const trunk = await stage.trunk()
      const call = await (await stage.phone('agent')).call('*21')
      await choose(await trunk.incoming(), '2')
      await choose(await trunk.incoming(), '2')
      await call.ended()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*21
    + :{call}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'confirmed',
    'Dial with U(): the called party takes the call; the agent holds and hangs up',
    async (stage) => {
      const trunk = await stage.trunk()
      const call = await (await stage.phone('agent')).dial('*2295550001')
      await choose(await trunk.incoming(), '1')
      await call.answered()
      await talk()
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*2295550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'confirmed_by_second',
    'Dial with U(): the first one who picks up declines, the second one takes the call and hangs up',
    async (stage) => {
      const trunk = await stage.trunk()
      const backup = await stage.trunk({ answerAfter: 1 }, 'backup')
      const call = await (await stage.phone('agent')).dial('*2295550001')
      await choose(await trunk.incoming(), '2')
      const second = await backup.incoming()
      await choose(second, '1')
      await call.answered()
      await talk()
      await second.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*2295550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'confirmed_by_nobody',
    'Dial with U(): both decline',
    async (stage) => {
      const trunk = await stage.trunk()
      const backup = await stage.trunk({ answerAfter: 1 }, 'backup')
      const call = await (await stage.phone('agent')).dial('*2295550001')
      await choose(await trunk.incoming(), '2')
      await choose(await backup.incoming(), '2')
      await call.ended()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*2295550001
    + :{call}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
]
