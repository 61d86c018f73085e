import type { Channel } from '../channels.ts'
import type { ConnectedCall } from './connected-calls.ts'

/** A channel that holds (Hold, Unhold), or one that hears the music (MusicOnHoldStart, MusicOnHoldStop). */
export interface HoldSignal {
  readonly kind: 'holds' | 'hears'
  readonly channel: Channel
}

/** The calls that are on hold, by what signals it. A channel may do both at once: when either party holds the other. */
export class HoldSignals {
  private readonly calls = { holds: new Map<Channel, ConnectedCall>(), hears: new Map<Channel, ConnectedCall>() }

  get size(): number {
    return this.calls.holds.size + this.calls.hears.size
  }

  callOf({ kind, channel }: HoldSignal): ConnectedCall | undefined {
    return this.calls[kind].get(channel)
  }

  add(call: ConnectedCall, signal: HoldSignal): void {
    call.signals.add(signal)
    this.calls[signal.kind].set(signal.channel, call)
  }

  drop(call: ConnectedCall, { kind, channel }: HoldSignal): void {
    this.calls[kind].delete(channel)
    for (const signal of call.signals) {
      if (signal.kind === kind && signal.channel === channel) call.signals.delete(signal)
    }
  }

  dropAll(call: ConnectedCall): void {
    for (const { kind, channel } of call.signals) this.calls[kind].delete(channel)
    call.signals.clear()
  }
}
