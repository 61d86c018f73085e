import { flow } from '../flow.ts'
import { holdAndHangUp, outboundCall, supportCall, talk } from './beginnings.ts'

/** Transfers to somebody who has not answered yet, and does so later. */
export const unansweredTransferFlows = [
  // The caller takes the place of the consultation's channel: of which of the two Asterisk writes its line is a race (22).
  flow(
    'queue_semi_attended',
    'the agent holds, calls 1002, and joins them by REFER with Replaces while it rings; 1002 answers and holds',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 2 })
      const { agent, call } = await supportCall(stage)
      await call.hold()
      const consultation = await agent.dial(stage.extension('1002'))
      await consultation.ringing
      await talk()
      await stage.joinCalls(call, consultation, 'PJSIP/1001')
      await holdAndHangUp(await colleague.incoming())
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    {caller}|support|{agent}|ATTENDEDTRANSFER|APP|Dial|#wait|#|1 or {consultation}|support|{agent}|ATTENDEDTRANSFER|APP|Dial|#wait|#|1
    ? {consultation}|support|{agent}|ATTENDEDTRANSFER|APP|Dial|#wait|#|1

    + {caller}|support|{agent}|CALLEROFFHOLD|

    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{consultation}|q-acme|{agent}|CALLOUTBOUND||1002
    + :{consultation}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_semi_attended',
    'the same with somebody whom the agent has called',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 2 })
      const { agent, call } = await outboundCall(stage)
      await call.hold()
      const consultation = await agent.dial(stage.extension('1002'))
      await consultation.ringing
      await talk()
      await stage.joinCalls(call, consultation, 'PJSIP/1001')
      await holdAndHangUp(await colleague.incoming())
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{consultation}|q-acme|{agent}|CALLOUTBOUND||1002
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|ATTENDEDTRANSFER|APP|Dial|#wait|#|1
    + :{consultation}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  // Which line Asterisk writes, or both, is decided by a race between two of its threads.
  flow(
    'queue_blonde',
    'the agent presses *2, dials 1002, and hangs up while it rings; 1002 answers and holds',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 2 })
      const { call } = await supportCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      await colleague.ringing()
      await talk()
      await stage.transferred('PJSIP/1001', () => call.hangUp())
      await holdAndHangUp(await colleague.incoming())
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
    'out_blonde',
    'the same with somebody whom the agent has called',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 2 })
      const { call } = await outboundCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      await colleague.ringing()
      await talk()
      await stage.transferred('PJSIP/1001', () => call.hangUp())
      await holdAndHangUp(await colleague.incoming())
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
]
