import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { outboundCall, talk } from './beginnings.ts'

/** Calls that extensions make, and how they end. */
export const outboundFlows = [
  flow(
    'out_answered_agent_hangs',
    '1001 calls out and hangs up',
    async (stage) => {
      const { call } = await outboundCall(stage)
      await seconds(1)
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_answered_callee_hangs_hold',
    '1003, which has no account code, calls out and holds once; the called party hangs up',
    async (stage) => {
      const trunk = await stage.trunk()
      const guest = await stage.phone('guest')
      const call = await guest.call('95550002')
      const callee = await trunk.incoming()
      await talk()
      await call.holdFor(1)
      await talk()
      await callee.hangUp()
    },
    `
    + MANAGER|q-outbound|{guest}|ADDMEMBER|
    + :{call}|q-outbound|{guest}|CALLOUTBOUND||95550002
    + :{call}|q-outbound|{guest}|CONNECT|#wait|{leg}|#
    + :{call}|q-outbound|{guest}|CALLERONHOLD|
    + :{call}|q-outbound|{guest}|CALLEROFFHOLD|
    + :{call}|q-outbound|{guest}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-outbound|{guest}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_hold_agent_hangs',
    'the agent hangs up while the called party is on hold: the hold ends before the call',
    async (stage) => {
      const { call } = await outboundCall(stage)
      await call.hold()
      await seconds(1)
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_noanswer_agent_cancels',
    'it rings, and the agent gives up',
    async (stage) => {
      await stage.trunk('let it ring')
      const call = await (await stage.phone('agent')).dial('95550003')
      await call.ringing
      await seconds(1.5)
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550003
    + :{call}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_busy',
    'the called party is busy after a second',
    async (stage) => {
      await stage.trunk({ reject: 486, after: 1 })
      const call = await (await stage.phone('agent')).dial('95550003')
      await call.ended()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550003
    + :{call}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_answered_at_once',
    'a machine answers before the threshold: this is not tracked',
    async (stage) => {
      await stage.trunk({ answerAfter: 0 })
      const call = await (await stage.phone('agent')).call('95550004')
      await seconds(1)
      await call.hangUp()
    },
    '',
  ),
  flow(
    'out_service_echo',
    'the echo test answers at once, without any dial: this is not tracked',
    async (stage) => {
      const call = await (await stage.phone('agent')).call('*43')
      await seconds(1)
      await call.hangUp()
    },
    '',
  ),
  flow(
    'out_late_accountcode',
    'the dialplan sets the account code',
    async (stage) => {
      await stage.trunk()
      const call = await (await stage.phone('guest')).call('85550005')
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-late|{guest}|ADDMEMBER|
    + :{call}|q-late|{guest}|CALLOUTBOUND||85550005
    + :{call}|q-late|{guest}|CONNECT|#wait|{leg}|#
    + :{call}|q-late|{guest}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-late|{guest}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_local_chain',
    'the call goes through a Local channel',
    async (stage) => {
      const { call } = await outboundCall(stage, '25550007')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||25550007
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_trunk_failover',
    'the first trunk fails after a moment, the second one is answered',
    async (stage) => {
      await stage.trunk({ reject: 503, after: 0.8 })
      const backup = await stage.trunk({ answerAfter: 1 }, 'backup')
      const call = await (await stage.phone('agent')).call('35550005')
      await backup.incoming()
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||35550005
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_extension',
    '1001 calls 1004, who hangs up: internal calls are tracked too',
    async (stage) => {
      const stranger = await stage.phone('stranger', { answerAfter: 0.8 })
      await (await stage.phone('agent')).call(stage.extension('1004'))
      const taken = await stranger.incoming()
      await talk()
      await taken.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||1004
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_ringgroup',
    'a ring group of two Local channels: the second phone answers and hangs up',
    async (stage) => {
      await stage.phone('colleague', 'let it ring')
      const stranger = await stage.phone('stranger', { answerAfter: 1 })
      await (await stage.phone('agent')).call('610')
      const taken = await stranger.incoming()
      await talk()
      await taken.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||610
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_noanswer_voicemail',
    '1002 does not answer, voicemail does: the call was abandoned when the dial ended',
    async (stage) => {
      await stage.phone('colleague', 'let it ring')
      const call = await (await stage.phone('agent')).call(stage.extension('*1002'))
      await seconds(1)
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*1002
    + :{call}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_pickup',
    '1001 calls 1002; while it rings 1004 takes the call with **1002',
    async (stage) => {
      const colleague = await stage.phone('colleague', 'let it ring')
      const stranger = await stage.phone('stranger')
      const call = await (await stage.phone('agent')).dial(stage.extension('1002'))
      await colleague.ringing()
      await seconds(0.6)
      await stranger.call(stage.extension('**1002'))
      await call.answered()
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||1002
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_ami_hangup',
    'the Hangup action ends the called party’s channel',
    async (stage) => {
      const { call } = await outboundCall(stage)
      await stage.action('Hangup', { Channel: stage.channelOf('PJSIP/trunk') })
      await call.ended()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
]
