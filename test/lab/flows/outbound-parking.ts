import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { outboundCall, talk } from './beginnings.ts'

/** Outbound calls that are parked: each is closed, and enters its lot as the called party’s. */
export const outboundParkingFlows = [
  flow(
    'out_park_repark',
    'parked by REFER, picked up by 1002, parked again in the same lot, picked up by 1003; the called party hangs up',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const guest = await stage.phone('guest')
      const { call, callee } = await outboundCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      const picked = await colleague.call(space)
      await talk()
      const next = await stage.parkingSpace(() => picked.transfer('700'))
      const last = await guest.call(next)
      await talk()
      await last.holdFor(1)
      await talk()
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    + :{leg}|pk-default|NONE|ENTERQUEUE||#space-95550001|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{leg}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{leg}|pk-default|{colleague}|BLINDTRANSFER|700|from-internal|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|
    + :{leg}|pk-default|NONE|ENTERQUEUE||#-95550001|1
    + MANAGER|pk-default|{guest}|ADDMEMBER|
    + :{leg}|pk-default|{guest}|CONNECT|#again|{last}|0
    + :{leg}|pk-default|{guest}|CALLERONHOLD|
    + :{leg}|pk-default|{guest}|CALLEROFFHOLD|
    + :{leg}|pk-default|{guest}|COMPLETECALLER|#again|#|1
    + MANAGER|pk-default|{guest}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_repark_other_lot',
    'parked, picked up, parked again in another lot; the called party gives up there',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call, callee } = await outboundCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      const picked = await colleague.call(space)
      await talk()
      await stage.parkingSpace(() => picked.transfer('800'), 'quick')
      await seconds(1)
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    + :{leg}|pk-default|NONE|ENTERQUEUE||#space-95550001|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{leg}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{leg}|pk-default|{colleague}|BLINDTRANSFER|800|from-internal|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|
    + :{leg}|pk-quick|NONE|ENTERQUEUE||#-95550001|1
    + :{leg}|pk-quick|NONE|ABANDON|1|1|#
    `,
  ),
  flow(
    'out_ami_park',
    'the Park action parks the called party; 1002 picks it up',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      await outboundCall(stage)
      const lot = stage.named('default')
      const space = await stage.parkingSpace(() =>
        stage.action('Park', { Channel: stage.channelOf('PJSIP/trunk'), Parkinglot: lot }),
      )
      await seconds(1)
      const picked = await colleague.call(space)
      await talk()
      await picked.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    + :{leg}|pk-default|NONE|ENTERQUEUE||#space-95550001|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{leg}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{leg}|pk-default|{colleague}|COMPLETEAGENT|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_onetouch_park',
    'the agent parks with #72; 1002 picks the called party up and holds',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call, callee } = await outboundCall(stage)
      const space = await stage.parkingSpace(() => call.press('#72'))
      await seconds(1)
      const picked = await colleague.call(space)
      await talk()
      await picked.holdFor(1)
      await talk()
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    + :{leg}|pk-default|NONE|ENTERQUEUE||#space-95550001|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{leg}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{leg}|pk-default|{colleague}|CALLERONHOLD|
    + :{leg}|pk-default|{colleague}|CALLEROFFHOLD|
    + :{leg}|pk-default|{colleague}|COMPLETECALLER|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|
    `,
  ),
  flow(
    'out_attended_park',
    'the agent calls the lot on a second line and completes the transfer into it; the called party gives up',
    async (stage) => {
      const { agent, call, callee } = await outboundCall(stage)
      await call.hold()
      const parked = stage.event('ParkedCall', { Parkinglot: stage.named('default') })
      const consultation = await agent.call('700')
      await parked
      await seconds(1)
      const swapped = stage.event('ParkedCallSwap', { Parkinglot: stage.named('default') })
      await call.transferInto(consultation)
      await swapped
      await seconds(1)
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|

    + :{consultation}|pk-default|NONE|ENTERQUEUE||#space-1001|1
    + :{consultation}|pk-default|NONE|ABANDON|1|1|#
    `,
  ),
]
