import type { AmiMessage } from '../ami/message.ts'
import { isOfResync } from '../ami/own-events.ts'
import { SHUTDOWN } from '../ami/shutdown.ts'
import { neighbours } from './hearing.ts'

/** A channel, from its Newchannel, or the first that names it, to its Hangup. */
export interface Channel {
  /** Its Uniqueid. */
  readonly uniqueid: string
  /** `PJSIP/1001-00000001` */
  name: string
  /** The one that it is in. */
  bridge: Bridge | undefined
  /** Whether its Newchannel was seen: of one that was there before, much is not known. */
  isCreated: boolean
  /** Whether it was answered. */
  isUp: boolean
  /** Whether it has hung up. */
  isGone: boolean
  /** The other half of a Local channel. */
  otherHalf: Channel | undefined
  /** A Local half that Asterisk is optimising away: its HangupRequest is nobody's. */
  optimisedAway: boolean
  /** Who takes the place of a Local half that Asterisk is optimising away. */
  successor: Channel | undefined
  /** Where that one is found if the beginning did not show it: in this bridge, besides the one who joined it. */
  successors: { bridge: Bridge; besides: Channel } | undefined
}

/** A bridge, while a channel is in it. */
export interface Bridge {
  /** Its BridgeUniqueid. */
  readonly uniqueid: string
  /** Those in it. */
  readonly channels: Set<Channel>
  /** Whether the channels in it hear each other: those in a parking lot do not. */
  readonly joins: boolean
  /** Whether it mixes many voices (`*3`, ConfBridge): nobody in it is put on music by the hold of a phone. */
  isConference: boolean
}

/** The ChannelState of a channel that is answered. */
export const UP = '6'

export interface ChannelWatcher {
  /** A Local half was optimised away; `by` is in its place. */
  replaced?(half: Channel, by: Channel): void
  /** The channel is in this bridge no more. */
  left?(channel: Channel, bridge: Bridge): void
  /**
   * The channel has hung up.
   *
   * @param at ms since the epoch
   * @param isUnseen whether nobody saw it: of two that are gone, it is not known which one went first
   */
  gone?(channel: Channel, at: number, isUnseen: boolean): void
}

/**
 * Greatest number of channels remembered. Only Hangups that never came (a stream with gaps) can fill it; then the
 * oldest goes.
 */
const MAX_CHANNELS = 500_000

/** Of how many channels that hung up it is remembered that they did, at least; of twice as many at most. */
const GONE_REMEMBERED = 1024

/**
 * The events that name a channel which may have been there before, besides those of channels and bridges. Every program of a
 * pipe reads them, whatever it follows: where the Newchannel was missed, Local halves are known from their names alone, and
 * all programs of the pipe have to see the same pairs.
 */
const NAMING: ReadonlyMap<string, readonly string[]> = new Map([
  ['AgentConnect', ['', 'Dest']],
  ['DialBegin', ['Dest']],
  ['ParkedCall', ['Parkee']],
  ['ParkedCallSwap', ['Parkee']],
  ['UnParkedCall', ['Retriever']],
])

const LOCAL_HALF = /^(Local\/.*);([12])$/s

/** Who is bridged with whom, and which Local halves belong together. */
export class ChannelTable {
  static readonly events = [
    'BridgeEnter',
    'BridgeLeave',
    'Hangup',
    'LocalBridge',
    'LocalOptimizationBegin',
    'Newchannel',
    'Newstate',
    SHUTDOWN,
    ...NAMING.keys(),
  ]

  private readonly watchers: ChannelWatcher[] = []
  private readonly channels = new Map<string, Channel>()
  private readonly bridges = new Map<string, Bridge>()
  /** Local halves by name: the pair is known from the names alone where its LocalBridge was missed. */
  private readonly localHalves = new Map<string, Channel>()
  /** The last to hang up: events of other threads may name a channel a moment after its Hangup. */
  private lastGone = new Set<string>()
  private goneBefore = new Set<string>()

  /** Tells a watcher of what happens from now on, behind those that watch already. */
  watch(watcher: ChannelWatcher): void {
    this.watchers.push(watcher)
  }

  get size(): number {
    return this.channels.size + this.bridges.size + this.localHalves.size
  }

  /**
   * Takes in the next message of the stream.
   *
   * @param at ms since the epoch
   */
  apply(message: AmiMessage, at: number): void {
    switch (message.event) {
      case 'Newchannel':
        this.create(message)
        break
      case 'Newstate':
        this.changeState(this.find(message.get('Uniqueid')), message)
        break
      case 'BridgeEnter':
        this.enter(message)
        break
      case 'BridgeLeave':
        this.leave(message)
        break
      case 'Hangup':
        this.hangUp(this.find(message.get('Uniqueid')), at, isOfResync(message))
        break
      case 'LocalBridge':
        this.pair(
          this.seen(message.get('LocalOneUniqueid'), message.get('LocalOneChannel')),
          this.seen(message.get('LocalTwoUniqueid'), message.get('LocalTwoChannel')),
        )
        break
      case 'LocalOptimizationBegin':
        this.optimise(message)
        break
      case SHUTDOWN:
        for (const channel of [...this.channels.values()]) this.hangUp(channel, at, false)
        break
      default:
        for (const prefix of NAMING.get(message.event) ?? []) {
          this.seen(message.get(`${prefix}Uniqueid`), message.get(`${prefix}Channel`))
        }
    }
  }

  [Symbol.iterator](): Iterator<Channel> {
    return this.channels.values()
  }

  find(uniqueid: string | undefined): Channel | undefined {
    return uniqueid === undefined ? undefined : this.channels.get(uniqueid)
  }

  /** The channel of this Uniqueid, known from now on; undefined if there is no Uniqueid, or the channel has hung up. */
  seen(uniqueid: string | undefined, name = ''): Channel | undefined {
    if (uniqueid === undefined || uniqueid === '') return undefined
    let channel = this.channels.get(uniqueid)
    if (channel === undefined) {
      if (this.lastGone.has(uniqueid) || this.goneBefore.has(uniqueid)) return undefined
      this.makeRoom()
      channel = {
        uniqueid,
        name: '',
        bridge: undefined,
        isCreated: false,
        isUp: false,
        isGone: false,
        otherHalf: undefined,
        optimisedAway: false,
        successor: undefined,
        successors: undefined,
      }
      this.channels.set(uniqueid, channel)
    }
    if (channel.name === '' && name !== '') this.setName(channel, name)
    return channel
  }

  private create(message: AmiMessage): void {
    const uniqueid = message.get('Uniqueid') ?? ''
    // The same Uniqueid again: the dump holds a recording twice, or Asterisk was started anew.
    this.lastGone.delete(uniqueid)
    this.goneBefore.delete(uniqueid)
    const channel = this.seen(uniqueid, message.get('Channel'))
    if (channel === undefined) return
    channel.isCreated = true
    this.changeState(channel, message)
  }

  private changeState(channel: Channel | undefined, message: AmiMessage): void {
    if (channel !== undefined && message.get('ChannelState') === UP) channel.isUp = true
  }

  private setName(channel: Channel, name: string): void {
    channel.name = name
    if (!name.startsWith('Local/')) return
    const [, pair, half] = LOCAL_HALF.exec(name) ?? []
    if (pair === undefined) return
    this.localHalves.set(name, channel)
    const other = this.localHalves.get(`${pair};${half === '1' ? 2 : 1}`)
    if (other === undefined || other.otherHalf !== undefined) return
    this.pair(channel, other)
  }

  private pair(one: Channel | undefined, two: Channel | undefined): void {
    if (one === undefined || two === undefined) return
    one.otherHalf = two
    two.otherHalf = one
  }

  private enter(message: AmiMessage): void {
    const channel = this.seen(message.get('Uniqueid'), message.get('Channel'))
    const bridgeId = message.get('BridgeUniqueid')
    if (channel === undefined || bridgeId === undefined) return
    let bridge = this.bridges.get(bridgeId)
    const technology = message.get('BridgeTechnology')
    if (bridge === undefined) {
      const holding = message.get('BridgeType') === 'parking' || technology === 'holding_bridge'
      bridge = { uniqueid: bridgeId, channels: new Set(), joins: !holding, isConference: false }
      this.bridges.set(bridgeId, bridge)
    }
    // A third party makes a conference of a conversation, and it may be one no more when the third has left.
    bridge.isConference = technology === 'softmix'
    if (channel.bridge !== bridge) this.takeOut(channel)
    channel.bridge = bridge
    bridge.channels.add(channel)
    // Local halves are optimised away by putting a neighbour in their place. (An attended transfer puts its target in
    // the place of the transferer the same way, but that is a phone's channel and not a half.)
    const half = this.find(message.get('SwapUniqueid'))
    if (half?.otherHalf === undefined) return
    half.optimisedAway = true
    half.otherHalf.optimisedAway = true
    half.otherHalf.successors = { bridge, besides: channel }
    this.replace(half, channel)
  }

  private leave(message: AmiMessage): void {
    const channel = this.find(message.get('Uniqueid'))
    // A channel that moves may have entered the next bridge already.
    if (channel?.bridge === undefined || channel.bridge.uniqueid !== message.get('BridgeUniqueid')) return
    this.takeOut(channel)
    this.succeed(channel)
  }

  /** Puts whoever takes the place of a Local half that has left there, if it is one that is optimised away. */
  private succeed(channel: Channel): void {
    const { successor, successors } = channel
    const by = successor ?? [...(successors?.bridge.channels ?? [])].find((one) => one !== successors?.besides)
    if (by !== undefined && by !== channel.otherHalf) this.replace(channel, by)
  }

  private takeOut(channel: Channel): void {
    const bridge = channel.bridge
    if (bridge === undefined) return
    channel.bridge = undefined
    bridge.channels.delete(channel)
    if (bridge.channels.size === 0) this.bridges.delete(bridge.uniqueid)
    // Whoever hangs up is gone, which outweighs that.
    if (!channel.isGone) for (const watcher of this.watchers) watcher.left?.(channel, bridge)
  }

  /**
   * Notes who is behind either half of a pair that is about to go. That the bridges were joined shows only in the
   * halves leaving them: LocalOptimizationEnd says `Success: No` even when it worked (16.28, 22.10).
   */
  private optimise(message: AmiMessage): void {
    const one = this.find(message.get('LocalOneUniqueid'))
    const two = this.find(message.get('LocalTwoUniqueid'))
    if (one === undefined || two === undefined) return
    one.optimisedAway = true
    two.optimisedAway = true
    one.successor = neighbours(two)[0]
    two.successor = neighbours(one)[0]
  }

  private replace(half: Channel, by: Channel): void {
    half.successor = undefined
    half.successors = undefined
    if (half === by) return
    for (const watcher of this.watchers) watcher.replaced?.(half, by)
  }

  /**
   * A channel is gone.
   *
   * @param at ms since the epoch
   */
  hangUp(channel: Channel | undefined, at: number, isUnseen: boolean): void {
    if (channel === undefined) return
    channel.isGone = true
    this.takeOut(channel)
    this.succeed(channel)
    if (channel.otherHalf !== undefined) channel.otherHalf.otherHalf = undefined
    channel.otherHalf = undefined
    if (this.localHalves.get(channel.name) === channel) this.localHalves.delete(channel.name)
    this.channels.delete(channel.uniqueid)
    this.lastGone.add(channel.uniqueid)
    if (this.lastGone.size === GONE_REMEMBERED) {
      this.goneBefore = this.lastGone
      this.lastGone = new Set()
    }
    for (const watcher of this.watchers) watcher.gone?.(channel, at, isUnseen)
  }

  private makeRoom(): void {
    if (this.channels.size < MAX_CHANNELS) return
    const [oldest] = this.channels.values()
    this.hangUp(oldest, 0, true)
  }
}
