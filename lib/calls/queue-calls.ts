import type { AmiMessage } from '../ami/message.ts'
import { numberIn } from './caller-number.ts'
import type { Change } from './change.ts'
import type { Channel, ChannelTable } from './channels.ts'

/** A call of one of Asterisk's queues that a member has answered. */
export interface QueueCall {
  /** As Asterisk's own lines name it. */
  readonly callid: string
  /** The queue. */
  readonly queuename: string
  /** The MemberName; '' if the queue did not say. */
  readonly member: string
  /** The channel on which the member talks; with a Local member, the half that is in the queue's bridge. */
  agentChannel: Channel
  /** Who called the queue. */
  caller: Channel
  /** The caller's number; '' if it is not known. */
  readonly number: string
  /** ms since the epoch */
  readonly connectedAt: number
  /** Whether it was found connected, and may have been for long. */
  readonly isAdopted: boolean
}

/** What an AgentComplete says of the call that it ends. */
export interface Completion {
  /** undefined where it names no channel of the caller. */
  readonly callid: string | undefined
  readonly queuename: string
  readonly member: string
  /** The Uniqueid of the member's channel. */
  readonly agent: string | undefined
  /** How long they talked, in s; NaN where it does not say. */
  readonly talk: number
}

/** What a message says of a queue's call that is over; undefined if it is no AgentComplete. */
export function completionIn(message: AmiMessage): Completion | undefined {
  if (message.event !== 'AgentComplete') return undefined
  return {
    callid: message.get('Uniqueid'),
    queuename: message.get('Queue') ?? '',
    member: message.get('MemberName') ?? '',
    agent: message.get('DestUniqueid'),
    talk: Number(message.get('TalkTime')),
  }
}

/** How much longer or shorter a talk may be by Asterisk's count of whole seconds than by the events, in s. */
const TALK_DIFFERS_S = 3

/** So many calls that a Hangup ended are remembered until their AgentComplete comes. */
const ENDED_REMEMBERED = 1024
/** How long, in ms, it may take to come: it was some ms behind the Hangups on a 16.28 that was starved. */
const COMPLETED_LATE_MS = 10_000

/** A call that the caller's Hangup has ended: its AgentComplete may come from another thread behind that. */
interface EndedCall {
  readonly call: QueueCall
  /** ms since the epoch */
  readonly endedAt: number
}

/** The calls of Asterisk's queues that a member has answered. */
export class QueueCalls {
  static readonly events = ['AgentConnect', 'AgentComplete']

  private readonly channels: ChannelTable
  private readonly tell: (change: Change) => void
  private readonly calls = new Set<QueueCall>()
  private readonly byAgent = new Map<Channel, QueueCall[]>()
  private readonly byCaller = new Map<Channel, QueueCall[]>()
  /** The last that a Hangup has ended, from the oldest on, without those whose AgentComplete has come. */
  private ended: EndedCall[] = []

  constructor(channels: ChannelTable, tell: (change: Change) => void) {
    this.channels = channels
    this.tell = tell
  }

  get size(): number {
    return this.calls.size + this.byAgent.size + this.byCaller.size
  }

  [Symbol.iterator](): Iterator<QueueCall> {
    return this.calls[Symbol.iterator]()
  }

  ofCaller(channel: Channel): readonly QueueCall[] {
    return this.byCaller.get(channel) ?? NONE
  }

  ofAgent(channel: Channel): readonly QueueCall[] {
    return this.byAgent.get(channel) ?? NONE
  }

  apply(message: AmiMessage, at: number): void {
    if (message.event === 'AgentConnect') this.connect(message, at)
    const completion = completionIn(message)
    const call = completion && this.completedBy(completion, at)
    if (call !== undefined) this.end(call, at)
  }

  /** A Local half was optimised away; `by` is in its place. */
  replaced(half: Channel, by: Channel): void {
    for (const call of take(this.byAgent, half)) {
      call.agentChannel = by
      insert(this.byAgent, by, call)
    }
    for (const call of take(this.byCaller, half)) {
      call.caller = by
      insert(this.byCaller, by, call)
    }
  }

  /** @param at ms since the epoch */
  gone(channel: Channel, at: number): void {
    for (const call of [...this.ofCaller(channel)]) {
      this.end(call, at)
      this.ended.push({ call, endedAt: at })
    }
    if (this.ended.length > ENDED_REMEMBERED) this.ended = this.ended.slice(-ENDED_REMEMBERED / 2)
  }

  private connect(message: AmiMessage, at: number): void {
    const caller = this.channels.find(message.get('Uniqueid'))
    const agentChannel = this.channels.find(message.get('DestUniqueid'))
    if (caller === undefined || agentChannel === undefined) return
    // One that was found connected after a login may be told a moment later.
    if (this.ofCaller(caller).some((call) => call.agentChannel === agentChannel)) return
    const call: QueueCall = {
      callid: caller.uniqueid,
      queuename: message.get('Queue') ?? '',
      member: message.get('MemberName') ?? '',
      agentChannel,
      caller,
      number: numberIn(message, 'CallerIDNum'),
      connectedAt: at,
      // One that was found connected has no times.
      isAdopted: message.get('HoldTime') === undefined,
    }
    this.calls.add(call)
    insert(this.byAgent, agentChannel, call)
    insert(this.byCaller, caller, call)
    this.tell({ kind: 'queue-connected', call, at })
  }

  /**
   * The open call that an AgentComplete ends. It comes with or without the agent's channel, once in a while without the
   * caller's (app_queue.c, ASTERISK-22507), and after a transfer with the channel of a consultation as the caller's
   * (asterisk#759, recorded on 22.10); the queue and the member are always in it. Where both channels have hung up before
   * app_queue's thread looks, it names neither, behind their Hangups, and the member may talk to another caller of the queue
   * meanwhile (queue_complete_behind_hangup, recorded on 16.28).
   */
  private completedBy(completion: Completion, at: number): QueueCall | undefined {
    const { callid, agent, talk } = completion
    const ofQueue = ({ queuename }: QueueCall): boolean => queuename === completion.queuename
    const ofMember = (call: QueueCall): boolean => ofQueue(call) && call.member === completion.member
    const isAgent = ({ agentChannel }: QueueCall): boolean => agentChannel.uniqueid === agent
    const caller = this.channels.find(callid)
    // The caller may have been a Local half that is optimised away: it is still the caller to app_queue.
    const ofCaller = callid === undefined ? NONE : this.callsOf(caller, callid)
    const own = ofCaller.filter(ofQueue)
    const found = own.find((call) => ofMember(call) && isAgent(call)) ?? own.find(ofMember) ?? own[0]
    if (found !== undefined) return found
    // One that has hung up had its call ended by that.
    if (callid !== undefined && caller === undefined) {
      this.takeEnded((call) => ofMember(call) && call.callid === callid, at)
      return undefined
    }
    const open = [...this.calls].filter((call) => ofMember(call) && hasLasted(call, talk, at))
    const ofAgent = open.find(isAgent)
    if (ofAgent !== undefined) return ofAgent
    const hasEnded = (call: QueueCall, endedAt: number): boolean => ofMember(call) && hasLasted(call, talk, endedAt)
    if (this.takeEnded((call, endedAt) => hasEnded(call, endedAt) && (agent === undefined || isAgent(call)), at)) {
      return undefined
    }
    // Without channels it tells that both have hung up, so that it is not of two who still share a bridge.
    const apart = agent === undefined ? open.filter((call) => !isTogether(call)) : open
    const candidates = apart.length > 0 ? apart : open
    return candidates.length === 1 ? candidates[0] : undefined
  }

  /** Finds the last call that a Hangup has ended and that an AgentComplete tells of, which is expected no more. */
  private takeEnded(isIt: (call: QueueCall, endedAt: number) => boolean, at: number): boolean {
    const n = this.ended.findLastIndex(({ call, endedAt }) => endedAt > at - COMPLETED_LATE_MS && isIt(call, endedAt))
    if (n >= 0) this.ended.splice(n, 1)
    return n >= 0
  }

  private callsOf(caller: Channel | undefined, callid: string): readonly QueueCall[] {
    const found = caller === undefined ? NONE : this.ofCaller(caller)
    return found.length > 0 ? found : [...this.calls].filter((call) => call.callid === callid)
  }

  private end(call: QueueCall, at: number): void {
    this.calls.delete(call)
    erase(this.byAgent, call.agentChannel, call)
    erase(this.byCaller, call.caller, call)
    this.tell({ kind: 'queue-completed', call, at })
  }
}

const NONE: readonly QueueCall[] = []

/** Whether a call may be the one that has lasted so long (s); any, where that is not told. */
function hasLasted({ connectedAt, isAdopted }: QueueCall, talk: number, at: number): boolean {
  const beyond = talk - (at - connectedAt) / 1000
  return Number.isNaN(talk) || (beyond > -TALK_DIFFERS_S && (isAdopted || beyond < TALK_DIFFERS_S))
}

/** Whether the caller and the member are in one bridge. */
function isTogether({ caller, agentChannel }: QueueCall): boolean {
  return caller.bridge !== undefined && caller.bridge === agentChannel.bridge
}

function insert(index: Map<Channel, QueueCall[]>, channel: Channel, call: QueueCall): void {
  const calls = index.get(channel)
  if (calls === undefined) index.set(channel, [call])
  else calls.push(call)
}

function erase(index: Map<Channel, QueueCall[]>, channel: Channel, call: QueueCall): void {
  const left = (index.get(channel) ?? []).filter((other) => other !== call)
  if (left.length === 0) index.delete(channel)
  else index.set(channel, left)
}

function take(index: Map<Channel, QueueCall[]>, channel: Channel): readonly QueueCall[] {
  const calls = index.get(channel) ?? NONE
  index.delete(channel)
  return calls
}
