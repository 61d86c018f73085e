import type { AmiMessage } from '../ami/message.ts'
import type { Channel, ChannelTable } from '../channels.ts'
import { beyondHalf } from '../conversation.ts'
import type { QueueLogRecord } from '../queue-log.ts'
import { isEndVerb, uniqueidOf } from './fields.ts'

/** A call of an earlier stage. */
interface TrackedCall {
  readonly queuename: string
  readonly channels: readonly Channel[]
}

/**
 * The open calls that a parking may be of and that are closed by others: those of Asterisk's queues, by their callers,
 * and those of an earlier stage, by the lines that it writes.
 */
export class OpenCalls {
  static readonly events = ['AgentConnect', 'AgentComplete']

  private readonly channels: ChannelTable
  private readonly queueCallers = new Map<Channel, number>()
  private readonly tracked = new Map<string, TrackedCall>()
  private readonly byChannel = new Map<Channel, Set<string>>()

  constructor(channels: ChannelTable) {
    this.channels = channels
  }

  get size(): number {
    return this.queueCallers.size + this.tracked.size + this.byChannel.size
  }

  /** Whether the channel is a queue's caller, or a channel of a tracked call, also a Local half between its parties. */
  concerns(channel: Channel): boolean {
    if (this.queueCallers.has(channel) || this.byChannel.has(channel)) return true
    if (channel.otherHalf === undefined) return false
    if (this.byChannel.has(channel.otherHalf)) return true
    return beyondHalf(channel.otherHalf).some((beyond) => this.byChannel.has(beyond.channel))
  }

  apply(message: AmiMessage): void {
    if (message.event === 'AgentConnect') {
      const caller = this.channels.seen(message.get('Uniqueid'), message.get('Channel'))
      if (caller !== undefined) this.queueCallers.set(caller, (this.queueCallers.get(caller) ?? 0) + 1)
    } else if (message.event === 'AgentComplete') {
      const caller = this.channels.find(message.get('Uniqueid'))
      const open = caller === undefined ? 0 : (this.queueCallers.get(caller) ?? 0)
      if (caller !== undefined && open > 1) this.queueCallers.set(caller, open - 1)
      else if (caller !== undefined) this.queueCallers.delete(caller)
    }
  }

  applyLine(line: QueueLogRecord): void {
    if (line.event === 'CONNECT') this.connect(line)
    else if (isEndVerb(line.event) && this.tracked.get(line.callid)?.queuename === line.queuename)
      this.close(line.callid)
  }

  /** A Local half was optimised away: its calls are those of the one in its place. */
  replaced(half: Channel, by: Channel): void {
    const open = this.queueCallers.get(half)
    this.queueCallers.delete(half)
    if (open !== undefined) this.queueCallers.set(by, open + (this.queueCallers.get(by) ?? 0))
    const callids = this.byChannel.get(half)
    this.byChannel.delete(half)
    for (const callid of callids ?? []) {
      const call = this.tracked.get(callid)
      if (call === undefined) continue
      this.tracked.set(callid, { ...call, channels: call.channels.map((one) => (one === half ? by : one)) })
      this.byChannel.set(by, (this.byChannel.get(by) ?? new Set()).add(callid))
    }
  }

  /** A tracked call stays open until its end line, which may wait a moment, but not for ever. */
  gone(channel: Channel): void {
    this.queueCallers.delete(channel)
    const callids = this.byChannel.get(channel)
    this.byChannel.delete(channel)
    for (const callid of callids ?? []) {
      const call = this.tracked.get(callid)
      if (call?.channels.every((one) => !this.byChannel.has(one))) this.tracked.delete(callid)
    }
  }

  private connect({ callid, queuename, data }: QueueLogRecord): void {
    this.close(callid)
    const uniqueids = [uniqueidOf(callid), data[1] ?? '']
    const channels = uniqueids.flatMap((uniqueid) => this.channels.seen(uniqueid) ?? [])
    this.tracked.set(callid, { queuename, channels })
    for (const channel of channels) {
      const callids = this.byChannel.get(channel) ?? new Set()
      this.byChannel.set(channel, callids.add(callid))
    }
  }

  private close(callid: string): void {
    for (const channel of this.tracked.get(callid)?.channels ?? []) {
      const callids = this.byChannel.get(channel)
      if (callids?.delete(callid) && callids.size === 0) this.byChannel.delete(channel)
    }
    this.tracked.delete(callid)
  }
}
