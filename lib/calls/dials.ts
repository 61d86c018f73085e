import type { AmiMessage } from '../ami/message.ts'
import type { Change } from './change.ts'
import { type Channel, type ChannelTable, UP } from './channels.ts'
import type { Conversations } from './conversations.ts'
import { beginningOf, type Dial, hasOpenLeg, type Leg } from './dial.ts'
import { DialFacts, mayCallOut, whyNotCallingOut } from './dial-facts.ts'

/** How many nested Local pairs are searched for the channel behind them. */
const MAX_PAIRS = 16

/** The dials of channels that make calls themselves: not dials of a queue, and not dials that continue another call. */
export class Dials {
  static readonly events = [
    ...DialFacts.events,
    'DialBegin',
    'DialEnd',
    'BridgeEnter',
    'BlindTransfer',
    'AttendedTransfer',
  ]

  private readonly channels: ChannelTable
  private readonly conversations: Conversations
  private readonly tell: (change: Change) => void
  private readonly facts = new DialFacts()
  private readonly byDialler = new Map<Channel, Dial>()
  private readonly byLeg = new Map<Channel, Dial>()
  /** By the phones that took a call that rang at another phone. */
  private readonly byPickUp = new Map<Channel, Dial>()
  /** The time of the event at hand: ms since the epoch. */
  private at = 0

  constructor(channels: ChannelTable, conversations: Conversations, tell: (change: Change) => void) {
    this.channels = channels
    this.conversations = conversations
    this.tell = tell
  }

  get size(): number {
    return this.facts.size + this.byDialler.size + this.byLeg.size + this.byPickUp.size
  }

  /** Reads the facts about channels in the message, before other parts use it. */
  readFacts(message: AmiMessage): void {
    this.facts.apply(message)
  }

  apply(message: AmiMessage, at: number): void {
    this.at = at
    const channel = this.channels.find(message.get('Uniqueid'))
    switch (message.event) {
      case 'DialBegin':
        this.beginLeg(message, channel)
        break
      case 'DialEnd':
        this.endLeg(message, channel)
        break
      case 'BridgeEnter':
        if (channel !== undefined) this.entered(channel)
        break
      case 'Newstate':
        if (message.get('ChannelState') === UP) this.answeredByDialplan(channel)
        break
      case 'QueueCallerJoin':
        this.goesElsewhere(channel)
        break
      case 'ParkedCall':
        if (!message.isListItem()) this.goesElsewhere(this.channels.find(message.get('ParkeeUniqueid')))
        break
      case 'BlindTransfer':
        this.transfer(message, ['Transferer', 'Transferee'])
        break
      case 'AttendedTransfer':
        this.transfer(message, ['OrigTransferer', 'SecondTransferer', 'Transferee'])
        break
    }
  }

  /** A Local half was optimised away; `by` replaces it. */
  replaced(half: Channel, by: Channel): void {
    this.facts.replaced(half, by)
    const own = this.byDialler.get(half)
    if (own !== undefined) {
      this.byDialler.delete(half)
      own.dialler = by
      this.byDialler.set(by, own)
    }
    const dial = this.byLeg.get(half)
    const leg = dial?.legs.get(half)
    if (dial === undefined || leg === undefined) return
    // The pair is gone before both parties are in one bridge: now the caller itself dials the channel behind it.
    this.dropLeg(dial, half)
    this.addLeg(dial, { ...(dial.legs.get(by) ?? { ...leg, channel: by }), dialler: leg.dialler })
  }

  /** @param at ms since the epoch */
  gone(channel: Channel, at: number): void {
    this.at = at
    const own = this.byDialler.get(channel)
    if (own !== undefined) this.end(own)
    const dial = this.byLeg.get(channel)
    if (dial !== undefined) this.loseLeg(dial, channel)
    const taken = this.byPickUp.get(channel)
    if (taken !== undefined) this.losePickUp(taken, channel)
  }

  /** The facts about a channel that has hung up are not needed any more. */
  forget(channel: Channel): void {
    this.facts.forget(channel.uniqueid)
  }

  // ---- legs

  private beginLeg(message: AmiMessage, dialler: Channel | undefined): void {
    const channel = this.channels.find(message.get('DestUniqueid'))
    if (channel === undefined || dialler === undefined) return
    const before = this.byDialler.get(dialler) ?? this.dialBehind(dialler)
    const dial = before ?? this.begin(message, dialler)
    if (dial === undefined) return
    const isSilent = !hasOpenLeg(dial) && (before === undefined || dial.dialler === dialler)
    if (isSilent && before !== undefined) {
      dial.beginning = this.beginningBy(message, dialler, dial.agentChannel) ?? dial.beginning
    }
    this.ring(dial, dialler, channel)
    if (isSilent) this.tell({ kind: 'dialled', dial, at: this.at })
  }

  /** The dial for whose leg this Local half dials: A → Local;1, Local;2 → trunk. */
  private dialBehind(dialler: Channel): Dial | undefined {
    if (dialler.otherHalf === undefined || this.facts.of(dialler)?.inbound === true) return undefined
    return this.byLeg.get(dialler.otherHalf)
  }

  /**
   * A channel is dialled. If it is a Local half, what its other half has already dialled counts as well: the two
   * DialBegins come from different threads, on a busy machine the one of Local;2 up to a millisecond before the one of
   * A (22.10).
   */
  private ring(dial: Dial, dialler: Channel, channel: Channel, depth = 0): void {
    this.addLeg(dial, { channel, dialler, begin: this.at, isOpen: true, answeredAt: undefined })
    const half = channel.otherHalf
    const facts = half && this.facts.of(half)
    if (half === undefined || facts === undefined || facts.inbound || depth > MAX_PAIRS) return
    for (const uniqueid of facts.dials) {
      const behind = this.channels.find(uniqueid)
      if (behind !== undefined && !this.byLeg.has(behind)) this.ring(dial, half, behind, depth + 1)
    }
  }

  private begin(message: AmiMessage, dialler: Channel): Dial | undefined {
    const facts = this.facts.of(dialler)
    if (facts === undefined || !mayCallOut(facts)) {
      this.passOver(dialler, whyNotCallingOut(facts))
      return undefined
    }
    const agentChannel = dialler.name.startsWith('Local/') ? this.phoneOfOriginate(dialler) : dialler
    const beginning = agentChannel && this.beginningBy(message, dialler, agentChannel)
    if (agentChannel === undefined || beginning === undefined) {
      this.passOver(
        dialler,
        'no outbound call: a Local channel dials, and it belongs to no outbound call that ami-track knows',
      )
      return undefined
    }
    const dial: Dial = {
      dialler,
      agentChannel,
      beginning,
      legs: new Map(),
      pickUp: undefined,
      lastDialEnd: undefined,
    }
    this.byDialler.set(dialler, dial)
    this.byDialler.set(agentChannel, dial)
    return dial
  }

  private beginningBy(message: AmiMessage, dialler: Channel, agentChannel: Channel): Dial['beginning'] | undefined {
    const [facts, own] = [this.facts.of(dialler), this.facts.of(agentChannel)]
    if (facts === undefined || own === undefined) return undefined
    return beginningOf(facts, {
      at: this.at,
      // The header has the account code of the dialling channel. The code of another channel is in that channel's own
      // events.
      accountCode: agentChannel === dialler ? (message.get('AccountCode') ?? '') : own.accountCode,
      context: message.get('Context') ?? '',
      exten: message.get('Exten') ?? '',
      dialString: message.get('DialString') ?? '',
      technology: (message.get('DestChannel') ?? '').split('/')[0] ?? '',
    })
  }

  /** In an Originate through Local, `;1` runs the dialplan now: this is the phone that `;2` reached. */
  private phoneOfOriginate(dialler: Channel): Channel | undefined {
    if (this.facts.of(dialler)?.originated !== true || dialler.otherHalf === undefined) return undefined
    const phone = this.reachedBy(dialler.otherHalf)
    return phone === undefined || phone.name.startsWith('Local/') ? undefined : phone
  }

  /** The real channel that was answered for a dial of this channel, through any Local pairs; the half itself if none. */
  private reachedBy(dialler: Channel, depth = 0): Channel | undefined {
    const leg = this.channels.find(this.facts.reachedBy(dialler))
    if (leg?.otherHalf === undefined || depth > MAX_PAIRS) return leg
    return this.reachedBy(leg.otherHalf, depth + 1) ?? leg
  }

  private endLeg(message: AmiMessage, dialler: Channel | undefined): void {
    const channel = this.channels.find(message.get('DestUniqueid'))
    if (channel === undefined) return
    const own = dialler === undefined ? undefined : this.byDialler.get(dialler)
    const leg = (own ?? this.byLeg.get(channel))?.legs.get(channel)
    const status = message.get('DialStatus') ?? ''
    if (status === 'ANSWER') {
      this.facts.answered(channel, dialler)
      if (leg !== undefined) leg.answeredAt ??= this.at
      else if (own !== undefined) this.pickUp(own, channel)
      if (own !== undefined) this.connectIfTogether(own)
      return
    }
    if (leg === undefined) return
    leg.isOpen = false
    if (own !== undefined) this.fallSilent(own, `the dial ended (${status})`)
  }

  /**
   * Another phone took the call: the ringing leg gets no DialEnd, and the answer names a channel that was never
   * dialled.
   */
  private pickUp(dial: Dial, channel: Channel): void {
    dial.pickUp = { channel, at: this.at }
    this.byPickUp.set(channel, dial)
  }

  private losePickUp(dial: Dial, channel: Channel): void {
    this.byPickUp.delete(channel)
    dial.pickUp = undefined
    this.fallSilent(dial, 'the phone that took the call hung up')
  }

  private loseLeg(dial: Dial, channel: Channel): void {
    const leg = dial.legs.get(channel)
    this.dropLeg(dial, channel)
    // A leg that hung up without a DialEnd, or that was never in the bridge, does not ring any more.
    if (leg?.isOpen === true && leg.dialler === dial.dialler) this.fallSilent(dial, 'the ringing phone hung up')
  }

  private fallSilent(dial: Dial, reason: string): void {
    dial.lastDialEnd = this.at
    if (!hasOpenLeg(dial) && dial.pickUp === undefined) this.tell({ kind: 'dial-silent', dial, reason, at: this.at })
  }

  // ---- answered

  private entered(channel: Channel): void {
    const dial = this.byDialler.get(channel) ?? this.byLeg.get(channel) ?? this.byPickUp.get(channel)
    if (dial !== undefined) this.connectIfTogether(dial)
  }

  /**
   * A call is connected when both parties are in one bridge. DialEnd ANSWER is not enough: FollowMe and Dial with U()
   * send it at the pick-up, and the person who picked up may still decline.
   */
  private connectIfTogether(dial: Dial): void {
    const { bridge } = dial.dialler
    if (bridge?.joins !== true) return
    const answered = [dial.pickUp, ...dial.legs.values()].find((leg) => leg?.channel.bridge === bridge)
    if (answered !== undefined) this.connect(dial, answered.channel)
  }

  private connect(dial: Dial, answered: Channel): void {
    this.facts.answered(answered, dial.dialler)
    const peer = (answered.otherHalf === undefined ? undefined : this.reachedBy(answered.otherHalf)) ?? answered
    const open = [...dial.legs.values()].find(({ isOpen }) => isOpen)
    const leg = dial.legs.get(peer) ?? dial.legs.get(answered) ?? open
    const rang = { from: leg?.begin ?? dial.beginning.at, to: leg?.answeredAt ?? dial.pickUp?.at ?? this.at }
    this.drop(dial)
    this.conversations.begin({ kind: 'dial', dial, rang }, dial.agentChannel, peer, this.at)
  }

  private answeredByDialplan(dialler: Channel | undefined): void {
    const dial = dialler === undefined ? undefined : this.byDialler.get(dialler)
    if (dial !== undefined && !hasOpenLeg(dial) && dial.pickUp === undefined) this.end(dial)
  }

  // ---- over

  private transfer(message: AmiMessage, parties: string[]): void {
    if (message.get('Result') !== 'Success') return
    for (const party of parties) this.goesElsewhere(this.channels.find(message.get(`${party}Uniqueid`)))
  }

  /** The dial of this channel is over. A Local half that dials for another call ends only its own leg. */
  private goesElsewhere(channel: Channel | undefined): void {
    if (channel === undefined) return
    const own = this.byDialler.get(channel)
    if (own !== undefined) {
      this.end(own)
      return
    }
    const half = channel.otherHalf
    const dial = half === undefined ? undefined : this.byLeg.get(half)
    const leg = half === undefined ? undefined : dial?.legs.get(half)
    if (dial === undefined || leg === undefined) return
    leg.isOpen = false
    if (!hasOpenLeg(dial)) this.end(dial)
  }

  /** The dial is over unanswered. */
  private end(dial: Dial): void {
    const waitedUntil = hasOpenLeg(dial) ? this.at : (dial.lastDialEnd ?? this.at)
    this.drop(dial)
    this.tell({ kind: 'dial-over', dial, waitedUntil, at: this.at })
  }

  /** The dial is over permanently: its channel will not call out again. */
  private drop(dial: Dial): void {
    this.facts.calledOut(dial.dialler)
    this.byDialler.delete(dial.dialler)
    this.byDialler.delete(dial.agentChannel)
    if (dial.pickUp !== undefined) this.byPickUp.delete(dial.pickUp.channel)
    for (const leg of dial.legs.keys()) if (this.byLeg.get(leg) === dial) this.byLeg.delete(leg)
  }

  private addLeg(dial: Dial, leg: Leg): void {
    dial.legs.set(leg.channel, leg)
    this.byLeg.set(leg.channel, dial)
  }

  private dropLeg(dial: Dial, channel: Channel): void {
    dial.legs.delete(channel)
    this.byLeg.delete(channel)
  }

  private passOver({ uniqueid }: Channel, reason: string): void {
    this.tell({ kind: 'passed-over', what: 'dials', uniqueid, reason, at: this.at })
  }
}
