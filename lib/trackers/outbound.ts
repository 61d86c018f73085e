import type { AmiMessage } from '../ami/message.ts'
import { type Channel, ChannelTable } from '../channels.ts'
import type { QueueLogFields } from '../queue-log.ts'
import { isOfResync, RESYNC_BEGIN, RESYNC_END } from '../resync/markers.ts'
import { ChannelFacts, mayCallOut, UP, whyNotCallingOut } from './channel-facts.ts'
import { type CallEnd, ConnectedPairs } from './connected-pairs.ts'
import { callidOf, interfaceOf, outboundQueue, secondsBetween } from './fields.ts'
import { Members } from './members.ts'
import { dialledNumber, hasOpenLeg, type OutboundCall } from './outbound-call.ts'
import { type OnUnwritten, type OpenCall, type Tracker, taken } from './tracker.ts'
import { UnansweredCalls } from './unanswered-calls.ts'

export interface OutboundOptions {
  /** How long a dial must last unanswered to be tracked, in ms. */
  thresholdMs: number
  /** Writes callids as `:UNIQUEID`. */
  rewriteUniqueids: boolean
  /** Which calling channels are logged on a queue that is hidden (`_q-…`). */
  hides: (channelName: string) => boolean
}

/** Writes the calls that agents make: from the first DialBegin of a calling channel to the end of the conversation. */
export class OutboundTracker implements Tracker {
  readonly events: ReadonlySet<string> = new Set([
    ...ChannelTable.events,
    ...ChannelFacts.events,
    ...ConnectedPairs.events,
    'DialBegin',
    'DialEnd',
    'Newstate',
    RESYNC_BEGIN,
    RESYNC_END,
  ])

  onUnwritten: OnUnwritten | undefined

  private readonly options: OutboundOptions
  private readonly channels: ChannelTable
  private readonly facts = new ChannelFacts()
  private readonly pairs: ConnectedPairs
  private readonly members = new Members()
  private readonly unanswered = new UnansweredCalls()
  private readonly lines: QueueLogFields[] = []
  /** The time of the event at hand: ms since the epoch. */
  private at = 0
  /** The stream's clock: ms since the epoch. */
  private now = 0

  /** @param channels which trackers of one stage share */
  constructor(options: OutboundOptions, channels = new ChannelTable()) {
    this.options = options
    this.channels = channels
    this.pairs = new ConnectedPairs(channels)
    channels.watch({
      replaced: (half, by) => {
        this.facts.replaced(half, by)
        this.pairs.replaced(half, by)
        this.unanswered.replaced(half, by)
      },
      gone: (channel, at, message) => this.gone(channel, at, message),
    })
  }

  get size(): number {
    return this.channels.size + this.facts.size + this.pairs.size + this.members.size + this.unanswered.size
  }

  openCalls(): OpenCall[] {
    const unanswered = [...this.unanswered].map(({ callid, queuename, agent, announced, began }): OpenCall => {
      return { callid, queuename, agent, state: announced ? 'ringing' : 'dialling', since: began }
    })
    return [...unanswered, ...this.pairs.openCalls()]
  }

  afterTime(now: number): QueueLogFields[] {
    this.now = now
    this.announceDue()
    this.pairs.afterTime(now)
    return taken(this.lines)
  }

  afterMessage(message: AmiMessage, at: number): QueueLogFields[] {
    this.at = at
    this.facts.apply(message)
    this.channels.apply(message, at)
    const channel = this.channels.find(message.get('Uniqueid'))
    // The calls that are connected first: one AttendedTransfer may end two, and the original one comes first.
    this.pairs.afterMessage(message, at)
    switch (message.event) {
      case 'DialBegin':
        this.beginDial(message, channel)
        break
      case 'DialEnd':
        this.endDial(message, channel)
        break
      case 'BridgeEnter':
        this.bridged(channel, message)
        break
      case 'Newstate':
        if (message.get('ChannelState') === UP) this.answeredByDialplan(channel)
        break
      case 'QueueCallerJoin':
        this.abandonOf(channel)
        break
      case 'ParkedCall':
        if (!message.isListItem()) this.abandonOf(this.channels.find(message.get('ParkeeUniqueid')))
        break
      case 'BlindTransfer':
        if (message.get('Result') === 'Success') this.abandonTransferred(message, ['Transferer', 'Transferee'])
        break
      case 'AttendedTransfer':
        if (message.get('Result') === 'Success') {
          this.abandonTransferred(message, ['OrigTransferer', 'SecondTransferer', 'Transferee'])
        }
        break
      case RESYNC_BEGIN:
        for (const call of this.unanswered.unannounced) call.awaitsLists = true
        break
      case RESYNC_END:
        for (const call of this.unanswered.unannounced) call.awaitsLists = false
        this.announceDue()
        break
    }
    return taken(this.lines)
  }

  atEnd(): QueueLogFields[] {
    this.pairs.atEnd()
    for (const call of this.unanswered.unannounced) this.unwritten(call, 'the stream ends')
    return taken(this.lines)
  }

  // ---- the dial

  private beginDial(message: AmiMessage, dialler: Channel | undefined): void {
    const leg = this.channels.seen(message.get('DestUniqueid'), message.get('DestChannel'))
    if (leg === undefined || dialler === undefined) return
    const call = this.unanswered.ofDialler(dialler) ?? this.callBehind(dialler) ?? this.begin(message, dialler)
    if (call === undefined) return
    this.unanswered.addLeg(call, leg, dialler, this.at)
  }

  /** The call of which this Local half dials for a leg: A → Local;1, Local;2 → trunk. */
  private callBehind(dialler: Channel): OutboundCall | undefined {
    if (dialler.otherHalf === undefined || this.facts.of(dialler)?.inbound === true) return undefined
    return this.unanswered.ofLeg(dialler.otherHalf)
  }

  private begin(message: AmiMessage, dialler: Channel): OutboundCall | undefined {
    const dialled = this.facts.of(dialler)
    if (dialled === undefined || !mayCallOut(dialled)) {
      this.onUnwritten?.(dialler.uniqueid, whyNotCallingOut(dialled))
      return undefined
    }
    const agentChannel = dialler.name.startsWith('Local/') ? this.phoneOfOriginate(dialler) : dialler
    const own = agentChannel === undefined ? undefined : this.facts.of(agentChannel)
    if (agentChannel === undefined || own === undefined) {
      this.onUnwritten?.(
        dialler.uniqueid,
        'no outbound call: a Local channel dials, for no outbound call that is known',
      )
      return undefined
    }
    // The header tells the code of the channel that dials; that of another is known from its own events.
    const accountCode = agentChannel === dialler ? (message.get('AccountCode') ?? '') : own.accountCode
    const exten = message.get('Exten') ?? ''
    const dialString = message.get('DialString') ?? ''
    const call: OutboundCall = {
      dialler,
      agentChannel,
      callid: callidOf(agentChannel.uniqueid, this.options.rewriteUniqueids),
      queuename: outboundQueue(accountCode, this.options.hides(agentChannel.name)),
      agent: interfaceOf(agentChannel.name),
      number: () => dialledNumber(dialled, exten, dialString),
      began: this.at,
      due: this.now + this.options.thresholdMs,
      legs: new Map(),
      announced: false,
      awaitsLists: false,
      lastDialEnd: undefined,
    }
    this.unanswered.add(call)
    return call
  }

  /** The phone that `;2` reached for an Originate through Local, of which `;1` now runs the dialplan. */
  private phoneOfOriginate(dialler: Channel): Channel | undefined {
    if (this.facts.of(dialler)?.originated !== true || dialler.otherHalf === undefined) return undefined
    const phone = this.reachedBy(dialler.otherHalf)
    return phone === undefined || phone.name.startsWith('Local/') ? undefined : phone
  }

  /** The real channel that was answered for a dial of this channel, through any Local pairs; the half itself if none. */
  private reachedBy(dialler: Channel, depth = 0): Channel | undefined {
    const leg = this.channels.find(this.facts.reachedBy(dialler))
    if (leg?.otherHalf === undefined || depth > 16) return leg
    return this.reachedBy(leg.otherHalf, depth + 1) ?? leg
  }

  private endDial(message: AmiMessage, dialler: Channel | undefined): void {
    const dest = this.channels.find(message.get('DestUniqueid'))
    if (dest === undefined) return
    const call = this.unanswered.ofDialler(dialler)
    if (message.get('DialStatus') === 'ANSWER') {
      this.facts.answered(dest, dialler)
      if (call !== undefined) this.connect(call, dest)
      return
    }
    const leg = (call ?? this.unanswered.ofLeg(dest))?.legs.get(dest)
    if (leg === undefined) return
    leg.open = false
    if (call === undefined) return
    call.lastDialEnd = this.at
    if (!call.announced && !hasOpenLeg(call)) {
      this.unwritten(call, `the dial ends (${message.get('DialStatus') ?? ''})`)
      this.unanswered.drop(call)
    }
  }

  /** The first that shows an answer may be that both are in one bridge: DialEnd is late where Dial runs U() or M(). */
  private bridged(channel: Channel | undefined, message: AmiMessage): void {
    if (channel?.bridge?.joins !== true) return
    const asLeg = this.unanswered.ofLeg(channel)
    const call = this.unanswered.ofDialler(channel) ?? asLeg
    if (call === undefined) return
    const legs = asLeg === call ? [channel] : call.legs.keys()
    for (const leg of legs) {
      // A Local pair between them may have been optimised away while nobody listened.
      const isOwn = call.legs.get(leg)?.dialler === call.dialler || isOfResync(message)
      // The phone of a click-to-call may enter its bridge after its dial has begun: neither party is in one then.
      if (!isOwn || leg.bridge === undefined || leg.bridge !== call.dialler.bridge) continue
      this.facts.answered(leg, call.dialler)
      this.connect(call, leg)
      return
    }
  }

  // ---- the call

  private announceDue(): void {
    for (const call of this.unanswered.unannounced) {
      if (call.awaitsLists) continue
      if (this.now < call.due) break // they are in the order of their time
      this.announce(call)
    }
  }

  private announce(call: OutboundCall): void {
    this.unanswered.unannounced.delete(call)
    call.announced = true
    const at = call.began + this.options.thresholdMs
    this.lines.push(...this.members.add(call.queuename, call.agent, at))
    this.log(call, 'CALLOUTBOUND', ['', call.number()], at)
  }

  private connect(call: OutboundCall, answered: Channel): void {
    const { callid, queuename, agent, announced, agentChannel, began } = call
    // Picked up by another phone: the leg that rang gets no DialEnd, and the answer names a channel never dialled.
    const peer = (answered.otherHalf === undefined ? undefined : this.reachedBy(answered.otherHalf)) ?? answered
    const leg = call.legs.get(peer) ?? call.legs.get(answered) ?? [...call.legs.values()].find(({ open }) => open)
    const connectedAt = this.at
    this.forget(call)
    if (!announced) {
      this.unwritten(call, 'answered')
      return
    }
    const wait = secondsBetween(began, connectedAt)
    const ring = secondsBetween(leg?.begin ?? began, connectedAt)
    this.log(call, 'CONNECT', [wait, peer.uniqueid, ring], connectedAt)
    const ended = ({ event, data, at }: CallEnd): void => {
      const talk = secondsBetween(connectedAt, at)
      this.close(call, event, [...data, wait, talk, '1'], at)
    }
    const open: OpenCall = { callid, queuename, agent, state: 'connected', since: connectedAt }
    this.pairs.add({ agentChannel, other: peer, call: open, ended })
  }

  private close(call: OutboundCall, event: string, data: string[], at: number): void {
    this.log(call, event, data, at)
    this.lines.push(...this.members.remove(call.queuename, call.agent, at))
  }

  private abandonTransferred(message: AmiMessage, parties: string[]): void {
    for (const party of parties) this.abandonOf(this.channels.find(message.get(`${party}Uniqueid`)))
  }

  /** The unanswered call of this channel is over; a Local half that goes its own way takes but its own leg with it. */
  private abandonOf(channel: Channel | undefined): void {
    if (channel === undefined) return
    const call = this.unanswered.ofDialler(channel)
    if (call !== undefined) {
      this.abandon(call)
      return
    }
    const behind = this.unanswered.ofLeg(channel.otherHalf)
    const leg = behind?.legs.get(channel.otherHalf as Channel)
    if (behind === undefined || leg === undefined) return
    leg.open = false
    if (!hasOpenLeg(behind)) this.abandon(behind)
  }

  private answeredByDialplan(dialler: Channel | undefined): void {
    const call = this.unanswered.ofDialler(dialler)
    if (call !== undefined && !hasOpenLeg(call)) this.abandon(call)
  }

  /** The call is over unanswered. */
  private abandon(call: OutboundCall): void {
    this.forget(call)
    if (!call.announced) {
      this.unwritten(call, 'over unanswered')
      return
    }
    const waitedUntil = hasOpenLeg(call) ? this.at : (call.lastDialEnd ?? this.at)
    this.close(call, 'ABANDON', ['1', '1', secondsBetween(call.began, waitedUntil)], this.at)
  }

  /** The dial is over for good: its channel will not call out again. */
  private forget(call: OutboundCall): void {
    this.facts.calledOut(call.dialler)
    this.unanswered.drop(call)
  }

  private gone(channel: Channel, at: number, message: AmiMessage | undefined): void {
    this.at = at
    const own = this.unanswered.ofDialler(channel)
    if (own !== undefined) this.abandon(own)
    this.pairs.gone(channel, at, message)
    const call = this.unanswered.ofLeg(channel)
    if (call !== undefined) {
      const leg = call.legs.get(channel)
      this.unanswered.dropLeg(call, channel)
      // A leg that hung up without a DialEnd rings no more.
      if (leg?.open === true && leg.dialler === call.dialler) {
        call.lastDialEnd = this.at
        if (!call.announced && !hasOpenLeg(call)) {
          this.unwritten(call, 'the leg that rang hangs up')
          this.unanswered.drop(call)
        }
      }
    }
    this.facts.forget(channel.uniqueid)
  }

  /** A call is not tracked: what happened came before its threshold. */
  private unwritten({ agentChannel, began }: OutboundCall, what: string): void {
    const { thresholdMs } = this.options
    this.onUnwritten?.(
      agentChannel.uniqueid,
      `${what} after ${Math.max(0, Math.round(this.at - began))} ms, threshold ${thresholdMs}`,
    )
  }

  private log({ callid, queuename, agent }: OutboundCall, event: string, data: string[], at: number): void {
    this.lines.push({ time: at / 1000, callid, queuename, agent, event, data })
  }
}
