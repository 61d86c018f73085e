import type { AmiMessage } from '../ami/message.ts'
import { type Channel, ChannelTable } from '../channels.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log.ts'
import { isOfResync } from '../resync/markers.ts'
import { type CallEnd, ConnectedPairs } from './connected-pairs.ts'
import { callidOf, interfaceOf, parkedQueue, secondsBetween } from './fields.ts'
import { Members } from './members.ts'
import { OpenCalls } from './open-calls.ts'
import { type OnUnwritten, type OpenCall, type Tracker, taken } from './tracker.ts'

export interface ParkedOptions {
  /** Writes callids as `:UNIQUEID`. */
  rewriteUniqueids: boolean
}

/**
 * How long, in ms, a parking waits for the closure of the call that was parked, and a parked channel that hung up for
 * the event that says what became of the parking: parking events come from a thread of their own.
 */
const PARKING_WAIT_MS = 1000

interface ParkedCall {
  readonly callid: string
  readonly queuename: string
  /** The space and the caller's number. */
  readonly label: string
  /** Where it stands now: lot and space. */
  readonly place: string
  channel: Channel
  /** ms since the epoch */
  readonly parkedAt: number
  /** Until when ENTERQUEUE waits for the closure of the call before: ms since the epoch; undefined once it is written. */
  heldUntil: number | undefined
  /** When the parked channel hung up, and until when an event may tell what became of the parking; ms. */
  hungUp: { at: number; until: number } | undefined
}

/** Writes parked calls as calls of a queue `pk-LOT`: waiting in the lot, picked up by an agent, or given up. */
export class ParkedTracker implements Tracker {
  readonly events: ReadonlySet<string> = new Set([
    ...ChannelTable.events,
    ...ConnectedPairs.events,
    ...OpenCalls.events,
    'ParkedCall',
    'ParkedCallGiveUp',
    'ParkedCallSwap',
    'ParkedCallTimeOut',
    'UnParkedCall',
  ])

  onUnwritten: OnUnwritten | undefined

  private readonly options: ParkedOptions
  private readonly channels: ChannelTable
  private readonly pairs: ConnectedPairs
  private readonly othersCalls: OpenCalls
  private readonly members = new Members()
  private readonly byChannel = new Map<Channel, ParkedCall>()
  private readonly byPlace = new Map<string, ParkedCall>()
  /** Those of which something waits for a time to pass. */
  private readonly waiting = new Set<ParkedCall>()
  private readonly lines: QueueLogFields[] = []
  /** The time of the event at hand: ms since the epoch. */
  private at = 0
  /** The stream's clock: ms since the epoch. */
  private now = 0

  /** @param channels which trackers of one stage share */
  constructor(options: ParkedOptions, channels = new ChannelTable()) {
    this.options = options
    this.channels = channels
    this.pairs = new ConnectedPairs(channels)
    this.othersCalls = new OpenCalls(channels)
    channels.watch({
      replaced: (half, by) => {
        this.pairs.replaced(half, by)
        this.othersCalls.replaced(half, by)
      },
      gone: (channel, at, message) => this.gone(channel, at, message),
    })
  }

  get size(): number {
    return (
      this.channels.size +
      this.pairs.size +
      this.othersCalls.size +
      this.members.size +
      this.byChannel.size +
      this.byPlace.size +
      this.waiting.size
    )
  }

  openCalls(): OpenCall[] {
    const inLot = [...this.byChannel.values()].map(({ callid, queuename, parkedAt }): OpenCall => {
      return { callid, queuename, agent: 'NONE', state: 'parked', since: parkedAt }
    })
    return [...inLot, ...this.pairs.openCalls()]
  }

  afterTime(now: number): QueueLogFields[] {
    this.now = now
    this.pairs.afterTime(now)
    this.enterClosed()
    for (const parked of this.waiting) {
      if (parked.heldUntil !== undefined && now >= parked.heldUntil) this.enter(parked)
      if (parked.hungUp !== undefined && now >= parked.hungUp.until) this.giveUp(parked, parked.hungUp.at)
    }
    return taken(this.lines)
  }

  afterMessage(message: AmiMessage, at: number): QueueLogFields[] {
    this.at = at
    this.channels.apply(message, at)
    this.othersCalls.apply(message)
    this.pairs.afterMessage(message, at)
    if (!message.isListItem()) this.readParking(message)
    if (this.waiting.size > 0 && message.event !== 'ParkedCall') this.enterClosed()
    return taken(this.lines)
  }

  /** An end line of an earlier stage closes the call that was parked, once its REMOVEMEMBER is through as well. */
  afterLine(line: QueueLogRecord): QueueLogFields[] {
    this.othersCalls.applyLine(line)
    if (line.event === 'REMOVEMEMBER') this.enterClosed()
    return taken(this.lines)
  }

  atEnd(): QueueLogFields[] {
    this.pairs.atEnd()
    for (const parked of this.waiting) {
      if (parked.hungUp !== undefined) this.giveUp(parked, parked.hungUp.at)
      else this.enter(parked)
    }
    return taken(this.lines)
  }

  private readParking(message: AmiMessage): void {
    switch (message.event) {
      case 'ParkedCall':
        this.park(message)
        break
      case 'UnParkedCall':
        this.retrieve(message)
        break
      case 'ParkedCallSwap':
        this.swap(message)
        break
      case 'ParkedCallGiveUp':
        this.leave(message, 'ABANDON')
        break
      case 'ParkedCallTimeOut':
        this.leave(message, 'EXITWITHTIMEOUT')
        break
    }
  }

  // ---- in the lot

  private park(message: AmiMessage): void {
    const channel = this.channels.seen(message.get('ParkeeUniqueid'), message.get('ParkeeChannel'))
    if (channel === undefined) return
    const before = this.byChannel.get(channel)
    if (before !== undefined) this.remove(before)
    const number = message.get('ParkeeCallerIDNum') ?? ''
    const space = message.get('ParkingSpace') ?? ''
    const isAdopted = isOfResync(message)
    const isOfOpenCall = this.pairs.has(channel) || this.othersCalls.concerns(channel)
    const parked: ParkedCall = {
      callid: callidOf(channel.uniqueid, this.options.rewriteUniqueids),
      queuename: parkedQueue(message.get('Parkinglot') ?? ''),
      label: number === '' || number === '<unknown>' ? space : `${space}-${number}`,
      place: placeOf(message),
      channel,
      parkedAt: isAdopted ? this.at - parkedForMs(message) : this.at,
      // That an adopted one was parked is past: who saw it has written it.
      heldUntil: isAdopted ? undefined : this.now + PARKING_WAIT_MS,
      hungUp: undefined,
    }
    this.byChannel.set(channel, parked)
    this.byPlace.set(parked.place, parked)
    if (isAdopted) return
    this.waiting.add(parked)
    if (!isOfOpenCall) this.enter(parked)
  }

  /** Writes the parkings whose call has been closed meanwhile. */
  private enterClosed(): void {
    for (const parked of this.waiting) {
      if (parked.heldUntil === undefined) continue
      if (!this.pairs.has(parked.channel) && !this.othersCalls.concerns(parked.channel)) this.enter(parked)
    }
  }

  private enter(parked: ParkedCall): void {
    if (parked.heldUntil === undefined) return
    parked.heldUntil = undefined
    if (parked.hungUp === undefined) this.waiting.delete(parked)
    this.log(parked, 'NONE', 'ENTERQUEUE', ['', parked.label, '1'], parked.parkedAt)
  }

  /** An attended transfer into a lot: the parker stood there for the one who is parked now. */
  private swap(message: AmiMessage): void {
    const parked = this.byPlace.get(placeOf(message))
    const channel = this.channels.seen(message.get('ParkeeUniqueid'), message.get('ParkeeChannel'))
    if (parked === undefined || channel === undefined) return
    this.enter(parked)
    this.byChannel.delete(parked.channel)
    parked.channel = channel
    parked.hungUp = undefined
    this.waiting.delete(parked)
    this.byChannel.set(channel, parked)
  }

  private leave(message: AmiMessage, event: 'ABANDON' | 'EXITWITHTIMEOUT'): void {
    const parked = this.find(message)
    if (parked === undefined) {
      this.unseen(message)
      return
    }
    this.enter(parked)
    this.remove(parked)
    this.log(parked, 'NONE', event, ['1', '1', secondsBetween(parked.parkedAt, this.at)], this.at)
  }

  private giveUp(parked: ParkedCall, at: number): void {
    this.enter(parked)
    this.remove(parked)
    this.log(parked, 'NONE', 'ABANDON', ['1', '1', secondsBetween(parked.parkedAt, at)], at)
  }

  // ---- picked up

  private retrieve(message: AmiMessage): void {
    const parked = this.find(message)
    const retriever = this.channels.seen(message.get('RetrieverUniqueid'), message.get('RetrieverChannel'))
    if (parked === undefined || retriever === undefined) {
      this.unseen(message)
      return
    }
    this.enter(parked)
    this.remove(parked)
    const { queuename, parkedAt } = parked
    const agent = interfaceOf(message.get('RetrieverChannel') ?? retriever.name)
    const connectedAt = this.at
    const wait = secondsBetween(parkedAt, connectedAt)
    this.lines.push(...this.members.add(queuename, agent, connectedAt))
    this.log(parked, agent, 'CONNECT', [wait, retriever.uniqueid, '0'], connectedAt)
    const ended = ({ event, data, at }: CallEnd): void => {
      const talk = secondsBetween(connectedAt, at)
      this.log(parked, agent, event, [...data, wait, talk, '1'], at)
      this.lines.push(...this.members.remove(queuename, agent, at))
    }
    const call: OpenCall = { callid: parked.callid, queuename, agent, state: 'connected', since: connectedAt }
    this.pairs.add({ agentChannel: retriever, other: parked.channel, call, ended })
  }

  private gone(channel: Channel, at: number, message: AmiMessage | undefined): void {
    this.pairs.gone(channel, at, message)
    this.othersCalls.gone(channel)
    const parked = this.byChannel.get(channel)
    if (parked === undefined) return
    parked.hungUp = { at, until: this.now + PARKING_WAIT_MS }
    this.waiting.add(parked)
  }

  private find(message: AmiMessage): ParkedCall | undefined {
    const channel = this.channels.find(message.get('ParkeeUniqueid'))
    const parked = channel === undefined ? undefined : this.byChannel.get(channel)
    if (parked !== undefined) return parked
    // The channel may have hung up a moment before the event that says so.
    const atPlace = this.byPlace.get(placeOf(message))
    return atPlace?.channel.uniqueid === message.get('ParkeeUniqueid') ? atPlace : undefined
  }

  private remove(parked: ParkedCall): void {
    this.waiting.delete(parked)
    if (this.byChannel.get(parked.channel) === parked) this.byChannel.delete(parked.channel)
    if (this.byPlace.get(parked.place) === parked) this.byPlace.delete(parked.place)
  }

  private unseen(message: AmiMessage): void {
    this.onUnwritten?.(message.get('ParkeeUniqueid') ?? '', 'its parking was not seen')
  }

  private log({ callid, queuename }: ParkedCall, agent: string, event: string, data: string[], at: number): void {
    this.lines.push({ time: at / 1000, callid, queuename, agent, event, data })
  }
}

function placeOf(message: AmiMessage): string {
  return JSON.stringify([message.get('Parkinglot'), message.get('ParkingSpace')])
}

/** For how long a call that is found in the lot has been there. */
function parkedForMs(message: AmiMessage): number {
  const seconds = Number(message.get('ParkingDuration') ?? 0)
  return seconds > 0 ? seconds * 1000 : 0
}
