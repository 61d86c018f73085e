import { amiEvent } from './fake-asterisk.ts'

/** A queue call that is connected and put on hold. */
export function heldCall(n: number): Buffer {
  const caller = { Channel: `PJSIP/trunk-${n}`, Uniqueid: `1800000000.${2 * n}` }
  const agent = { Channel: `PJSIP/1001-${n}`, Uniqueid: `1800000000.${2 * n + 1}` }
  const bridge = { BridgeUniqueid: `b-${n}`, BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
  const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  return Buffer.concat([
    amiEvent('AgentConnect', { ...caller, ...dest, Queue: `queue-${n}`, MemberName: 'Jane' }),
    amiEvent('BridgeEnter', { ...bridge, ...agent }),
    amiEvent('BridgeEnter', { ...bridge, ...caller }),
    amiEvent('Hold', agent),
  ])
}
