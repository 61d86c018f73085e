import { flow } from '../flow.ts'
import { connected, talk } from './beginnings.ts'

/** Members with names: their log-ins are made log-ins of the names. */
export const hotdeskingFlows = [
  flow(
    'hotdesk',
    'PJSIP/1001 joins support as “joe”, pauses and leaves; PJSIP/1002 joins without a name',
    async (stage) => {
      const queue = { Queue: stage.named('support') }
      const joe = { Interface: stage.interface('PJSIP/1001') }
      const other = { Interface: stage.interface('PJSIP/1002') }
      await stage.action('QueueAdd', { ...queue, ...joe, MemberName: stage.named('joe') })
      await talk()
      await stage.action('QueuePause', { ...queue, ...joe, Paused: 'true', Reason: 'Lunch' })
      await stage.action('QueuePause', { ...queue, ...joe, Paused: 'false' })
      await stage.action('QueueRemove', { ...queue, ...joe })
      await stage.action('QueueAdd', { ...queue, ...other })
      await stage.action('QueueRemove', { ...queue, ...other })
    },
    `
    MANAGER|support|{agent}|ADDMEMBER|
    + MANAGER|support|{agent}|REMOVEMEMBER|
    + MANAGER|support|joe|HOTDESKING|{agent}
    + MANAGER|support|joe|ADDMEMBER|
    NONE|support|joe|PAUSE|Lunch
    NONE|support|joe|UNPAUSE|

    + MANAGER|support|joe|REMOVEMEMBER|

    MANAGER|support|{agent}|REMOVEMEMBER|
    MANAGER|support|{colleague}|ADDMEMBER|
    MANAGER|support|{colleague}|REMOVEMEMBER|
    `,
  ),
  flow(
    'hotdesk_call',
    '“joe” takes a call of the queue and holds',
    async (stage) => {
      const agent = await stage.phone('agent')
      await stage.addMember('support', 'PJSIP/1001', { name: 'joe' })
      const { caller, call } = await connected(stage, agent, '600', 'support')
      await call.holdFor(1)
      await talk()
      await caller.hangUp()
    },
    `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|joe|CONNECT|#wait|{leg}|#
    + {caller}|support|joe|CALLERONHOLD|
    + {caller}|support|joe|CALLEROFFHOLD|
    {caller}|support|joe|COMPLETECALLER|#wait|#|1
    `,
  ),
  flow(
    'agent_login_code',
    '1002 logs in with *45, takes a call with a hold, and logs out with *46',
    async (stage) => {
      const colleague = await stage.phone('colleague')
      await (await colleague.call('*45')).ended()
      const { call } = await connected(stage, colleague, '603', 'localq')
      await call.holdFor(1)
      await talk()
      await call.hangUp()
      await talk()
      await (await colleague.call('*46')).ended()
    },
    `
    {login}|localq|Local/1002@from-queue/n|ADDMEMBER|
    + MANAGER|localq|Local/1002@from-queue/n|REMOVEMEMBER|
    + MANAGER|localq|Jane Doe|HOTDESKING|Local/1002@from-queue/n
    + MANAGER|localq|Jane Doe|ADDMEMBER|
    + MANAGER|localq|Jane Doe|REMOVEMEMBER|

    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Jane Doe|CONNECT|#wait|{leg}|#
    + {caller}|localq|Jane Doe|CALLERONHOLD|
    + {caller}|localq|Jane Doe|CALLEROFFHOLD|
    {caller}|localq|Jane Doe|COMPLETEAGENT|#wait|#|1

    {logout}|localq|Local/1002@from-queue/n|REMOVEMEMBER|
    `,
  ),
]
