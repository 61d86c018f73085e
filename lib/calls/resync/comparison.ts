import { interfaceOf } from '../../ami/channel-name.ts'
import { type AmiMessage, HeaderMessage, type HeaderValue } from '../../ami/message.ts'
import { RESYNC } from '../../ami/own-events.ts'
import type { Calls } from '../calls.ts'
import { type Channel, UP } from '../channels.ts'
import type { QueueCall } from '../queue-calls.ts'
import type { EventFacts, Matter } from './event-facts.ts'
import type { ListedChannel, ListedMember, ServerLists } from './server-lists.ts'

/**
 * The application of a queue's caller, of the leg that its member answered, of any other leg, of a pick-up, and of an
 * agent of app_agent_pool.
 */
const QUEUE = 'Queue'
const MEMBER_LEG = 'AppQueue'
const DIALLED_LEG = 'AppDial'
const DIAL = 'Dial'
const PICK_UP = 'ParkedCall'
const AGENT = 'AgentLogin'

type Body = Readonly<Record<string, string>>

/**
 * Compares the known calls with the lists of the server. Every difference becomes the event that was missed, in
 * Asterisk's own words and in the order in which Asterisk would have sent it.
 */
export class Comparison {
  private readonly calls: Calls
  private readonly facts: EventFacts
  private readonly lists: ServerLists
  private readonly timestamp: string
  private readonly insert: (message: AmiMessage) => void

  /**
   * @param timestamp that of the events
   * @param insert puts an event into the stream, where the model reads it at once
   */
  constructor(
    calls: Calls,
    facts: EventFacts,
    lists: ServerLists,
    timestamp: string,
    insert: (message: AmiMessage) => void,
  ) {
    this.calls = calls
    this.facts = facts
    this.lists = lists
    this.timestamp = timestamp
    this.insert = insert
  }

  /** @param isRestarted whether the server was restarted: then none of its channels is left */
  run(isRestarted: boolean): void {
    this.facts.freeze()
    const gone = [...this.calls.channels].filter((channel) => this.isGone(channel, isRestarted))
    this.endQueueCalls(new Set(gone))
    for (const channel of gone) if (this.calls.parkings.of(channel)) this.tellParked('ParkedCallGiveUp', channel)
    for (const channel of gone) this.swap(channel)
    for (const channel of gone) this.hangUp(channel)
    // The party that is put through to a dialling channel answers it; the dialplan answers it only if there is no such
    // party.
    this.answer((channel) => !this.facts.diallers.has(channel))
    if (this.lists.hasBridges) this.putThrough(this.move())
    this.answer((channel) => this.facts.diallers.has(channel))
    this.endParked()
    this.enterQueues()
    this.adoptParked()
    this.adoptQueueCalls()
    for (const listed of this.lists.channels.values()) this.beginHold(listed)
    this.removeMembers()
  }

  // ---- members of queues

  /** Members that had logged in and are not in a queue any more. */
  private removeMembers(): void {
    if (!this.lists.hasQueues) return
    for (const { queue, name, interface: own, stateInterface, isDynamic } of this.calls.members.unlisted()) {
      const member = { Queue: queue, MemberName: name, Interface: own, StateInterface: stateInterface }
      if (isDynamic) this.tell('QueueMemberRemoved', member)
    }
  }

  // ---- channels

  private isGone(channel: Channel, isRestarted: boolean): boolean {
    const { lists } = this
    if (this.facts.isNews(channel.uniqueid)) return false
    if (isRestarted) return true
    if (lists.hasChannels) return !lists.channels.has(channel.uniqueid)
    // Then only the channels in bridges are known. A channel that has left its bridge has most likely hung up.
    return lists.hasBridges && channel.bridge !== undefined && this.bridgeOf(channel) === ''
  }

  private hangUp(channel: Channel): void {
    this.leave(channel)
    this.tell('Hangup', { ...named('', channel), Cause: '0', 'Cause-txt': 'Unknown' })
  }

  /** A Local half that Asterisk optimised away: another channel is in its bridge now. */
  private swap(half: Channel): void {
    const { bridge, otherHalf } = half
    if (bridge?.joins !== true || otherHalf === undefined || !this.lists.hasBridges) return
    const isNew = ({ uniqueid }: ListedChannel): boolean =>
      this.calls.channels.find(uniqueid)?.bridge !== bridge && !this.isNews(uniqueid, 'bridge')
    const [successor, ...others] = this.inBridge(bridge.uniqueid).filter(isNew)
    if (successor === undefined || others.length > 0) return
    const before = this.calls.channels.find(successor.uniqueid)
    if (before !== undefined) this.leave(before)
    this.enter(successor, { SwapUniqueid: half.uniqueid })
  }

  /** Sends the answers of channels whose beginning was seen. For other channels it does not matter who dials whom. */
  private answer(isChosen: (channel: Channel) => boolean): void {
    for (const channel of [...this.calls.channels].filter(({ isCreated }) => isCreated)) {
      const isUp = this.lists.channels.get(channel.uniqueid)?.isUp === true
      if (!isUp || channel.isUp || !isChosen(channel)) continue
      this.tell('Newstate', { ...named('', channel), ChannelState: UP, ChannelStateDesc: 'Up' })
    }
  }

  /**
   * Moves each channel to its current bridge. A hold ends if its channel has left the bridge, or with the music.
   *
   * @returns the channels that have entered a bridge
   */
  private move(): ListedChannel[] {
    const channels = [...this.calls.channels].filter(({ uniqueid }) => !this.isNews(uniqueid, 'bridge'))
    const moved = channels.filter((channel) => this.bridgeOf(channel) !== (channel.bridge?.uniqueid ?? ''))
    const away = new Set(moved)
    for (const channel of this.facts.hearing) if (this.hasHeardOut(channel, away)) this.silence(channel)
    for (const channel of this.facts.holding) if (this.hasHeldOut(channel, away)) this.unhold(channel)
    for (const channel of moved) this.leave(channel)
    const entering = [...this.lists.channels.values()].filter(({ uniqueid, bridge }) => {
      const isThere = this.calls.channels.find(uniqueid)?.bridge?.uniqueid === bridge
      return bridge !== '' && !isThere && !this.isNews(uniqueid, 'bridge')
    })
    for (const listed of entering) this.enter(listed)
    return entering
  }

  /**
   * If another phone took the call (Pickup), or if it went over another trunk, the caller talks to a leg whose dial was
   * not seen. A phone that took a call is listed as a dialled leg (16.28, 22.10).
   */
  private putThrough(entered: readonly ListedChannel[]): void {
    for (const listed of entered) {
      const dialler = this.calls.channels.find(listed.uniqueid)
      if (dialler === undefined || !this.facts.diallers.has(dialler) || listed.application !== DIAL) continue
      const [leg, ...more] = this.inBridge(listed.bridge).filter(({ uniqueid }) => uniqueid !== listed.uniqueid)
      const channel = this.calls.channels.find(leg?.uniqueid)
      const isDialled = channel !== undefined && this.facts.dialled.has(channel)
      if (leg?.application !== DIALLED_LEG || more.length > 0 || isDialled) continue
      this.tell('DialEnd', { ...named('', listed), ...named('Dest', leg), DialStatus: 'ANSWER' })
    }
  }

  private leave(channel: Channel): void {
    if (channel.bridge === undefined) return
    this.tell('BridgeLeave', { BridgeUniqueid: channel.bridge.uniqueid, ...named('', channel) })
  }

  private enter(listed: ListedChannel, more: Body = {}): void {
    const bridge = this.lists.bridges.get(listed.bridge)
    // A bridge that was created after the list of bridges: Asterisk itself sends who enters it.
    if (bridge === undefined) return
    const headers = { BridgeUniqueid: bridge.uniqueid, BridgeType: bridge.type, BridgeTechnology: bridge.technology }
    this.tell('BridgeEnter', { ...headers, Channel: listed.name, Uniqueid: listed.uniqueid, ...more })
  }

  // ---- holds

  private hasHeardOut(channel: Channel, away: ReadonlySet<Channel>): boolean {
    if (this.isNews(channel.uniqueid, 'music')) return false
    if (away.has(channel)) return true
    // Music in a lot or in a queue is not a hold.
    return channel.bridge?.joins === true && this.lists.channels.get(channel.uniqueid)?.isOnHold === false
  }

  /** Whether nobody hears the music of this channel's hold any more. */
  private hasHeldOut(channel: Channel, away: ReadonlySet<Channel>): boolean {
    if (channel.bridge === undefined || this.isNews(channel.uniqueid, 'music')) return false
    if (away.has(channel)) return true
    const others = this.inBridge(channel.bridge.uniqueid).filter(({ uniqueid }) => uniqueid !== channel.uniqueid)
    return others.length > 0 && others.every(({ isOnHold }) => isOnHold === false)
  }

  private silence(channel: Channel): void {
    this.tell('MusicOnHoldStop', named('', channel))
  }

  private unhold(channel: Channel): void {
    this.tell('Unhold', named('', channel))
  }

  private beginHold({ uniqueid, isOnHold, bridge }: ListedChannel): void {
    const channel = this.calls.channels.find(uniqueid)
    if (channel === undefined || isOnHold !== true || !this.lists.joins(bridge)) return
    if (channel.bridge?.joins !== true || this.isNews(uniqueid, 'music')) return
    // If the hold is passed through to the phone (moh_passthrough), only the Hold of the other party showed it.
    const isHeld = [...channel.bridge.channels].some((other) => other !== channel && this.facts.holding.has(other))
    if (!isHeld && !this.facts.hearing.has(channel)) this.tell('MusicOnHoldStart', named('', channel))
  }

  // ---- calls of queues

  private endQueueCalls(gone: ReadonlySet<Channel>): void {
    for (const call of [...this.calls.queueCalls]) if (this.isOver(call, gone)) this.complete(call)
  }

  private isOver({ caller, agentChannel, queuename }: QueueCall, gone: ReadonlySet<Channel>): boolean {
    if (this.isNews(caller.uniqueid, 'queue')) return false
    if (gone.has(caller)) return true
    const listed = this.lists.channels.get(caller.uniqueid)
    // Transferred away, or waiting in the queue again.
    if (listed !== undefined && listed.application !== '' && !isInQueue(listed, queuename)) return true
    if (this.lists.hasQueues && this.lists.waiting.has(caller.uniqueid)) return true
    return gone.has(agentChannel) && !this.isSwapped(agentChannel)
  }

  private isSwapped(agent: Channel): boolean {
    const { bridge, otherHalf } = agent
    if (bridge === undefined || otherHalf === undefined) return false
    const newcomers = this.inBridge(bridge.uniqueid).filter(
      ({ uniqueid }) => this.calls.channels.find(uniqueid)?.bridge !== bridge,
    )
    return newcomers.length === 1
  }

  private complete({ caller, agentChannel, queuename, member }: QueueCall): void {
    const channels = { ...named('', caller), ...named('Dest', agentChannel) }
    this.tell('AgentComplete', { ...channels, Queue: queuename, MemberName: member })
  }

  /**
   * A channel that has entered a queue meanwhile is a caller of this queue from now on, even if it talks to somebody
   * already.
   */
  private enterQueues(): void {
    const { facts, lists } = this
    for (const channel of [...this.calls.channels].filter(({ isCreated }) => isCreated)) {
      if (facts.queued.has(channel) || this.isNews(channel.uniqueid, 'queue')) continue
      const listed = lists.channels.get(channel.uniqueid)
      const queue = lists.waiting.get(channel.uniqueid) ?? (listed?.application === QUEUE ? listed.argument : undefined)
      if (queue !== undefined) this.tell('QueueCallerJoin', { ...named('', channel), Queue: queue })
    }
  }

  private adoptQueueCalls(): void {
    for (const listed of this.lists.channels.values()) {
      if (listed.application !== QUEUE || this.lists.waiting.has(listed.uniqueid)) continue
      const caller = this.calls.channels.find(listed.uniqueid)
      if (caller?.bridge?.joins !== true || this.isNews(listed.uniqueid, 'queue')) continue
      if (this.calls.queueCalls.ofCaller(caller).length > 0) continue
      const leg = this.memberLegOf(listed)
      if (leg !== undefined) this.connect(listed, leg)
    }
  }

  /**
   * The leg of the member that talks to a queue's caller. If the phone was reached through a Local pair that is
   * optimised away, it is listed like any dialled phone, and so is a phone to which the call was transferred. The
   * difference: the member's phone is the StateInterface of a member to whom the queue has given a call. The phone of
   * an agent of app_agent_pool runs AgentLogin.
   */
  private memberLegOf(caller: ListedChannel): ListedChannel | undefined {
    const others = this.inBridge(caller.bridge).filter(({ uniqueid }) => uniqueid !== caller.uniqueid)
    const isOfMember = (leg: ListedChannel): boolean => {
      const canBe = leg.application === DIALLED_LEG || leg.application === AGENT
      const member = canBe ? this.memberOf(caller.argument, leg) : undefined
      return member !== undefined && /^Local\//i.test(member.location) && member.inCall !== false
    }
    return others.find(({ application }) => application === MEMBER_LEG) ?? others.find(isOfMember)
  }

  private connect(caller: ListedChannel, leg: ListedChannel): void {
    const queue = caller.argument
    const member = this.memberOf(queue, leg)
    this.tell('AgentConnect', {
      ...named('', caller),
      ...named('Dest', leg),
      CallerIDNum: caller.number,
      Queue: queue,
      Interface: member?.location ?? interfaceOf(leg.name),
      MemberName: member?.name ?? interfaceOf(leg.name),
    })
  }

  private memberOf(queue: string, { application, argument, name }: ListedChannel): ListedMember | undefined {
    const ofLeg = application === AGENT ? `Agent:${argument}` : interfaceOf(name)
    const members = this.lists.members.filter((member) => member.queue === queue)
    return (
      members.find(({ location }) => location === ofLeg) ??
      members.find(({ stateInterface }) => stateInterface === ofLeg)
    )
  }

  // ---- parked calls

  /** The calls that left the lot: picked up if another channel is with them now, otherwise timed out. */
  private endParked(): void {
    for (const { channel } of [...this.calls.parkings]) {
      if (!this.hasLeftLot(channel)) continue
      const retriever = this.retrieverOf(channel)
      if (retriever === undefined) {
        this.tellParked('ParkedCallTimeOut', channel)
        continue
      }
      this.tellParked('UnParkedCall', channel, named('Retriever', retriever))
      // It has hung up since it was listed, but it was not known when its Hangup came.
      if (this.hasHungUp(retriever.uniqueid)) this.tell('Hangup', named('', retriever))
    }
  }

  private hasLeftLot(channel: Channel): boolean {
    if (this.isNews(channel.uniqueid, 'parking')) return false
    if (this.lists.hasParked) {
      const item = this.lists.parked.get(channel.uniqueid)
      const place = this.calls.parkings.of(channel)
      return item?.get('Parkinglot') !== place?.lot || item?.get('ParkingSpace') !== place?.space
    }
    return this.lists.hasBridges && this.lists.joins(this.bridgeOf(channel))
  }

  private retrieverOf(channel: Channel): ListedChannel | undefined {
    const listed = this.lists.channels.get(channel.uniqueid)
    if (listed === undefined || !this.lists.joins(listed.bridge)) return undefined
    const others = this.lists.inBridge(listed.bridge).filter(({ uniqueid }) => uniqueid !== channel.uniqueid)
    const retriever = others.find(({ application }) => application === PICK_UP)
    // Back at the phone that parked it: then the parked channel itself dials.
    return retriever ?? (listed.application === DIAL ? undefined : others[0])
  }

  private tellParked(event: string, channel: Channel, more: Body = {}): void {
    const { lot = '', space = '' } = this.calls.parkings.of(channel) ?? {}
    this.tell(event, { ...named('Parkee', channel), Parkinglot: lot, ParkingSpace: space, ...more })
  }

  private adoptParked(): void {
    if (!this.lists.hasParked) return
    for (const [uniqueid, headers] of this.lists.parked) {
      const channel = this.calls.channels.find(uniqueid)
      const isKnown = channel !== undefined && this.calls.parkings.of(channel) !== undefined
      if (!isKnown && !this.isNews(uniqueid, 'parking') && !this.hasHungUp(uniqueid)) this.tell('ParkedCall', headers)
    }
  }

  // ---- what all of them need

  private isNews(uniqueid: string, matter: Matter): boolean {
    return this.facts.isNews(uniqueid, matter)
  }

  /** Whether a channel has hung up since it was listed. */
  private hasHungUp(uniqueid: string): boolean {
    return this.isNews(uniqueid, 'end')
  }

  /** The channels that the server lists in a bridge and that have not hung up since. */
  private inBridge(bridge: string): ListedChannel[] {
    return this.lists.inBridge(bridge).filter(({ uniqueid }) => !this.hasHungUp(uniqueid))
  }

  /** The Uniqueid of the channel's current bridge; '' if it is in none. */
  private bridgeOf(channel: Channel): string {
    return this.lists.channels.get(channel.uniqueid)?.bridge ?? ''
  }

  private tell(event: string, body: Body | ReadonlyMap<string, HeaderValue>): void {
    const headers = new Map<string, HeaderValue>([['Event', event]])
    if (this.timestamp !== '') headers.set('Timestamp', this.timestamp)
    headers.set(RESYNC, '1')
    for (const [name, value] of body instanceof Map ? body : Object.entries(body)) headers.set(name, value)
    this.insert(new HeaderMessage(headers, event))
  }
}

function named(prefix: string, { name, uniqueid }: { name: string; uniqueid: string }): Record<string, string> {
  return { [`${prefix}Channel`]: name, [`${prefix}Uniqueid`]: uniqueid }
}

function isInQueue({ application, argument }: ListedChannel, queue: string): boolean {
  return application === QUEUE && (argument === '' || argument === queue)
}
