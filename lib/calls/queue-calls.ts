import type { Channel } from '../channels.ts'
import { neighbours, placesInHold } from '../conversation.ts'
import type { HoldSignal } from './hold-signals.ts'

/** A connected call in which holds are logged. */
export interface ConnectedCall {
  /** `queue` for a call of Asterisk's own queue, `tracked` for one that an earlier stage follows. */
  readonly kind: 'queue' | 'tracked'
  readonly callid: string
  readonly queuename: string
  readonly agent: string
  /** The channel on which the agent talks; with a Local member, the half that is in the queue's bridge. */
  agentChannel: Channel
  /** The other party: the queue's caller, the called, or the parked one. Undefined: whoever the agent talks to. */
  caller: Channel | undefined
  /** ms since the epoch */
  readonly connectedAt: number
  /** Whether it may have been connected before that. */
  readonly isAdopted: boolean
  /** What signals the hold that the call is on: none if it is not. */
  readonly signals: Set<HoldSignal>
  /** Since when it is on hold: ms since the epoch; undefined if it is not. */
  heldSince: number | undefined
  /** Until when a hold that ends may be the end of the call: ms since the epoch. 0 if nobody asked to hang up. */
  endingUntil: number
  /** The end of a hold that is logged unless the call's end comes first: when it was, and until when it waits; ms. */
  unloggedOff: { at: number; until: number } | undefined
}

/** What is known of a call as it is connected. */
type Connection = Omit<ConnectedCall, 'signals' | 'heldSince' | 'endingUntil' | 'unloggedOff'>

/** A call that has just been connected: nobody holds yet, and nobody has asked to hang up. */
export function newlyConnected(connection: Connection): ConnectedCall {
  // Field by field: a copy by `...` took 400 bytes more for each call.
  const { kind, callid, queuename, agent, agentChannel, caller, connectedAt, isAdopted } = connection
  return {
    kind,
    callid,
    queuename,
    agent,
    agentChannel,
    caller,
    connectedAt,
    isAdopted,
    signals: new Set(),
    heldSince: undefined,
    endingUntil: 0,
    unloggedOff: undefined,
  }
}

/** What an AgentComplete tells of the call that it ends. */
export interface Completion {
  /** undefined where it names no channel */
  callerUniqueid: string | undefined
  caller: Channel | undefined
  agentUniqueid: string | undefined
  queuename: string | undefined
  agent: string | undefined
  /** s; NaN where it is not told */
  talk: number
  /** ms since the epoch */
  at: number
}

/** How much longer or shorter a talk may be by Asterisk's count of whole seconds than by the events, in s. */
const TALK_DIFFERS_S = 3

/** The open calls, found by their channels. */
export class ConnectedCalls {
  private readonly calls = new Set<ConnectedCall>()
  private readonly byAgent = new Map<Channel, ConnectedCall[]>()
  private readonly byCaller = new Map<Channel, ConnectedCall[]>()

  get size(): number {
    return this.calls.size + this.byAgent.size + this.byCaller.size
  }

  add(call: ConnectedCall): void {
    this.calls.add(call)
    insert(this.byAgent, call.agentChannel, call)
    if (call.caller !== undefined) insert(this.byCaller, call.caller, call)
  }

  remove(call: ConnectedCall): void {
    this.calls.delete(call)
    erase(this.byAgent, call.agentChannel, call)
    if (call.caller !== undefined) erase(this.byCaller, call.caller, call)
  }

  [Symbol.iterator](): Iterator<ConnectedCall> {
    return this.calls[Symbol.iterator]()
  }

  ofCaller(channel: Channel | undefined): readonly ConnectedCall[] {
    return (channel === undefined ? undefined : this.byCaller.get(channel)) ?? []
  }

  ofAgent(channel: Channel): readonly ConnectedCall[] {
    return this.byAgent.get(channel) ?? []
  }

  /** Whether the two are the caller and the agent of a call of a queue. */
  hasQueueCall(caller: Channel, agent: Channel): boolean {
    return this.ofCaller(caller).some(({ kind, agentChannel }) => kind === 'queue' && agentChannel === agent)
  }

  /** Puts one channel in the place of another in every call. */
  replace(channel: Channel, by: Channel): void {
    for (const call of [...(this.byAgent.get(channel) ?? [])]) {
      erase(this.byAgent, channel, call)
      call.agentChannel = by
      insert(this.byAgent, by, call)
    }
    for (const call of [...(this.byCaller.get(channel) ?? [])]) {
      erase(this.byCaller, channel, call)
      call.caller = by
      insert(this.byCaller, by, call)
    }
  }

  /**
   * The call to which a hold belongs, of which the channels of one bridge are on either side: the one whose agent is
   * innermost on the holding side while its caller hears the music. So a hold behind a Local member is that of the
   * tracked call beyond the pair, else of the innermost queue call, else of the queue call itself, and never of two.
   */
  ofHold(holding: Channel[], held: Channel[]): ConnectedCall | undefined {
    const places = placesInHold(holding, held)
    const hearing = new Set(places.filter(({ side }) => side === 'held').map(({ channel }) => channel))
    for (const { channel, side } of places) {
      if (side !== 'holding') continue
      const calls = this.ofAgent(channel).filter(({ caller }) => caller === undefined || hearing.has(caller))
      // Two calls have one agent where the pair between them was optimised away: the later one is the inner one.
      const call = calls.find(({ kind }) => kind === 'tracked') ?? calls.toSorted(byConnection).at(-1)
      if (call !== undefined) return call
    }
    return undefined
  }

  /** Why a signal begins no hold where {@link ofHold} finds no call, for a person who wonders. */
  whyNoHold({ kind, channel }: HoldSignal): string {
    if (kind === 'holds') {
      const isCaller = this.ofCaller(channel).length > 0
      return `no hold: ${isCaller ? 'the caller holds, and only holds by the agent are logged' : 'it is the agent of no connected call'}`
    }
    if (neighbours(channel).length === 0) return 'no hold: it hears the music alone, in a queue, a lot or the dialplan'
    if (this.ofAgent(channel).length > 0) return 'no hold: the agent hears the music'
    return 'no hold: nobody that it talks to is the agent of a connected call'
  }

  /**
   * The queue call that is over. AgentComplete comes with or without the agent's channel, and once in a while without the
   * caller's (app_queue.c, ASTERISK-22507); the queue and the member are always in it.
   */
  completedBy(completion: Completion): ConnectedCall | undefined {
    const { callerUniqueid, caller, agentUniqueid, queuename } = completion
    const ofCaller = callerUniqueid === undefined ? [...this.calls] : this.ofCaller(caller)
    // The caller may have been a Local half that is optimised away: it is still the caller to app_queue.
    const open = ofCaller.length > 0 ? ofCaller : this.ofCallid(callerUniqueid ?? '')
    const ofQueue = open.filter((call) => call.kind === 'queue' && call.queuename === queuename)
    const ofMember = ofQueue.filter(({ agent }) => agent === completion.agent)
    const ofAgent = ofMember.filter(({ agentChannel }) => agentChannel.uniqueid === agentUniqueid)
    const [call] = ofAgent.length > 0 ? ofAgent : ofMember.length > 0 ? ofMember : ofQueue
    if (call === undefined || callerUniqueid !== undefined) return call
    return ofMember.length === 1 && hasLasted(call, completion) ? call : undefined
  }

  /** The call of this callid, however its channels have changed. */
  private ofCallid(callid: string): ConnectedCall[] {
    return [...this.calls].filter((call) => call.callid === callid)
  }

  /** The calls of which a channel is a party, or the phone behind a party that is a Local half. */
  ofParty(channel: Channel, neighbours: Channel[]): ConnectedCall[] {
    const found = new Set<ConnectedCall>()
    for (const place of placesInHold([channel], neighbours)) {
      if (place.side !== 'holding') continue
      for (const call of [...this.ofAgent(place.channel), ...this.ofCaller(place.channel)]) found.add(call)
    }
    return [...found]
  }
}

/** Whether a call may be the one that has lasted so long; any, where that is not told. */
function hasLasted({ connectedAt, isAdopted }: ConnectedCall, { talk, at }: Completion): boolean {
  const beyond = talk - (at - connectedAt) / 1000
  return Number.isNaN(talk) || (beyond > -TALK_DIFFERS_S && (isAdopted || beyond < TALK_DIFFERS_S))
}

function byConnection(one: ConnectedCall, other: ConnectedCall): number {
  return one.connectedAt - other.connectedAt
}

function insert(index: Map<Channel, ConnectedCall[]>, channel: Channel, call: ConnectedCall): void {
  const calls = index.get(channel)
  if (calls === undefined) index.set(channel, [call])
  else calls.push(call)
}

function erase(index: Map<Channel, ConnectedCall[]>, channel: Channel, call: ConnectedCall): void {
  const left = (index.get(channel) ?? []).filter((other) => other !== call)
  if (left.length === 0) index.delete(channel)
  else index.set(channel, left)
}
