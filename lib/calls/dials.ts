import type { Channel } from '../channels.ts'
import type { OutboundCall } from './outbound-call.ts'

/** The outbound calls that are not yet answered, by the channels that dial and by those that ring for them. */
export class UnansweredCalls {
  private readonly byDialler = new Map<Channel, OutboundCall>()
  private readonly byLeg = new Map<Channel, OutboundCall>()
  /** Those not yet announced, in the order of their time. */
  readonly unannounced = new Set<OutboundCall>()

  get size(): number {
    return this.byDialler.size + this.byLeg.size + this.unannounced.size
  }

  [Symbol.iterator](): Iterator<OutboundCall> {
    return this.byDialler.values()
  }

  /** The call of a channel that dials: the agent's, or the Local half that dials in its place. */
  ofDialler(channel: Channel | undefined): OutboundCall | undefined {
    return channel === undefined ? undefined : this.byDialler.get(channel)
  }

  /** The call for which a channel rings. */
  ofLeg(channel: Channel | undefined): OutboundCall | undefined {
    return channel === undefined ? undefined : this.byLeg.get(channel)
  }

  add(call: OutboundCall): void {
    this.byDialler.set(call.dialler, call)
    this.byDialler.set(call.agentChannel, call)
    this.unannounced.add(call)
  }

  /** @param at when it was dialled: ms since the epoch */
  addLeg(call: OutboundCall, channel: Channel, dialler: Channel, at: number): void {
    call.legs.set(channel, { channel, dialler, begin: at, open: true })
    this.byLeg.set(channel, call)
  }

  /** Takes a leg that has hung up out of its call. */
  dropLeg(call: OutboundCall, channel: Channel): void {
    this.byLeg.delete(channel)
    call.legs.delete(channel)
  }

  drop(call: OutboundCall): void {
    this.byDialler.delete(call.dialler)
    this.byDialler.delete(call.agentChannel)
    this.unannounced.delete(call)
    for (const leg of call.legs.keys()) if (this.byLeg.get(leg) === call) this.byLeg.delete(leg)
  }

  /** A Local half that dials was optimised away: the call is that of the one in its place. */
  replaced(half: Channel, by: Channel): void {
    const call = this.byDialler.get(half)
    if (call === undefined) return
    this.byDialler.delete(half)
    if (call.dialler === half) call.dialler = by
    if (call.agentChannel === half) call.agentChannel = by
    this.byDialler.set(by, call)
  }
}
