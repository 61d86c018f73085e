import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { holdAndHangUp, outboundCall, talk } from './beginnings.ts'

/** Outbound calls that are transferred, torn apart, or enter a queue. */
export const outboundTransferFlows = [
  flow(
    'out_blind',
    'the agent sends the called party to 1002, who holds',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await outboundCall(stage)
      await call.transfer(stage.extension('1002'))
      await holdAndHangUp(await colleague.incoming())
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|BLINDTRANSFER|1002|from-internal|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_callee_blind',
    '1001 calls 1002, who sends 1001 to 1003',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 0.8 })
      const guest = await stage.phone('guest')
      await (await stage.phone('agent')).call(stage.extension('1002'))
      const taken = await colleague.incoming()
      await talk()
      await taken.transfer(stage.extension('1003'))
      const last = await guest.incoming()
      await talk()
      await last.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||1002
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|BLINDTRANSFER|1003|from-internal|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_attended',
    'REFER with Replaces ends both the call and the consultation',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 0.8 })
      const { agent, call } = await outboundCall(stage)
      await call.hold()
      const consultation = await agent.call(stage.extension('1002'))
      const taken = await colleague.incoming()
      await talk()
      await stage.joinCalls(call, consultation, 'PJSIP/1001')
      await talk()
      await taken.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{consultation}|q-acme|{agent}|CALLOUTBOUND||1002
    + :{consultation}|q-acme|{agent}|CONNECT|#second|{other}|#
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1
    + :{consultation}|q-acme|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#second|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_atxfer_dtmf',
    'the agent consults with *2 and hands the called party over',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await outboundCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      const taken = await colleague.incoming()
      await talk()
      await stage.transferred('PJSIP/1001', () => call.hangUp())
      await talk()
      await taken.hangUp()
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
  flow(
    'out_atxfer_return',
    'the agent consults with *2 and comes back; the called party hangs up',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call, callee } = await outboundCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      const taken = await colleague.incoming()
      await talk()
      const back = stage.event('MusicOnHoldStop', { Channel: stage.channelOf('PJSIP/trunk') })
      await taken.hangUp()
      await back
      await seconds(1)
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_callee_hangs_while_consulting',
    'the called party hangs up while the agent consults with *2',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call, callee } = await outboundCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      await colleague.incoming()
      await talk()
      await callee.hangUp()
      await seconds(1)
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  // Asterisk tells of the queue now and then before it tells of the transfer: then the line is COMPLETEAGENT.
  flow(
    'out_then_queue',
    '1003 calls out, then transfers the called party into queue support',
    async (stage) => {
      const trunk = await stage.trunk()
      const guest = await stage.phone('guest')
      const agent = await stage.phone('agent')
      await stage.addMember('support', 'PJSIP/1001')
      const call = await guest.call('95550008')
      await trunk.incoming()
      await talk()
      await call.transfer('600')
      await holdAndHangUp(await agent.incoming())
    },
    `
    + MANAGER|q-outbound|{guest}|ADDMEMBER|
    + :{call}|q-outbound|{guest}|CALLOUTBOUND||95550008
    + :{call}|q-outbound|{guest}|CONNECT|#wait|{leg}|#
    + :{call}|q-outbound|{guest}|BLINDTRANSFER|600|from-internal|#wait|#|1
    + MANAGER|q-outbound|{guest}|REMOVEMEMBER|

    {leg}|support|NONE|ENTERQUEUE||95550008|1
    {leg}|support|{agent}|CONNECT|#queued|{second}|#
    + {leg}|support|{agent}|CALLERONHOLD|
    + {leg}|support|{agent}|CALLEROFFHOLD|
    {leg}|support|{agent}|COMPLETEAGENT|#queued|#|1
    `,
  ),
  flow(
    'out_redirect',
    'the Redirect action takes the called party to 1002',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      await outboundCall(stage)
      await stage.redirect('PJSIP/trunk', '1002')
      const taken = await colleague.incoming()
      await talk()
      await taken.hangUp()
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
    'out_redirect_both',
    'the Redirect action takes the called party to 1002 and the agent to the echo test; the called party hangs up',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call, callee } = await outboundCall(stage)
      const context = stage.named('from-internal')
      await stage.redirect('PJSIP/trunk', '1002', {
        ...{
          ExtraChannel: stage.channelOf('PJSIP/1001'),
          ExtraContext: context,
          ExtraExten: '*43',
          ExtraPriority: '1',
        },
      })
      await colleague.incoming()
      await talk()
      await callee.hangUp()
      await talk()
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
    'out_redirect_to_queue',
    'the Redirect action takes the called party into queue support',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      await stage.addMember('support', 'PJSIP/1002')
      await outboundCall(stage)
      await stage.redirect('PJSIP/trunk', '600')
      const taken = await colleague.incoming()
      await talk()
      await taken.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|

    {leg}|support|NONE|ENTERQUEUE||95550001|1
    {leg}|support|{colleague}|CONNECT|#queued|{second}|#
    {leg}|support|{colleague}|COMPLETEAGENT|#queued|#|1
    `,
  ),
]
