import type { AmiMessage } from '../ami/message.ts'
import { isOfResync, RESYNC_END } from '../ami/own-events.ts'
import type { Change } from './change.ts'
import type { Bridge, Channel, ChannelTable } from './channels.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import type { Dial } from './dial.ts'
import { areConnected, beyondHalf, partyOf } from './hearing.ts'
import type { Parking } from './parkings.ts'

/**
 * How long, in ms, an entry into a queue or a Hangup waits for the event that explains it. QueueCallerJoin comes from
 * another thread, up to 1 ms before its BlindTransfer (in one of five transfers on 22.10). The two Hangups of a call
 * are just as close.
 */
const ENDING_MS = 100

/**
 * How long, in ms, a parking waits at most for its BlindTransfer, while the parked party is still in the bridge of the
 * conversation. Mostly the BlindTransfer comes before the party moves into the lot, up to 2 ms after ParkedCall; on an
 * overloaded server up to 140 ms (22.10, three of fifty). After the move, the transfer may still come late: 0.14 ms
 * after it (16.28, one of hundreds). The lines of the parking wait for 1 s, so that they come after these lines.
 */
const PARKING_MS = 900

/** In a bridge with more channels than this (a conference), nobody can come between the parties of a call any more. */
const TALKING_AT_MOST = 8

/**
 * How long, in ms, a HangupRequest of a channel behind a Local half counts as a request of that party. If the call goes
 * on, the channel was only one member of a conference that left.
 */
const REQUEST_BEHIND_HALF_MS = 1000

/** How a conversation ended. */
export interface ConversationEnd {
  /** What was done. */
  readonly how: 'hung up' | 'blind transfer' | 'attended transfer'
  /** Who ended it. */
  readonly by: Side
  /** Where a transfer went: the extension and the context, or what Asterisk writes for an attended transfer. */
  readonly destination: readonly string[]
  /** ms since the epoch */
  readonly at: number
}

/** A dial that was answered, and when the leg rang (from, to): ms since the epoch. */
export interface DialOrigin {
  /** Tells it from the other origin. */
  readonly kind: 'dial'
  /** The dial. */
  readonly dial: Dial
  /** From when to when the leg rang: ms since the epoch. */
  readonly rang: { readonly from: number; readonly to: number }
}

/** A parked call that was picked up. */
export interface ParkingOrigin {
  /** Tells it from the other origin. */
  readonly kind: 'parking'
  /** The parking. */
  readonly parking: Parking
}

/** Two parties who talk: the one who dialled or picked up, and the other one. */
export interface Conversation {
  /** How it began. */
  readonly origin: DialOrigin | ParkingOrigin
  /** The one who dialled or picked up. */
  agentChannel: Channel
  /** The called party, or the one who was parked. */
  other: Channel
  /** ms since the epoch */
  readonly connectedAt: number
}

/** One of the two who talk. */
export type Side = 'agent' | 'other'

interface State {
  readonly conversation: Conversation
  /** Whose HangupRequest came first, when (ms since the epoch), and whether it came from the party itself. */
  request: { side: Side; at: number; isOwn: boolean } | undefined
  /** Who left the bridge first, and is not back. */
  leftFirst: Side | undefined
  /** Where the two were when they were last connected. */
  bridges: Record<Side, Bridge | undefined>
  /** Since when both are away from there: ms since the epoch. */
  apartSince: number | undefined
  /** Who left for a consultation and is not back. */
  consulting: Side | undefined
  /**
   * How it ends if no better event comes in time. `isFixed`: a Hangup is no better event. `isUnseen`: it follows from
   * the lists of a server, so no better event comes after them.
   */
  ending: Ending | undefined
}

interface Ending {
  readonly end: ConversationEnd
  readonly deadline: Deadline
  readonly isFixed: boolean
  readonly isUnseen: boolean
  /** Who is parked, and has not moved yet. */
  readonly parked: Channel | undefined
}

/** Follows conversations to their end: hung up, transferred, parked, into a queue, or torn apart. */
export class Conversations {
  static readonly events = [
    'BlindTransfer',
    'AttendedTransfer',
    'HangupRequest',
    'ParkedCall',
    'QueueCallerJoin',
    'BridgeEnter',
    'BridgeLeave',
    RESYNC_END,
  ]

  private readonly channels: ChannelTable
  private readonly deadlines: Deadlines
  private readonly tell: (change: Change) => void
  private readonly byChannel = new Map<Channel, Set<State>>()
  private readonly ending = new Set<State>()

  constructor(channels: ChannelTable, deadlines: Deadlines, tell: (change: Change) => void) {
    this.channels = channels
    this.deadlines = deadlines
    this.tell = tell
  }

  get size(): number {
    return this.byChannel.size + this.ending.size
  }

  /** Two parties talk from now on. @param at ms since the epoch */
  begin(origin: Conversation['origin'], agentChannel: Channel, other: Channel, at: number): void {
    const conversation: Conversation = { origin, agentChannel, other, connectedAt: at }
    const state: State = {
      conversation,
      request: undefined,
      leftFirst: undefined,
      bridges: { agent: agentChannel.bridge, other: other.bridge },
      apartSince: undefined,
      consulting: undefined,
      ending: undefined,
    }
    for (const channel of [agentChannel, other]) this.statesOf(channel).add(state)
    this.tell({ kind: 'connected', conversation, at })
    // A party may hang up just before the pick-up is seen, or after a pick-up that nobody saw.
    for (const channel of [agentChannel, other]) if (channel.isGone) this.gone(channel, at, true)
  }

  /** The open conversations of which the channel is a party, or the Local half next to one. */
  of(channel: Channel): readonly Conversation[] {
    return this.concerned(channel).map(({ conversation }) => conversation)
  }

  /** Reads an event of {@link events}, after the table of channels did. */
  apply(message: AmiMessage, at: number): void {
    const channel = this.channels.find(message.get('Uniqueid'))
    switch (message.event) {
      case 'HangupRequest':
        if (channel !== undefined) this.requestHangup(channel, at)
        break
      case 'BridgeEnter':
        if (channel !== undefined) {
          this.parkedMoves(channel)
          this.entered(channel)
        }
        break
      case 'BridgeLeave':
        if (channel !== undefined) {
          this.parkedMoves(channel)
          this.left(channel, at, message)
        }
        break
      case 'BlindTransfer':
        this.blindTransfer(message, at)
        break
      case 'AttendedTransfer':
        this.attendedTransfer(message, at)
        break
      case 'QueueCallerJoin':
        this.becomesAnotherCall(channel, at, message)
        break
      case 'ParkedCall':
        if (!message.isListItem()) {
          const parked = this.channels.find(message.get('ParkeeUniqueid'))
          this.becomesAnotherCall(parked, at, message, parked)
        }
        break
      case RESYNC_END:
        this.endUnseen()
        break
    }
  }

  replaced(half: Channel, by: Channel): void {
    for (const state of this.byChannel.get(half) ?? []) {
      if (state.conversation.agentChannel === half) state.conversation.agentChannel = by
      if (state.conversation.other === half) state.conversation.other = by
      this.statesOf(by).add(state)
    }
    this.byChannel.delete(half)
  }

  /**
   * @param at ms since the epoch
   * @param isUnseen whether no event showed it, so that it is unknown who was first
   */
  gone(channel: Channel, at: number, isUnseen: boolean): void {
    for (const state of [...(this.byChannel.get(channel) ?? [])]) {
      const side = sideOf(state, channel)
      const { ending, leftFirst } = state
      const hangupBy = requestedBy(state, at)
      if (ending?.isFixed === true) continue
      if (ending !== undefined) {
        // The party that had left first has hung up, too: nothing tore the two apart. If both are found gone, nobody
        // knows who was first.
        const first = leftFirst ?? (isUnseen ? 'other' : side)
        this.end(state, hungUp(first, ending.end.at))
      } else if (hangupBy === side && state.consulting === side) {
        // Its AttendedTransfer comes from another thread, and was seen at most 10 µs before the Hangup.
        this.beginEnding(state, hungUp(side, at), true, isUnseen)
      } else if (hangupBy !== undefined) this.end(state, hungUp(hangupBy, at))
      else if (wasTornBefore(state, at)) this.end(state, hungUp('agent', at))
      else if (isUnseen && leftFirst === undefined) this.beginEnding(state, hungUp(side, at), false, isUnseen)
      else if (leftFirst === undefined || leftFirst === side) this.end(state, hungUp(side, at))
      else this.beginEnding(state, hungUp('agent', at), false, isUnseen)
    }
  }

  private requestHangup(channel: Channel, at: number): void {
    if (channel.optimisedAway) return
    const party = partyOf(channel, (one) => this.byChannel.has(one))
    for (const state of this.byChannel.get(party as Channel) ?? []) {
      if (state.apartSince !== undefined || requestedBy(state, at) !== undefined) continue
      state.request = { side: sideOf(state, party as Channel), at, isOwn: party === channel }
    }
  }

  private entered(channel: Channel): void {
    const { bridge } = channel
    if (bridge === undefined) return
    for (const state of this.byChannel.get(channel) ?? []) {
      const side = sideOf(state, channel)
      if (state.bridges[side] !== undefined && state.bridges[side] !== bridge) state.consulting = side
    }
    for (const member of bridge.channels.size <= TALKING_AT_MOST ? bridge.channels : [channel]) {
      for (const state of this.byChannel.get(member) ?? []) {
        const { agentChannel, other } = state.conversation
        if (member === channel && state.leftFirst === sideOf(state, channel)) state.leftFirst = undefined
        if (!areConnected(agentChannel, other)) continue
        state.bridges = { agent: agentChannel.bridge, other: other.bridge }
        state.apartSince = undefined
        state.consulting = undefined
      }
    }
  }

  private left(channel: Channel, at: number, message: AmiMessage): void {
    for (const state of this.byChannel.get(channel) ?? []) {
      if (!isOfResync(message)) state.leftFirst ??= sideOf(state, channel)
      if (areApart(state)) state.apartSince ??= at
    }
  }

  private blindTransfer(message: AmiMessage, at: number): void {
    if (message.get('Result') !== 'Success') return
    const destination = [message.get('Extension') ?? '', message.get('Context') ?? '']
    for (const header of ['TransfererUniqueid', 'TransfereeUniqueid']) {
      for (const state of this.named(message.get(header))) {
        this.end(state, { how: 'blind transfer', by: 'agent', destination, at: state.ending?.end.at ?? at })
      }
    }
  }

  /** One AttendedTransfer may end two calls: the original one first. */
  private attendedTransfer(message: AmiMessage, at: number): void {
    const destination = destinationOf(message)
    if (message.get('Result') !== 'Success' || destination === undefined) return
    for (const party of ['OrigTransferer', 'Transferee', 'SecondTransferer', 'TransferTarget']) {
      for (const state of this.named(message.get(`${party}Uniqueid`))) {
        this.end(state, { how: 'attended transfer', by: 'agent', destination, at: state.ending?.end.at ?? at })
      }
    }
  }

  /** A party is parked, or enters a queue. Perhaps this is a transfer whose event comes later. */
  private becomesAnotherCall(channel: Channel | undefined, at: number, message: AmiMessage, parked?: Channel): void {
    const isUnseen = isOfResync(message)
    for (const state of this.concerned(channel)) this.beginEnding(state, hungUp('agent', at), true, isUnseen, parked)
  }

  private beginEnding(state: State, end: ConversationEnd, isFixed: boolean, isUnseen: boolean, parked?: Channel): void {
    if (state.ending !== undefined) return
    const wait = parked !== undefined && isWhereTheyTalked(state, parked) ? PARKING_MS : ENDING_MS
    const deadline = this.deadlines.after(wait, () => this.end(state, end))
    state.ending = { end, deadline, isFixed, isUnseen, parked }
    this.ending.add(state)
  }

  private parkedMoves(channel: Channel): void {
    for (const state of this.ending) {
      const { ending } = state
      if (ending?.parked !== channel) continue
      ending.deadline.cancel()
      const deadline = this.deadlines.after(ENDING_MS, () => this.end(state, ending.end))
      state.ending = { ...ending, deadline, parked: undefined }
    }
  }

  /** The lists are complete: the next events may belong to the call that this one became. */
  private endUnseen(): void {
    for (const state of this.ending) {
      if (state.ending?.isUnseen === true) this.end(state, state.ending.end)
    }
  }

  /** The calls of the channel with this Uniqueid, also if it hung up a moment ago. */
  private named(uniqueid: string | undefined): State[] {
    const channel = this.channels.find(uniqueid)
    if (channel !== undefined) return this.concerned(channel)
    return [...this.ending].filter(({ conversation }) =>
      [conversation.agentChannel, conversation.other].some((one) => one.uniqueid === uniqueid),
    )
  }

  /** The calls in which the channel is a party, or is between the parties. */
  private concerned(channel: Channel | undefined): State[] {
    if (channel === undefined) return []
    const own = this.byChannel.get(channel)
    if (own !== undefined) return [...own]
    if (channel.otherHalf === undefined) return []
    const found = new Set(this.byChannel.get(channel.otherHalf))
    for (const { channel: beyond, bridge } of beyondHalf(channel.otherHalf)) {
      for (const state of this.byChannel.get(beyond) ?? []) {
        // A party that consults behind this half does not talk through it.
        if (state.bridges[sideOf(state, beyond)] === bridge) found.add(state)
      }
    }
    return [...found]
  }

  private end(state: State, end: ConversationEnd): void {
    const { conversation } = state
    state.ending?.deadline.cancel()
    this.ending.delete(state)
    for (const channel of [conversation.agentChannel, conversation.other]) {
      const states = this.byChannel.get(channel)
      if (states?.delete(state) && states.size === 0) this.byChannel.delete(channel)
    }
    this.tell({ kind: 'parted', conversation, end, at: end.at })
  }

  private statesOf(channel: Channel): Set<State> {
    let states = this.byChannel.get(channel)
    if (states === undefined) {
      states = new Set()
      this.byChannel.set(channel, states)
    }
    return states
  }
}

function sideOf(state: State, channel: Channel): Side {
  return channel === state.conversation.agentChannel ? 'agent' : 'other'
}

function isWhereTheyTalked(state: State, party: Channel): boolean {
  const { agentChannel, other } = state.conversation
  const isParty = party === agentChannel || party === other
  return isParty && party.bridge !== undefined && party.bridge === state.bridges[sideOf(state, party)]
}

function hungUp(by: Side, at: number): ConversationEnd {
  return { how: 'hung up', by, destination: [], at }
}

/** The target of an attended transfer, as Asterisk writes it; undefined if the parties stay together. */
function destinationOf(message: AmiMessage): string[] | undefined {
  switch (message.get('DestType')) {
    case 'Bridge':
      return ['BRIDGE', message.get('DestBridgeUniqueid') ?? '']
    case 'App':
      return ['APP', message.get('DestApp') ?? '']
    case 'Link':
      return ['LINK', message.get('LocalOneChannel') ?? '', message.get('LocalTwoChannel') ?? '']
    default:
      return undefined
  }
}

/**
 * Whether both are away from the bridge in which they talked. (In a consultation, the party that waits is still there.
 * A party that hangs up is there until its HangupRequest.)
 */
function areApart({ conversation: { agentChannel, other }, bridges }: State): boolean {
  if (bridges.agent === undefined || bridges.other === undefined) return false
  return agentChannel.bridge !== bridges.agent && other.bridge !== bridges.other && !areConnected(agentChannel, other)
}

/** Who asked to hang up first, if that request still counts for a party. */
function requestedBy({ request }: State, at: number): Side | undefined {
  if (request === undefined || (!request.isOwn && at - request.at > REQUEST_BEHIND_HALF_MS)) return undefined
  return request.side
}

/** Whether a Redirect tore the two apart some time ago. */
function wasTornBefore({ apartSince }: State, at: number): boolean {
  return apartSince !== undefined && at - apartSince > ENDING_MS
}
