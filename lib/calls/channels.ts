import type { AmiMessage } from '../ami/message.ts'
import { isOfResync } from '../ami/own-events.ts'
import { SHUTDOWN } from '../ami/shutdown.ts'
import { neighbours } from './hearing.ts'

/** A channel, from its Newchannel (or the first event that names it) to its Hangup. */
export interface Channel {
  /** Its Uniqueid. */
  readonly uniqueid: string
  /** `PJSIP/1001-00000001` */
  name: string
  /** The one that it is in. */
  bridge: Bridge | undefined
  /** Whether its Newchannel was seen. If not, much about it is unknown. */
  isCreated: boolean
  /** Whether it was answered. */
  isUp: boolean
  /** Whether it has hung up. */
  isGone: boolean
  /** The other half of a Local channel. */
  otherHalf: Channel | undefined
  /** A Local half that Asterisk is optimising away: nobody asked for its HangupRequest. */
  optimisedAway: boolean
  /** The channel that replaces a Local half that Asterisk is optimising away. */
  successor: Channel | undefined
  /**
   * Where to find that channel if LocalOptimizationBegin did not name it: in this bridge, next to the channel that
   * joined it.
   */
  successors: { bridge: Bridge; besides: Channel } | undefined
}

/** A bridge, while a channel is in it. */
export interface Bridge {
  /** Its BridgeUniqueid. */
  readonly uniqueid: string
  /** Those in it. */
  readonly channels: Set<Channel>
  /** Whether the channels in it hear each other. In a parking lot they do not. */
  readonly joins: boolean
  /** Whether it mixes many voices (`*3`, ConfBridge): the hold of one phone then puts nobody on music. */
  isConference: boolean
}

/** The ChannelState of a channel that is answered. */
export const UP = '6'

export interface ChannelWatcher {
  /** A Local half was optimised away; `by` replaces it. */
  replaced?(half: Channel, by: Channel): void
  /** The channel is not in this bridge any more. */
  left?(channel: Channel, bridge: Bridge): void
  /**
   * The channel has hung up.
   *
   * @param at ms since the epoch
   * @param isUnseen whether no event showed it. If two channels went unseen, it is unknown which one went first
   */
  gone?(channel: Channel, at: number, isUnseen: boolean): void
}

/**
 * Greatest number of channels in the table. Only missing Hangups (a stream with gaps) can fill it; then the oldest
 * channel is dropped.
 */
const MAX_CHANNELS = 500_000

/** How many channels that hung up are remembered, at least. At most twice as many. */
const GONE_REMEMBERED = 1024

/**
 * Events that may name a channel from before the stream, besides the events of channels and bridges. Every program of a
 * pipe reads them, whatever it follows. If the Newchannel was missed, only the names show which Local halves are a
 * pair, and all programs of the pipe must see the same pairs.
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
  /** Local halves by name: if the LocalBridge was missed, only the names show the pair. */
  private readonly localHalves = new Map<string, Channel>()
  /** The last channels that hung up: other threads may send events about a channel a moment after its Hangup. */
  private lastGone = new Set<string>()
  private goneBefore = new Set<string>()

  /** Calls a watcher for everything that happens from now on, after the watchers that are already there. */
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
    // The same Uniqueid again: the dump has a recording twice, or Asterisk was restarted.
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
    // A third party turns a conversation into a conference. When it has left, the bridge may be a conversation again.
    bridge.isConference = technology === 'softmix'
    if (channel.bridge !== bridge) this.takeOut(channel)
    channel.bridge = bridge
    bridge.channels.add(channel)
    // Asterisk optimises a Local half away by swapping in a neighbour. (An attended transfer swaps the target in for
    // the transferer in the same way, but that is a phone's channel and not a Local half.)
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

  /** If a Local half that is optimised away has left, puts the channel that replaces it in its place. */
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
    // A channel that hangs up is gone: this counts more.
    if (!channel.isGone) for (const watcher of this.watchers) watcher.left?.(channel, bridge)
  }

  /**
   * Notes who is behind each half of a pair that is about to go. Only the leaving halves show that the bridges were
   * joined: LocalOptimizationEnd says `Success: No` even if it worked (16.28, 22.10).
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
