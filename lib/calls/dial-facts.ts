import type { AmiMessage } from '../ami/message.ts'
import { type Channel, UP } from './channels.ts'

/** What decides whether a channel's dial is an outbound call, and how it is logged. */
export interface Facts {
  /** The extension with which the channel was created. */
  readonly exten: string
  /** If the channel was created before anybody dialled: the extension when it began to ring; '' before that. */
  ringExten: string
  /** Whether the channel was created before anybody dialled (state Down or Rsrvd: chan_sccp, analog phones). */
  readonly isEarly: boolean
  /** The current value: the dialplan and the other party may change it. */
  accountCode: string
  /** The channel was created to ring: by the dial of another channel, or by an Originate. */
  dialled: boolean
  originated: boolean
  /** The extension that the Originate asked for; '' if that is not known. */
  originateExten: string
  /** The channel is or was a queue's caller, or parked: its dials continue an inbound call. */
  inbound: boolean
  /** Its call was answered, or is over. */
  calledOut: boolean
  up: boolean
  /** The Uniqueids of the channels it dialled, and of the channel that answered (perhaps another one, by Pickup). */
  readonly dials: string[]
  answeredBy: string | undefined
  /** The Uniqueid of the channel that dialled this one. */
  dialler: string
}

/** The ChannelState of a channel that calls, and those of one that does not yet. */
const RING = '4'
const EARLY: ReadonlySet<string> = new Set(['0', '1'])

/** How many dials of one channel are remembered. A hunt that goes on for hours must not fill the memory. */
const MAX_DIALS = 64

/**
 * The facts about each channel since its Newchannel. If the Newchannel was not seen, nothing is known about the
 * channel, and its dials are not tracked.
 */
export class DialFacts {
  static readonly events = [
    'Newchannel',
    'NewAccountCode',
    'Newstate',
    'DialBegin',
    'OriginateResponse',
    'QueueCallerJoin',
    'ParkedCall',
    'ParkedCallSwap',
  ]

  private readonly facts = new Map<string, Facts>()

  get size(): number {
    return this.facts.size
  }

  of(channel: Channel): Readonly<Facts> | undefined {
    return this.facts.get(channel.uniqueid)
  }

  /** The channel answered the dial of another, which may have rung a third (Pickup), or that of an Originate. */
  answered(channel: Channel, dialler: Channel | undefined): void {
    const facts = this.facts.get(channel.uniqueid)
    if (facts !== undefined) facts.up = true
    if (dialler === undefined) return
    if (facts !== undefined) facts.dialled = true
    const of = this.facts.get(dialler.uniqueid)
    if (of !== undefined) of.answeredBy = channel.uniqueid
  }

  /** A Local half was optimised away: the channel that dialled it has reached the channel that replaces it. */
  replaced(half: Channel, by: Channel): void {
    const dialler = this.facts.get(this.facts.get(half.uniqueid)?.dialler ?? '')
    if (dialler !== undefined) dialler.answeredBy = by.uniqueid
  }

  /** The Uniqueid of the channel that answered the dial of this one; undefined if none has. */
  reachedBy(channel: Channel): string | undefined {
    const facts = this.facts.get(channel.uniqueid)
    return facts?.answeredBy ?? facts?.dials.find((uniqueid) => this.facts.get(uniqueid)?.up === true)
  }

  calledOut(channel: Channel): void {
    const facts = this.facts.get(channel.uniqueid)
    if (facts !== undefined) facts.calledOut = true
  }

  forget(uniqueid: string): void {
    this.facts.delete(uniqueid)
  }

  apply(message: AmiMessage): void {
    const uniqueid = message.get('Uniqueid') ?? ''
    const facts = this.facts.get(uniqueid)
    switch (message.event) {
      case 'Newchannel':
        this.create(uniqueid, message)
        break
      case 'NewAccountCode':
        if (facts !== undefined) facts.accountCode = message.get('AccountCode') ?? ''
        break
      case 'Newstate':
        if (facts !== undefined) this.changeState(facts, message)
        break
      case 'DialBegin':
        this.dial(facts, uniqueid, message.get('DestUniqueid') ?? '')
        break
      case 'OriginateResponse':
        if (facts !== undefined) facts.originateExten = message.get('Exten') ?? ''
        break
      case 'QueueCallerJoin':
        if (facts !== undefined) facts.inbound = true
        break
      case 'ParkedCall':
      case 'ParkedCallSwap': {
        const parkee = this.facts.get(message.get('ParkeeUniqueid') ?? '')
        if (parkee !== undefined && !message.isListItem()) parkee.inbound = true
        break
      }
    }
  }

  private create(uniqueid: string, message: AmiMessage): void {
    if (uniqueid === '') return
    this.facts.set(uniqueid, {
      exten: message.get('Exten') ?? '',
      ringExten: '',
      isEarly: EARLY.has(message.get('ChannelState') ?? ''),
      accountCode: message.get('AccountCode') ?? '',
      dialled: false,
      originated: false,
      originateExten: '',
      inbound: false,
      calledOut: false,
      up: message.get('ChannelState') === UP,
      dials: [],
      answeredBy: undefined,
      dialler: '',
    })
  }

  private changeState(facts: Facts, message: AmiMessage): void {
    const state = message.get('ChannelState')
    if (state === UP) facts.up = true
    if (state === RING && facts.isEarly && facts.ringExten === '') facts.ringExten = message.get('Exten') ?? ''
  }

  private dial(dialler: Facts | undefined, diallerId: string, destId: string): void {
    const dest = this.facts.get(destId)
    // A DialBegin without a caller rings the leg of an Originate. After the answer, this leg may call out itself.
    if (dest !== undefined && diallerId === '') dest.originated = true
    else if (dest !== undefined) dest.dialled = true
    if (dest !== undefined) dest.dialler = diallerId
    if (dialler !== undefined && dialler.dials.length < MAX_DIALS) dialler.dials.push(destId)
  }
}

/** Whether the dial of a channel is an outbound call at all. */
export function mayCallOut({ dialled, inbound, calledOut }: Readonly<Facts>): boolean {
  return !dialled && !inbound && !calledOut
}

/** Why the dial of a channel is not an outbound call; undefined if it is one. */
export function whyNotCallingOut(facts: Readonly<Facts> | undefined): string {
  if (facts === undefined) return 'no outbound call: ami-track did not see the beginning of the channel that dials'
  if (facts.inbound)
    return 'no outbound call: the channel is or was in a queue or in a parking lot, and this dial belongs to that call'
  if (facts.dialled) return 'no outbound call: the channel that dials was itself dialled by another channel'
  return 'no new outbound call: the call of this channel was already answered, or is over'
}
