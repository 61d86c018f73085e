import { flow } from '../flow.ts'
import type { Stage } from '../stage.ts'
import { outboundCall, supportCall, talk } from './beginnings.ts'

/** Takes both channels of a call into the conference of 1005, and waits until they are there. */
async function redirectToConference(stage: Stage, one: string, other: string): Promise<void> {
  const exten = stage.extension('*321005')
  const joined = [one, other].map((name) => stage.event('ConfbridgeJoin', { Channel: stage.channelOf(name) }))
  await stage.redirect(one, '*321005', {
    ExtraChannel: stage.channelOf(other),
    ExtraContext: stage.named('from-internal'),
    ExtraExten: exten,
    ExtraPriority: '1',
  })
  await Promise.all(joined)
}

/** More than two talk: a phone's hold plays no music to the others, and is none. */
export const conferenceFlows = [
  flow(
    'out_threeway',
    'the agent consults with *2, makes it a conference with *3, holds in it, and hangs up; the two others go on',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { call } = await outboundCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      const taken = await colleague.incoming()
      await talk()
      await stage.transferred('PJSIP/1001', () => call.press('*3'))
      await talk()
      await call.holdFor(1)
      await taken.holdFor(1)
      await call.hangUp()
      await talk()
      await taken.hangUp()
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
    'queue_threeway',
    'the same with a caller of a queue, who hangs up first',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const { caller, call } = await supportCall(stage)
      await stage.pressAndDial(call, 'PJSIP/1001', '*2', '1002')
      const taken = await colleague.incoming()
      await talk()
      await stage.transferred('PJSIP/1001', () => call.press('*3'))
      await talk()
      await call.holdFor(1)
      await taken.holdFor(1)
      await caller.hangUp()
      await talk()
      await taken.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'queue_conference_member',
    'the member of a queue is a conference, in which 1002 holds',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      const inside = await colleague.call(stage.extension('*321004'))
      await stage.addMember('localq', 'Local/1004@conference/n', { name: 'Room' })
      const connect = stage.event('AgentConnect', { Queue: stage.named('localq') })
      const caller = await stage.callIn('603')
      await connect
      await talk()
      await inside.holdFor(1)
      await talk()
      await caller.hangUp()
    },
    `
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Room|CONNECT|#wait|{leg}|#
    {caller}|localq|Room|COMPLETECALLER|#wait|#|1
    `,
  ),
  // Asterisk ends its queue call when the caller is gone; which of the two it takes first is a race.
  flow(
    'queue_redirect_to_conference',
    'the Redirect action takes caller and agent into a conference, in which the agent holds',
    async (stage) => {
      const { caller, call } = await supportCall(stage)
      await redirectToConference(stage, 'PJSIP/anonymous', 'PJSIP/1001')
      await call.holdFor(1)
      await talk()
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    {caller}|support|{agent}|COMPLETE*|#wait|#|1
    `,
  ),
  flow(
    'out_redirect_to_conference',
    'the Redirect action takes both parties of an outbound call into a conference, where they talk on and the agent holds; the called party hangs up',
    async (stage) => {
      const { call, callee } = await outboundCall(stage)
      await redirectToConference(stage, 'PJSIP/trunk', 'PJSIP/1001')
      await call.holdFor(1)
      await talk()
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  // Asterisk tells of no one who dials: its DialBegin has no Channel, like that of an Originate.
  flow(
    'page',
    '1001 pages 1002 and 1004: the dials of Page are not tracked',
    async (stage) => {
      const colleague = await stage.phone('colleague', { answerAfter: 0.8 })
      const stranger = await stage.phone('stranger', { answerAfter: 1 })
      const call = await (await stage.phone('agent')).call('*26')
      await colleague.incoming()
      await stranger.incoming()
      await talk()
      await call.hangUp()
    },
    '',
  ),
]
