import type { GapOfFlow } from '../gap.ts'
import { seconds } from '../patience.ts'
import type { Call } from '../sip/call.ts'
import type { Phone } from '../sip/phone.ts'
import type { Stage } from '../stage.ts'

/** People say a few words before they press anything. */
export const talk = (): Promise<void> => seconds(0.6)

/** A call of a queue that an agent has taken. */
export interface QueueCall {
  /** The caller's end, from outside. */
  caller: Call
  agent: Phone
  /** The agent's end. */
  call: Call
}

/** Somebody calls queue support, of which 1001 is a member, and they talk. */
export async function supportCall(stage: Stage): Promise<QueueCall> {
  const agent = await stage.phone('agent')
  await stage.addMember('support', 'PJSIP/1001')
  return connected(stage, agent, '600', 'support')
}

/** The same in queue localq; its member is 1002 through a Local channel, with a name. */
export async function localCall(stage: Stage, member = 'Local/1002@from-queue/n'): Promise<QueueCall> {
  const agent = await stage.phone('colleague')
  await stage.addMember('localq', member, { name: 'Jane Doe' })
  return connected(stage, agent, '603', 'localq')
}

/** A call from outside to a queue, taken by a phone; they talk. */
export async function connected(stage: Stage, agent: Phone, extension: string, queue: string): Promise<QueueCall> {
  const connect = stage.event('AgentConnect', { Queue: stage.named(queue) })
  const caller = await stage.callIn(extension)
  const call = await agent.incoming()
  await connect
  await talk()
  return { caller, agent, call }
}

/** A call over the trunk. */
export interface OutboundCall {
  agent: Phone
  /** The agent's end. */
  call: Call
  trunk: Phone
  /** The end of the one who was called. */
  callee: Call
}

/** 1001 calls somebody over the trunk, who answers after a second, and they talk. */
export async function outboundCall(stage: Stage, extension = '95550001'): Promise<OutboundCall> {
  const trunk = await stage.trunk()
  const agent = await stage.phone('agent')
  const call = await agent.call(extension)
  const callee = await trunk.incoming()
  await talk()
  return { agent, call, trunk, callee }
}

/** A hold at the phone that took a call over, and the end of the call by it. */
export async function holdAndHangUp(call: Call): Promise<void> {
  await talk()
  await call.holdFor(1)
  await talk()
  await call.hangUp()
}

/**
 * A hold behind a gap, both ends of which are logged. It lasts as long as a person's: of one that ends within 5 ms,
 * Asterisk tells the Unhold before the music (16.28).
 */
export async function holdOnce(call: Call | undefined, { logged }: GapOfFlow): Promise<void> {
  await call?.hold()
  await logged(/\|CALLERONHOLD\|/)
  await talk()
  await call?.resume()
  await logged(/\|CALLEROFFHOLD\|/)
}
