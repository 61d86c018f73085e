import { amiEvent } from './fake-asterisk.ts'

/** A queue call that is connected and put on hold. @param at the time of its events: ms since the epoch; undefined if they tell none */
export function heldCall(n: number, at?: number): Buffer {
  const { caller, agent } = channelsOf(n)
  const bridge = { BridgeUniqueid: `b-${n}`, BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
  const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  return Buffer.concat([
    amiEvent('AgentConnect', { ...caller, ...dest, Queue: `queue-${n}`, MemberName: 'Jane' }, at),
    amiEvent('BridgeEnter', { ...bridge, ...agent }, at),
    amiEvent('BridgeEnter', { ...bridge, ...caller }, at),
    amiEvent('Hold', agent, at),
  ])
}

/** The same call is over, while it is on hold. */
export function heldCallEnds(n: number, at?: number): Buffer {
  const { caller, agent } = channelsOf(n)
  const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  return Buffer.concat([
    amiEvent('AgentComplete', { ...caller, ...dest, Queue: `queue-${n}`, MemberName: 'Jane', Reason: 'caller' }, at),
    amiEvent('Hangup', agent, at),
    amiEvent('Hangup', caller, at),
  ])
}

function channelsOf(n: number): Record<'caller' | 'agent', { Channel: string; Uniqueid: string }> {
  return {
    caller: { Channel: `PJSIP/trunk-${n}`, Uniqueid: `1800000000.${2 * n}` },
    agent: { Channel: `PJSIP/1001-${n}`, Uniqueid: `1800000000.${2 * n + 1}` },
  }
}
