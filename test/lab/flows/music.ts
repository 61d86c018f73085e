import { flow } from '../flow.ts'
import { connected, outboundCall, talk } from './beginnings.ts'

/** Holds in which the music stops before they end: Hold and Unhold tell how long they last. */
export const musicFlows = [
  flow(
    'out_hold_announcements',
    'the called party is told twice, during a hold of five seconds, that time runs out: it is one hold',
    async (stage) => {
      const { call } = await outboundCall(stage, '*2395550001')
      await call.holdFor(5)
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*2395550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_hold_broken_music',
    'the music cannot be played: two holds, each as long as the agent made it',
    async (stage) => {
      const { call, callee } = await outboundCall(stage, '*2495550001')
      await call.holdFor(3)
      await talk()
      await call.holdFor(3)
      await talk()
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*2495550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'queue_hold_broken_music',
    'the music of a queue’s caller cannot be played: the hold is as long as the agent made it',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('support', 'PJSIP/1001')
      const { caller, call } = await connected(stage, agent, '605', 'support')
      await call.holdFor(3)
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
]
