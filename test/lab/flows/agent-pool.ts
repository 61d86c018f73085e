import { flow } from '../flow.ts'
import type { Stage } from '../stage.ts'
import { type QueueCall, talk } from './beginnings.ts'

/** 1001 logs in with *31 and waits; the member of queue localq asks for that agent by a Local channel. */
async function agentCall(stage: Stage, member: string): Promise<QueueCall> {
  const agent = await stage.phone('agent')
  const login = stage.event('AgentLogin', { Agent: stage.extension('1001') })
  const line = await agent.call('*31')
  await login
  await stage.addMember('localq', member, { name: 'Al', stateInterface: 'Agent:1001' })
  const connect = stage.event('AgentConnect', { Queue: stage.named('localq') })
  const caller = await stage.callIn('603')
  await connect
  await talk()
  return { caller, agent, call: line }
}

/** Members of app_agent_pool: their phone is called once, in the morning, and hears music between its calls. */
export const agentPoolFlows = [
  flow(
    'agent_pool',
    'an agent of app_agent_pool, asked for with /n, holds; the caller hangs up; a second caller is held, and the agent logs off',
    async (stage) => {
      const { caller, call } = await agentCall(stage, 'Local/1001@agents/n')
      await call.holdFor(1)
      await talk()
      await caller.hangUp()
      await talk()
      const connect = stage.event('AgentConnect', { Queue: stage.named('localq') })
      await stage.callIn('603')
      await connect
      await talk()
      await call.holdFor(1)
      await talk()
      await call.hangUp()
    },
    `
    {login}|NONE|1001|AGENTLOGIN|*
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Al|CONNECT|#wait|{leg}|#
    + {caller}|localq|Al|CALLERONHOLD|
    + {caller}|localq|Al|CALLEROFFHOLD|
    {caller}|localq|Al|COMPLETECALLER|#wait|#|1
    {second}|localq|NONE|ENTERQUEUE||5551000|1
    {second}|localq|Al|CONNECT|#again|{other}|#
    + {second}|localq|Al|CALLERONHOLD|
    + {second}|localq|Al|CALLEROFFHOLD|
    {second}|localq|Al|COMPLETEAGENT|#again|#|1

    {login}|NONE|1001|AGENTLOGOFF|*|#
    `,
  ),
  flow(
    'agent_pool_optimised',
    'the same without /n',
    async (stage) => {
      const { caller, call } = await agentCall(stage, 'Local/1001@agents')
      await call.holdFor(1)
      await talk()
      await caller.hangUp()
      await talk()
      await call.hangUp()
    },
    `
    {login}|NONE|1001|AGENTLOGIN|*
    {caller}|localq|NONE|ENTERQUEUE||5551000|1
    {caller}|localq|Al|CONNECT|#wait|{leg}|#
    + {caller}|localq|Al|CALLERONHOLD|
    + {caller}|localq|Al|CALLEROFFHOLD|
    {caller}|localq|Al|COMPLETECALLER|#wait|#|1

    {login}|NONE|1001|AGENTLOGOFF|*|#
    `,
  ),
]
