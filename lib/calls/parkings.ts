import type { AmiMessage } from '../ami/message.ts'
import { isOfResync } from '../ami/own-events.ts'
import { numberIn } from './caller-number.ts'
import type { Change } from './change.ts'
import type { Channel, ChannelTable } from './channels.ts'
import type { Conversations } from './conversations.ts'
import type { Deadline, Deadlines } from './deadlines.ts'

/**
 * How long, in ms, a parked channel that hung up waits for the event that says how the parking ended: parking events
 * come from another thread.
 */
const PARKING_WAIT_MS = 1000

/** A call in a parking lot. */
export interface Parking {
  /**
   * The Uniqueid of the channel that was parked first: an attended transfer into a lot replaces it by another channel.
   */
  readonly uniqueid: string
  /** The name of the parking lot. */
  readonly lot: string
  /** The parking space. */
  readonly space: string
  /** The number of the parked caller; '' if it is not known. */
  readonly number: string
  /** Who is parked. */
  channel: Channel
  /** ms since the epoch */
  readonly parkedAt: number
  /** Whether it was found in the lot, because nobody saw it being parked. */
  readonly isAdopted: boolean
}

/** A parking, and what waits after its channel has hung up. */
interface Entry {
  readonly parking: Parking
  givingUp: Deadline | undefined
}

/** The calls that are parked. */
export class Parkings {
  static readonly events = ['ParkedCall', 'ParkedCallGiveUp', 'ParkedCallSwap', 'ParkedCallTimeOut', 'UnParkedCall']

  private readonly channels: ChannelTable
  private readonly conversations: Conversations
  private readonly deadlines: Deadlines
  private readonly tell: (change: Change) => void
  private readonly byChannel = new Map<Channel, Entry>()
  private readonly byPlace = new Map<string, Entry>()

  constructor(
    channels: ChannelTable,
    conversations: Conversations,
    deadlines: Deadlines,
    tell: (change: Change) => void,
  ) {
    this.channels = channels
    this.conversations = conversations
    this.deadlines = deadlines
    this.tell = tell
  }

  get size(): number {
    return this.byChannel.size + this.byPlace.size
  }

  *[Symbol.iterator](): Generator<Parking> {
    for (const { parking } of this.byChannel.values()) yield parking
  }

  of(channel: Channel): Parking | undefined {
    return this.byChannel.get(channel)?.parking
  }

  apply(message: AmiMessage, at: number): void {
    if (message.isListItem()) return
    switch (message.event) {
      case 'ParkedCall':
        this.park(message, at)
        break
      case 'UnParkedCall':
        this.retrieve(message, at)
        break
      case 'ParkedCallSwap':
        this.swap(message, at)
        break
      case 'ParkedCallGiveUp':
        this.leave(message, 'given up', at)
        break
      case 'ParkedCallTimeOut':
        this.leave(message, 'timed out', at)
        break
    }
  }

  /** @param at ms since the epoch */
  gone(channel: Channel, at: number): void {
    const entry = this.byChannel.get(channel)
    if (entry === undefined) return
    entry.givingUp ??= this.deadlines.after(PARKING_WAIT_MS, () => this.end(entry, 'given up', at))
  }

  private park(message: AmiMessage, at: number): void {
    const channel = this.channels.find(message.get('ParkeeUniqueid'))
    if (channel === undefined) return
    const place = placeOf(message)
    const before = this.byChannel.get(channel)
    if (before !== undefined && this.byPlace.get(place) === before) return
    // It has left the lot since then, and the event was lost.
    if (before !== undefined) this.end(before, 'timed out', at)
    const isAdopted = isOfResync(message)
    const parking: Parking = {
      uniqueid: channel.uniqueid,
      lot: message.get('Parkinglot') ?? '',
      space: message.get('ParkingSpace') ?? '',
      number: numberIn(message, 'ParkeeCallerIDNum'),
      channel,
      parkedAt: isAdopted ? at - parkedForMs(message) : at,
      isAdopted,
    }
    const entry = { parking, givingUp: undefined }
    this.byChannel.set(channel, entry)
    this.byPlace.set(place, entry)
    this.tell({ kind: 'parked', parking, at })
  }

  /** An attended transfer into a lot: the parker was there in place of the party that is parked now. */
  private swap(message: AmiMessage, at: number): void {
    const entry = this.byPlace.get(placeOf(message))
    const channel = this.channels.find(message.get('ParkeeUniqueid'))
    if (entry === undefined || channel === undefined) return
    entry.givingUp?.cancel()
    entry.givingUp = undefined
    this.byChannel.delete(entry.parking.channel)
    entry.parking.channel = channel
    this.byChannel.set(channel, entry)
    this.tell({ kind: 'parking-swapped', parking: entry.parking, at })
  }

  private retrieve(message: AmiMessage, at: number): void {
    const entry = this.find(message)
    const retriever = this.channels.find(message.get('RetrieverUniqueid'))
    if (entry === undefined || retriever === undefined) {
      this.passOver(message, at)
      return
    }
    const { parking } = entry
    this.remove(entry)
    this.conversations.begin({ kind: 'parking', parking }, retriever, parking.channel, at)
  }

  private leave(message: AmiMessage, how: 'given up' | 'timed out', at: number): void {
    const entry = this.find(message)
    if (entry === undefined) this.passOver(message, at)
    else this.end(entry, how, at)
  }

  private end(entry: Entry, how: 'given up' | 'timed out', at: number): void {
    this.remove(entry)
    this.tell({ kind: 'parking-over', parking: entry.parking, how, at })
  }

  private find(message: AmiMessage): Entry | undefined {
    const channel = this.channels.find(message.get('ParkeeUniqueid'))
    const entry = channel === undefined ? undefined : this.byChannel.get(channel)
    if (entry !== undefined) return entry
    // The channel may have hung up a moment before the event comes.
    const atPlace = this.byPlace.get(placeOf(message))
    return atPlace?.parking.channel.uniqueid === message.get('ParkeeUniqueid') ? atPlace : undefined
  }

  private remove(entry: Entry): void {
    const { parking } = entry
    entry.givingUp?.cancel()
    if (this.byChannel.get(parking.channel) === entry) this.byChannel.delete(parking.channel)
    const place = placeNamed(parking.lot, parking.space)
    if (this.byPlace.get(place) === entry) this.byPlace.delete(place)
  }

  private passOver(message: AmiMessage, at: number): void {
    const uniqueid = message.get('ParkeeUniqueid') ?? ''
    this.tell({
      kind: 'passed-over',
      what: 'parkings',
      uniqueid,
      reason: 'no parked call: ami-track did not see when it was parked',
      at,
    })
  }
}

function placeOf(message: AmiMessage): string {
  return placeNamed(message.get('Parkinglot') ?? '', message.get('ParkingSpace') ?? '')
}

function placeNamed(lot: string, space: string): string {
  return JSON.stringify([lot, space])
}

/** How long a call that is found in the lot has been there. */
function parkedForMs(message: AmiMessage): number {
  const seconds = Number(message.get('ParkingDuration') ?? 0)
  return seconds > 0 ? seconds * 1000 : 0
}
