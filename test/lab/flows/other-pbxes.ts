import { flow } from '../flow.ts'
import { outboundCall, talk } from './beginnings.ts'
import { click } from './click-to-call.ts'

/** Outbound calls in the dialplans of other PBXes: context and Exten at the DialBegin are not those that were dialled. */
export const otherPbxFlows = [
  flow(
    'out_freepbx_trunk',
    'as FreePBX 17 dials a trunk, in a subroutine whose Exten is the number that the route made; a hold',
    async (stage) => {
      const { call } = await outboundCall(stage, '45550001')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||45550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'click_freepbx_trunk',
    'Originate calls PJSIP/1001 and dials a trunk in the same way: the number is the one that was asked for',
    async (stage) => {
      const trunk = await stage.trunk()
      const agent = await stage.phone('agent')
      await click(stage, stage.interface('PJSIP/1001'), { Exten: '45550001' })
      const call = await agent.incoming()
      await trunk.incoming()
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||45550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_issabel_trunk',
    'as Issabel dials a trunk, in a macro with Exten s; a hold; the called party hangs up',
    async (stage) => {
      const { call, callee } = await outboundCall(stage, '65550001')
      await call.holdFor(1)
      await talk()
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||65550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
    { isOn: ({ name }) => name === 'asterisk-22', because: 'Asterisk has no Macro from 21 on' },
  ),
  flow(
    'out_recorded',
    'MixMonitor records an outbound call; a hold',
    async (stage) => {
      const { call } = await outboundCall(stage, '*2595550001')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||*2595550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
]
