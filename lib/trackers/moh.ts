import { interfaceOf } from '../ami/channel-name.ts'
import type { Calls } from '../calls/calls.ts'
import type { Channel } from '../calls/channels.ts'
import type { Deadline } from '../calls/deadlines.ts'
import type { Hold } from '../calls/holds.ts'
import type { QueueCall } from '../calls/queue-calls.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'
import { type EarlierCall, EarlierCalls } from './earlier-calls.ts'
import type { OnUnwritten, OpenCall, Rules, Surroundings, Tracker } from './tracker.ts'

/**
 * How long, in ms, the end of a hold waits for the end of the call after a party asked to hang up. Asterisk writes its
 * end line at the HangupRequest, and the music stops a moment later: CALLEROFFHOLD would come after the end.
 */
const END_OF_CALL_MS = 1000

/** The holds of a connected call: one of Asterisk's queues, or one that an earlier tracker follows. */
interface HeldCall {
  readonly call: QueueCall | EarlierCall
  readonly agent: string
  /** The holds that put the other party on music: none while it is not on hold. */
  readonly holds: Set<Hold>
  /** Since when it is on hold: ms since the epoch; undefined if it is not. */
  heldSince: number | undefined
  /** Set while the end of a hold may be the end of the call: a party asked to hang up. */
  ending: Deadline | undefined
  /** The end of a hold that is logged if the call's end does not come first: its time, in ms since the epoch. */
  unloggedOff: { readonly at: number; readonly waiting: Deadline } | undefined
}

/** Writes CALLERONHOLD and CALLEROFFHOLD: the agent's side of a connected call puts the other party on music. */
export class MohTracker implements Tracker {
  private readonly calls: Calls
  private readonly around: Surroundings
  private readonly earlier: EarlierCalls
  private readonly open = new Map<QueueCall | EarlierCall, HeldCall>()
  private readonly byHold = new Map<Hold, HeldCall>()

  onUnwritten: OnUnwritten | undefined

  readonly rules: Rules = {
    'queue-connected': ({ call }) => this.add(call, call.member || interfaceOf(call.agentChannel.name)),
    'queue-completed': ({ call }) => this.remove(call),
    'hold-begun': ({ hold, at }) => this.begin(hold, at),
    'hold-ended': ({ hold, at }) => this.end(hold, at),
    'hangup-requested': ({ parties, at }) => {
      for (const call of this.queueCallsOf(parties)) this.mayEnd(call, at)
    },
    joined: ({ halves }) => {
      // A new party talks on the agent's side: the one who asked to hang up had transferred the call before.
      for (const half of halves) {
        for (const call of this.calls.queueCalls.ofAgent(half)) this.goesOn(this.open.get(call))
      }
    },
    replaced: (change) => this.earlier.replace(change),
    gone: ({ channel, at }) => {
      for (const call of this.earlier.of(channel)) this.removeEarlier(call, at)
    },
    'passed-over': ({ what, uniqueid, reason }) => {
      if (what === 'holds') this.onUnwritten?.(uniqueid, reason)
    },
  }

  constructor(around: Surroundings) {
    this.around = around
    this.calls = around.calls
    this.earlier = new EarlierCalls(around.calls.channels)
  }

  get size(): number {
    return this.earlier.size + this.open.size + this.byHold.size
  }

  openCalls(): OpenCall[] {
    return [...this.open.values()].map(({ call, agent, heldSince }) => {
      const { callid, queuename, connectedAt } = call
      // For a call of an earlier tracker, that tracker knows the number.
      const number = 'member' in call ? call.number : ''
      const state = heldSince === undefined ? 'connected' : 'on hold'
      return { callid, queuename, agent, number, space: '', state, since: heldSince ?? connectedAt }
    })
  }

  /** A tracked call's hold ends before its end line. */
  beforeLine(line: QueueLogRecord): void {
    const ended = this.earlier.endedBy(line)
    if (ended !== undefined) this.removeEarlier(ended, line.time * 1000)
    if (line.event !== 'CONNECT') return
    const before = this.earlier.find(line.callid)
    if (before !== undefined) this.removeEarlier(before, line.time * 1000)
    const call = this.earlier.connect(line)
    if (call !== undefined) this.add(call, call.agent)
  }

  // ---- calls

  private add(call: QueueCall | EarlierCall, agent: string): void {
    this.open.set(call, {
      call,
      agent,
      holds: new Set(),
      heldSince: undefined,
      ending: undefined,
      unloggedOff: undefined,
    })
  }

  private removeEarlier(call: EarlierCall, at: number): void {
    const held = this.open.get(call)
    if (held !== undefined && held.heldSince !== undefined) this.takeBack(held, at)
    this.remove(call)
    this.earlier.remove(call)
  }

  /** Forgets a call that is over. */
  private remove(call: QueueCall | EarlierCall): void {
    const held = this.open.get(call)
    if (held === undefined) return
    if (held.heldSince !== undefined || held.unloggedOff !== undefined) {
      const reason =
        'no CALLEROFFHOLD: the hold ends with the call, and Asterisk has already written the end of the call'
      this.onUnwritten?.(call.callid, reason)
    }
    this.open.delete(call)
    held.ending?.cancel()
    held.unloggedOff?.waiting.cancel()
    this.drop(held)
  }

  private queueCallsOf(parties: readonly Channel[]): Set<HeldCall> {
    const { queueCalls } = this.calls
    const calls = parties.flatMap((party) => [...queueCalls.ofAgent(party), ...queueCalls.ofCaller(party)])
    return new Set(calls.flatMap((call) => this.open.get(call) ?? []))
  }

  /** A party asked to hang up: from now on, the end of a hold is likely the end of the call. */
  private mayEnd(held: HeldCall, at: number): void {
    held.ending?.cancel()
    held.ending = this.around.after(END_OF_CALL_MS, () => this.goesOn(held))
    if (held.heldSince !== undefined) this.takeBack(held, at)
  }

  private goesOn(held: HeldCall | undefined): void {
    held?.ending?.cancel()
    if (held !== undefined) held.ending = undefined
  }

  // ---- holds

  private begin(hold: Hold, at: number): void {
    const held = this.callOf(hold)
    const { channel } = hold.named
    if (held === undefined) {
      this.onUnwritten?.(channel.uniqueid, this.whyNoHold(hold))
      return
    }
    if (held.ending !== undefined) {
      this.onUnwritten?.(channel.uniqueid, 'no hold: a party of the call is hanging up')
      return
    }
    held.holds.add(hold)
    this.byHold.set(hold, held)
    if (held.heldSince !== undefined) return
    this.logOff(held)
    held.heldSince = at
    this.log(held, 'CALLERONHOLD', at)
  }

  /**
   * The call to which a hold belongs: the one whose agent is innermost on the holding side while its caller hears the
   * music. So a hold behind a Local member belongs to the tracked call behind the pair, otherwise to the innermost
   * queue call, otherwise to the queue call itself, and never to two calls.
   */
  private callOf({ parties }: Hold): HeldCall | undefined {
    const hearing = new Set(parties.flatMap(({ channel, side }) => (side === 'held' ? [channel] : [])))
    for (const { channel, side } of parties) {
      if (side !== 'holding') continue
      for (const call of this.earlier.of(channel)) {
        const isHeard = call.caller === undefined || hearing.has(call.caller)
        if (isHeard) return this.open.get(call)
      }
      // Two calls have the same agent if the pair between them was optimised away: the later call is the inner one.
      let innermost: QueueCall | undefined
      for (const call of this.calls.queueCalls.ofAgent(channel)) {
        if (hearing.has(call.caller) && call.connectedAt >= (innermost?.connectedAt ?? 0)) innermost = call
      }
      if (innermost !== undefined) return this.open.get(innermost)
    }
    return undefined
  }

  private whyNoHold({ named: { channel, side } }: Hold): string {
    const { queueCalls } = this.calls
    const earlier = [...this.earlier.of(channel)]
    if (side === 'holding') {
      const isCaller = queueCalls.ofCaller(channel).length > 0 || earlier.some(({ caller }) => caller === channel)
      return `no hold: ${isCaller ? 'the caller put the call on hold, and only holds by the agent are logged' : 'the channel is not the agent of a connected call'}`
    }
    const isAgent = queueCalls.ofAgent(channel).length > 0 || earlier.some((call) => call.agentChannel === channel)
    return `no hold: ${isAgent ? 'the agent hears the music' : 'the channel does not talk to the agent of a connected call'}`
  }

  private end(hold: Hold, at: number): void {
    const held = this.byHold.get(hold)
    if (held === undefined) return
    this.byHold.delete(hold)
    held.holds.delete(hold)
    // If one hold had two signals, and one was a Hold, the Hold decides when it ends.
    if ([...held.holds].some(({ holder }) => holder !== undefined)) return
    this.takeBack(held, at)
  }

  /** The call is not on hold any more. */
  private takeBack(held: HeldCall, at: number): void {
    this.drop(held)
    held.heldSince = undefined
    if (held.ending === undefined) this.log(held, 'CALLEROFFHOLD', at)
    else held.unloggedOff = { at, waiting: this.around.after(END_OF_CALL_MS, () => this.logOff(held)) }
  }

  private drop(held: HeldCall): void {
    for (const hold of held.holds) this.byHold.delete(hold)
    held.holds.clear()
  }

  private logOff(held: HeldCall): void {
    const { unloggedOff } = held
    if (unloggedOff === undefined) return
    unloggedOff.waiting.cancel()
    held.unloggedOff = undefined
    this.log(held, 'CALLEROFFHOLD', unloggedOff.at)
  }

  private log({ call, agent }: HeldCall, event: string, at: number): void {
    const { callid, queuename } = call
    this.around.write({ time: at / 1000, callid, queuename, agent, event, data: [] })
  }
}

/** Whether a line is the begin or the end of a hold. */
export function isHold({ event }: QueueLogFields): boolean {
  return event === 'CALLERONHOLD' || event === 'CALLEROFFHOLD'
}
