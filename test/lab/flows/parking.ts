import { flow } from '../flow.ts'
import { seconds } from '../patience.ts'
import { connected, holdAndHangUp, supportCall, talk } from './beginnings.ts'

/** Calls of a queue that are parked: each is closed in its queue first, where Asterisk closes it. */
export const parkingFlows = [
  flow(
    'park_retrieve',
    'the agent parks the caller by REFER; 1002 picks it up, holds once, hangs up',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      await seconds(1)
      await holdAndHangUp(await colleague.call(space))
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
    + :{caller}|pk-default|NONE|ENTERQUEUE||#space-5551000|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{caller}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{caller}|pk-default|{colleague}|CALLERONHOLD|
    + :{caller}|pk-default|{colleague}|CALLEROFFHOLD|
    + :{caller}|pk-default|{colleague}|COMPLETEAGENT|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|
    `,
  ),
  flow(
    'park_giveup',
    'the parked caller hangs up',
    async (stage) => {
      const { caller, call } = await supportCall(stage)
      await stage.parkingSpace(() => call.transfer('700'))
      await seconds(1)
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
    + :{caller}|pk-default|NONE|ENTERQUEUE||#space-5551000|1
    + :{caller}|pk-default|NONE|ABANDON|1|1|#
    `,
  ),
  flow(
    'park_timeout',
    'the lot’s time runs out, and the dialplan takes the caller',
    async (stage) => {
      const { caller, call } = await supportCall(stage)
      await stage.parkingSpace(() => call.transfer('800'), 'quick')
      await caller.ended()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|800|from-internal|#wait|#|1
    + :{caller}|pk-quick|NONE|ENTERQUEUE||#space-5551000|1
    + :{caller}|pk-quick|NONE|EXITWITHTIMEOUT|1|1|#
    `,
  ),
  flow(
    'park_timeout_to_parker',
    'the lot’s time runs out, and the parker has the caller again',
    async (stage) => {
      const { agent, call } = await supportCall(stage)
      await stage.parkingSpace(() => call.transfer('850'), 'callback')
      const again = await agent.incoming()
      await talk()
      await again.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|850|from-internal|#wait|#|1
    + :{caller}|pk-callback|NONE|ENTERQUEUE||#space-5551000|1
    + :{caller}|pk-callback|NONE|EXITWITHTIMEOUT|1|1|#
    `,
  ),
  flow(
    'park_pickup_blind',
    'the parked call is picked up by 1002, who sends it to 1003',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const guest = await stage.phone('guest')
      const { call } = await supportCall(stage)
      const space = await stage.parkingSpace(() => call.transfer('700'))
      const picked = await colleague.call(space)
      await talk()
      await picked.transfer(stage.extension('1003'))
      const last = await guest.incoming()
      await talk()
      await last.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {caller}|support|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
    + :{caller}|pk-default|NONE|ENTERQUEUE||#space-5551000|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{caller}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{caller}|pk-default|{colleague}|BLINDTRANSFER|1003|from-internal|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|
    `,
  ),
  flow(
    'ami_park_held',
    'the Park action parks a caller on hold, which Asterisk’s queue does not notice; 1002 picks it up and holds',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await supportCall(stage)
      await call.hold()
      await seconds(1)
      const lot = stage.named('default')
      const space = await stage.parkingSpace(() =>
        stage.action('Park', { Channel: stage.channelOf('PJSIP/anonymous'), Parkinglot: lot }),
      )
      await seconds(1)
      await holdAndHangUp(await colleague.call(space))
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    + :{caller}|pk-default|NONE|ENTERQUEUE||#space-5551000|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{caller}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{caller}|pk-default|{colleague}|CALLERONHOLD|
    + :{caller}|pk-default|{colleague}|CALLEROFFHOLD|
    + :{caller}|pk-default|{colleague}|COMPLETEAGENT|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|

    {caller}|support|{agent}|COMPLETECALLER|#|#|1
    `,
  ),
  flow(
    'park_onetouch',
    'the agent parks the caller with #72; the caller is picked up by 1002 and hangs up',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { caller, call } = await supportCall(stage)
      const space = await stage.parkingSpace(() => call.press('#72'))
      await seconds(1)
      await colleague.call(space)
      await talk()
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + :{caller}|pk-default|NONE|ENTERQUEUE||#space-5551000|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{caller}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{caller}|pk-default|{colleague}|COMPLETECALLER|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|

    {caller}|support|{agent}|COMPLETECALLER|#|#|1
    `,
  ),
  flow(
    'park_two_calls',
    'two calls in one lot: the second one is picked up first, the first caller gives up',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const first = await supportCall(stage)
      await stage.parkingSpace(() => first.call.transfer('700'))
      await first.call.ended()
      const second = await connected(stage, first.agent, '600', 'support')
      const space = await stage.parkingSpace(() => second.call.transfer('700'))
      const picked = await colleague.call(space)
      await talk()
      await first.caller.hangUp()
      await talk()
      await picked.hangUp()
    },
    `
    {one}|support|NONE|ENTERQUEUE||5551000|1
    {one}|support|{agent}|CONNECT|#wait|{leg}|#
    ~ {one}|support|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
    + :{one}|pk-default|NONE|ENTERQUEUE||#space-5551000|1
    + :{one}|pk-default|NONE|ABANDON|1|1|#

    {two}|support|NONE|ENTERQUEUE||5551000|1
    {two}|support|{agent}|CONNECT|#second|{other}|#
    ~ {two}|support|{agent}|BLINDTRANSFER|700|from-internal|#second|#|1
    + :{two}|pk-default|NONE|ENTERQUEUE||#-5551000|1
    + MANAGER|pk-default|{colleague}|ADDMEMBER|
    + :{two}|pk-default|{colleague}|CONNECT|#parked|{retriever}|0
    + :{two}|pk-default|{colleague}|COMPLETEAGENT|#parked|#|1
    + MANAGER|pk-default|{colleague}|REMOVEMEMBER|
    `,
  ),
]
