import type { Change } from '../calls/change.ts'
import type { Channel, ChannelTable } from '../calls/channels.ts'
import { beyondHalf } from '../calls/hearing.ts'
import type { QueueLogRecord } from '../queue-log/record.ts'
import { isEndVerb, isParkedQueue, uniqueidOf } from './fields.ts'

/** A connected call of an earlier tracker, as its lines show it. */
export interface EarlierCall {
  readonly callid: string
  readonly queuename: string
  readonly agent: string
  agentChannel: Channel
  /** The called party, or the parked party. Undefined: any party that the agent talks to. */
  caller: Channel | undefined
  /** ms since the epoch */
  readonly connectedAt: number
}

/**
 * The open calls of earlier trackers. Only their lines are known, because the lines may come from another program
 * through a pipe.
 */
export class EarlierCalls {
  private readonly channels: ChannelTable
  private readonly byCallid = new Map<string, EarlierCall>()
  private readonly byChannel = new Map<Channel, Set<EarlierCall>>()

  constructor(channels: ChannelTable) {
    this.channels = channels
  }

  get size(): number {
    return this.byCallid.size + this.byChannel.size
  }

  [Symbol.iterator](): Iterator<EarlierCall> {
    return this.byCallid.values()
  }

  of(channel: Channel): ReadonlySet<EarlierCall> {
    return this.byChannel.get(channel) ?? NONE
  }

  /** Whether the channel is a party of one, or a Local half between its parties. */
  concern(channel: Channel): boolean {
    if (this.byChannel.has(channel)) return true
    if (channel.otherHalf === undefined) return false
    if (this.byChannel.has(channel.otherHalf)) return true
    return beyondHalf(channel.otherHalf).some((beyond) => this.byChannel.has(beyond.channel))
  }

  /** The open call of which this line is the last one. */
  endedBy(line: QueueLogRecord): EarlierCall | undefined {
    const call = isEndVerb(line.event) ? this.byCallid.get(line.callid) : undefined
    return call?.queuename === line.queuename ? call : undefined
  }

  /** A CONNECT shows which channels talk: the callid is one of them, data2 is the other. */
  connect(line: QueueLogRecord): EarlierCall | undefined {
    const before = this.byCallid.get(line.callid)
    if (before !== undefined) this.remove(before)
    const own = this.channels.find(uniqueidOf(line.callid))
    const other = this.channels.seen(line.data[1])
    // A parked call's callid is the parked channel (or the parker's, who is gone by now), and CONNECT names the
    // retriever; an outbound call's is the agent's, and CONNECT names the peer.
    const isParked = isParkedQueue(line.queuename)
    const agentChannel = isParked ? other : (own ?? this.channels.seen(uniqueidOf(line.callid)))
    const caller = isParked ? own : other
    if (agentChannel === undefined) return undefined
    const { callid, queuename, agent, time } = line
    const call: EarlierCall = { callid, queuename, agent, agentChannel, caller, connectedAt: time * 1000 }
    this.byCallid.set(callid, call)
    for (const channel of partiesOf(call)) this.add(channel, call)
    return call
  }

  /** The open call of a callid. */
  find(callid: string): EarlierCall | undefined {
    return this.byCallid.get(callid)
  }

  remove(call: EarlierCall): void {
    if (this.byCallid.get(call.callid) === call) this.byCallid.delete(call.callid)
    for (const channel of partiesOf(call)) {
      const calls = this.byChannel.get(channel)
      if (calls?.delete(call) && calls.size === 0) this.byChannel.delete(channel)
    }
  }

  /** A Local half was optimised away: its calls now belong to the channel that replaces it. */
  replace({ half, by }: Change & { kind: 'replaced' }): void {
    const calls = this.byChannel.get(half) ?? NONE
    this.byChannel.delete(half)
    for (const call of calls) {
      if (call.agentChannel === half) call.agentChannel = by
      if (call.caller === half) call.caller = by
      this.add(by, call)
    }
  }

  private add(channel: Channel, call: EarlierCall): void {
    const calls = this.byChannel.get(channel)
    if (calls === undefined) this.byChannel.set(channel, new Set([call]))
    else calls.add(call)
  }
}

const NONE: ReadonlySet<EarlierCall> = new Set()

function partiesOf({ agentChannel, caller }: EarlierCall): Channel[] {
  return caller === undefined ? [agentChannel] : [agentChannel, caller]
}
