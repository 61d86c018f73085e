import { createHistogram } from 'node:perf_hooks'
import { amiEvent, type FakeAsterisk, type FakeSession } from '../test/support/fake-asterisk.ts'

/**
 * A queue call that is put on hold, and ended as the next one begins: the hold's line is what is waited for. The line of a hold that
 * waits while its call ends is dropped.
 */
export class Probe {
  readonly histogram
  private readonly begun = new Map<string, bigint>()
  private count = 0
  private endLast: (now: number) => void = () => {}

  /** @param histogram of the times from an event to the action that it gives: ns */
  constructor(server: FakeAsterisk, histogram = createHistogram()) {
    this.histogram = histogram
    server.onLine((line) => {
      const [callid = '', , , event] = line.split('|')
      const began = this.begun.get(callid)
      if (began === undefined || event !== 'CALLERONHOLD') return
      this.begun.delete(callid)
      histogram.record(process.hrtime.bigint() - began)
    })
  }

  get unanswered(): number {
    return this.begun.size
  }

  send(session: FakeSession): void {
    const n = this.count++
    const now = Date.now()
    this.endLast(now)
    const caller = { Channel: `Probe/caller-${n.toString(16).padStart(8, '0')}`, Uniqueid: `1700000000.${2 * n}` }
    const agent = { Channel: `Probe/agent-${n.toString(16).padStart(8, '0')}`, Uniqueid: `1700000000.${2 * n + 1}` }
    const bridge = { BridgeUniqueid: `probe-${n}`, BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
    const member = { Queue: 'probe', MemberName: 'agent', DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
    session.send(amiEvent('AgentConnect', { ...caller, ...member }, now))
    session.send(amiEvent('BridgeEnter', { ...bridge, ...agent }, now))
    session.send(amiEvent('BridgeEnter', { ...bridge, ...caller }, now))
    const hold = amiEvent('Hold', agent, now)
    this.begun.set(caller.Uniqueid, process.hrtime.bigint())
    session.send(hold)
    this.endLast = (end) => {
      session.send(amiEvent('AgentComplete', { ...caller, ...member }, end))
      for (const channel of [agent, caller]) session.send(amiEvent('Hangup', channel, end))
    }
  }
}
