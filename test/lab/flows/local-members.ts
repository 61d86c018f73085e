import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { connected, holdAndHangUp, localCall, talk } from './beginnings.ts'

/**
 * Members as FreePBX makes them, `Local/1002@from-queue/n` with a name: the music plays on a channel that is not the
 * caller's, and what the member's phone does behind its Local pair Asterisk's queue does not see. Who ended the call is
 * told (`COMPLETE*`) by a race of the hangups that run through the pairs.
 */
export const localMemberFlows = [
  flow(
    'local_hold',
    'a Local member holds twice and hangs up',
    async (stage) => {
      const { call } = await localCall(stage)
      await call.holdFor(1)
      await talk()
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'local_hold_caller_hangs',
    'the caller hangs up while a Local member holds',
    async (stage) => {
      const { caller, call } = await localCall(stage)
      await call.hold()
      await seconds(1)
      await caller.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    {caller}|localq|Jane Doe|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'local_nm_hold',
    'a member Local/1002@from-queue/nm: the music plays on the caller',
    async (stage) => {
      const { call } = await localCall(stage, 'Local/1002@from-queue/nm')
      await call.holdFor(1.5)
      await talk()
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
  flow(
    'local_optimised',
    'a Local member without /n is optimised away once audio flows, and holds twice',
    async (stage) => {
      const { call } = await localCall(stage, 'Local/1002@from-queue')
      await call.holdFor(1)
      await talk()
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'local_optimised_blind',
    'a Local member without /n holds, then sends the caller to 1001, who holds',
    async (stage) => {
      const agent = await stage.phone('agent')
      const { call } = await localCall(stage, 'Local/1002@from-queue')
      await call.holdFor(1)
      await talk()
      await call.transfer(stage.extension('1001'))
      await holdAndHangUp(await agent.incoming())
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|BLINDTRANSFER|1001|from-internal|#wait|#|1
    `,
  ),
  flow(
    'local_blind_transfer',
    'a Local member sends the caller to 1001, who holds: Asterisk’s queue call goes on',
    async (stage) => {
      const agent = await stage.phone('agent')
      const { call } = await localCall(stage)
      await call.transfer(stage.extension('1001'))
      await holdAndHangUp(await agent.incoming())
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'local_attended_transfer',
    'a Local member holds, calls 1001 on a second line, and joins them',
    async (stage) => {
      const agent = await stage.phone('agent', { answerAfter: 0.8 })
      const { agent: phone, call } = await localCall(stage)
      await call.hold()
      const consultation = await phone.call(stage.extension('1001'))
      const taken = await agent.incoming()
      await talk()
      await stage.joinCalls(call, consultation, 'PJSIP/1002')
      await talk()
      await taken.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1

    + MANAGER|q-acme|{colleague}|ADDMEMBER|
    + :{consultation}|q-acme|{colleague}|CALLOUTBOUND||1001
    + :{consultation}|q-acme|{colleague}|CONNECT|#answer|{second}|#
    + :{consultation}|q-acme|{colleague}|ATTENDEDTRANSFER|BRIDGE|*|#answer|#|1
    + MANAGER|q-acme|{colleague}|REMOVEMEMBER|
    `,
  ),
  flow(
    'local_atxfer_done',
    'a Local member consults with *2 and hands the caller over to 1001, who holds',
    async (stage) => {
      const agent = await stage.phone('agent')
      const { call } = await localCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1002', '*2', '1001')
      const taken = await agent.incoming()
      await talk()
      await stage.transferred('PJSIP/1002', () => call.hangUp())
      await holdAndHangUp(taken)
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1
    `,
  ),
  flow(
    'local_atxfer_return',
    'a Local member consults with *2 and comes back; the caller hangs up',
    async (stage) => {
      const agent = await stage.phone('agent')
      const { caller, call } = await localCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1002', '*2', '1001')
      const taken = await agent.incoming()
      await talk()
      const back = stage.event('Unhold', { Channel: stage.channelOf('PJSIP/1002') })
      await taken.hangUp()
      await back
      await talk()
      await caller.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'local_to_queue2',
    'a Local member sends the caller into a second queue, whose agent holds: two queue calls are open',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('support', 'PJSIP/1001')
      const { caller, call } = await localCall(stage)
      await call.transfer('600')
      const taken = await agent.incoming()
      await talk()
      await taken.holdFor(1)
      await talk()
      await taken.hold()
      await seconds(1)
      await caller.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    {caller}|localq|Jane Doe|COMPLETE*|#wait|#|1

    {inner}|support|NONE|ENTERQUEUE||5551000|1
    {inner}|support|{agent}|CONNECT|#second|{other}|#
    + {inner}|support|{agent}|CALLERONHOLD|
    + {inner}|support|{agent}|CALLEROFFHOLD|
    + {inner}|support|{agent}|CALLERONHOLD|
    {inner}|support|{agent}|COMPLETE*|#second|#|1
    `,
  ),
  flow(
    'local_to_queue2_optimised',
    'the same, and the second member is a Local channel that is optimised away',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('support', 'Local/1001@from-queue', { name: 'Al' })
      const { call } = await localCall(stage)
      await call.transfer('600')
      await holdAndHangUp(await agent.incoming())
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    {caller}|localq|Jane Doe|COMPLETE*|#wait|#|1

    {inner}|support|NONE|ENTERQUEUE||5551000|1
    {inner}|support|Al|CONNECT|#second|{other}|#
    + {inner}|support|Al|CALLERONHOLD|
    + {inner}|support|Al|CALLEROFFHOLD|
    {inner}|support|Al|COMPLETEAGENT|#second|#|1
    `,
  ),
  flow(
    'local_park_refer',
    'a Local member parks the caller, 1001 picks it up and holds: the Local half is what is parked',
    async (stage) => {
      const agent = await stage.phone('agent')
      const { call } = await localCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      await seconds(1)
      await holdAndHangUp(await agent.call(space))
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
  flow(
    'local_followme_mobile',
    'the member’s extension has follow-me: the mobile, a Local channel in a Local channel, answers over the trunk',
    async (stage) => {
      const trunk = await stage.trunk()
      await stage.addMember('localq', 'Local/1003@from-followme/n', { name: 'Bob Brown' })
      const { caller } = await connected(stage, trunk, '603', 'localq')
      await caller.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Bob Brown|CONNECT|#wait|{leg}|#
    {caller}|localq|Bob Brown|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'local_declined_twice',
    'two Local members decline, one of them on the mobile of a follow-me; the third one takes the call, holds and hangs up',
    async (stage) => {
      await stage.phone('colleague', { reject: 486, after: 1 })
      await stage.trunk({ reject: 486, after: 1 })
      const third = await stage.phone('stranger')
      await stage.addMember('localq', 'Local/1002@from-queue/n', { name: 'Jane Doe' })
      await stage.addMember('localq', 'Local/1003@from-followme/n', { name: 'Bob Brown' })
      await stage.addMember('localq', 'Local/1004@from-queue/n', { name: 'Carol Clark' })
      const { call } = await connected(stage, third, '603', 'localq')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|RINGNOANSWER|#
    {caller}|localq|Bob Brown|RINGNOANSWER|#
    {caller}|localq|Carol Clark|CONNECT|#wait|{leg}|#
    + {caller}|localq|Carol Clark|CALLERONHOLD|
    + {caller}|localq|Carol Clark|CALLEROFFHOLD|
    {caller}|localq|Carol Clark|COMPLETEAGENT|#wait|#|1
    `,
  ),
]
