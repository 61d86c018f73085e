import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { holdAndHangUp, supportCall, talk } from './beginnings.ts'

/** Calls of a queue that are handed on: the queue call ends there, and later holds are not its own. */
export const queueTransferFlows = [
  flow(
    'queue_blind_transfer',
    'the agent transfers the caller by REFER to 1002, who holds',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      await call.transfer(stage.extension('1002'))
      await holdAndHangUp(await colleague.incoming())
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    {caller}|support|{agent}|BLINDTRANSFER|1002|from-internal|#wait|#|1
    `,
  ),
  // Asterisk ends the hold and the call in the same millisecond: its line of the transfer may be there before ours.
  flow(
    'queue_dtmf_blind',
    'the agent transfers with #1 to 1002, who holds',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '#1', '1002')
      await holdAndHangUp(await colleague.incoming())
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|BLINDTRANSFER|1002|from-internal|#wait|#|1

    + {caller}|support|{agent}|CALLEROFFHOLD|
    `,
  ),
  flow(
    'queue_attended_transfer',
    'the agent holds, calls 1002 on a second line, and joins them by REFER with Replaces',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 0.8 })
      const { agent, call } = await supportCall(stage)
      await call.hold()
      const consultation = await agent.call(stage.extension('1002'))
      const taken = await colleague.incoming()
      await talk()
      await stage.joinCalls(call, consultation, 'PJSIP/1001')
      await holdAndHangUp(taken)
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1

    + {caller}|support|{agent}|CALLEROFFHOLD|

    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{consultation}|q-acme|{agent}|CALLOUTBOUND||1002
    + :{consultation}|q-acme|{agent}|CONNECT|#answer|{second}|#
    + :{consultation}|q-acme|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#answer|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  // Which line Asterisk writes, or both, is decided by a race between two of its threads.
  flow(
    'queue_atxfer_done',
    'the agent consults with *2 and hands the caller over to 1002, who holds',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      const taken = await colleague.incoming()
      await talk()
      await stage.transferred('PJSIP/1001', () => call.hangUp())
      await holdAndHangUp(taken)
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1 or {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1
    ? {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1 or {caller}|support|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1
    `,
  ),
  flow(
    'queue_atxfer_return',
    'the agent consults with *2, comes back, and hangs up later',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      const taken = await colleague.incoming()
      await talk()
      const back = stage.event('MusicOnHoldStop', { Channel: stage.channelOf('PJSIP/anonymous') })
      await taken.hangUp()
      await back
      await seconds(1)
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
    'redirect_held',
    'the Redirect action takes a caller on hold to 1002, who holds; Asterisk ends the queue call when the caller is gone',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      await call.hold()
      await seconds(1)
      await stage.redirect('PJSIP/anonymous', '1002')
      await holdAndHangUp(await colleague.incoming())
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
