import type { AmiMessage } from '../ami/message.ts'
import { GAP, RESYNC_BEGIN, RESYNC_END } from '../ami/own-events.ts'
import type { Change, Followed } from './change.ts'
import { type Bridge, type Channel, ChannelTable } from './channels.ts'
import { Conversations } from './conversations.ts'
import type { Deadlines } from './deadlines.ts'
import { Dials } from './dials.ts'
import { halvesBehind, partiesWith } from './hearing.ts'
import { Holds } from './holds.ts'
import { Parkings } from './parkings.ts'
import { QueueCalls } from './queue-calls.ts'
import { QueueMembers } from './queue-members.ts'

/** The events that are needed to follow each of these. */
const EVENTS: Readonly<Record<Followed, readonly string[]>> = {
  dials: [...ChannelTable.events, ...Conversations.events, ...Dials.events, RESYNC_BEGIN, RESYNC_END, GAP],
  parkings: [...ChannelTable.events, ...Conversations.events, ...Parkings.events, GAP],
  'queue-calls': [...ChannelTable.events, ...QueueCalls.events, GAP],
  holds: [...ChannelTable.events, ...Holds.events, 'HangupRequest'],
  members: QueueMembers.events,
}

/** All that can be followed. */
export const FOLLOWED = Object.keys(EVENTS) as readonly Followed[]

/** The events whose headers the model reads to follow these. */
export function eventsOf(followed: Iterable<Followed>): ReadonlySet<string> {
  return new Set([...followed].flatMap((one) => EVENTS[one]))
}

/**
 * The model of all calls: who is bridged with whom, who dials, talks, holds and is parked. Only this class reads what
 * AMI says about calls. Each message becomes changes, and all other code reads the changes.
 *
 * It has no clock and no timer: everything that waits is in {@link Deadlines}.
 */
export class Calls {
  /** The events whose headers it reads. */
  events: ReadonlySet<string>
  readonly channels = new ChannelTable()
  readonly conversations: Conversations
  readonly queueCalls: QueueCalls
  readonly parkings: Parkings
  readonly members: QueueMembers
  private readonly dials: Dials
  private readonly holds: Holds
  private follows: ReadonlySet<Followed>
  private changes: Change[] = []
  /**
   * The channels from before a gap in the stream that no event has named since, and the time of the gap (ms since the
   * epoch). They may be gone.
   */
  private readonly doubtful = new Map<Channel, number>()
  /** The time of the message at hand: ms since the epoch. */
  private at = 0

  /** @param followed what to follow; everything else is ignored */
  constructor(followed: Iterable<Followed>, deadlines: Deadlines) {
    this.follows = new Set(followed)
    this.events = eventsOf(this.follows)
    const tell = (change: Change): void => {
      this.changes.push(change)
    }
    this.conversations = new Conversations(this.channels, deadlines, tell)
    this.queueCalls = new QueueCalls(this.channels, tell)
    this.parkings = new Parkings(this.channels, this.conversations, deadlines, tell)
    this.dials = new Dials(this.channels, this.conversations, tell)
    this.holds = new Holds(this.channels, deadlines, tell)
    this.members = new QueueMembers(tell)
    this.channels.watch({
      replaced: (half, by) => this.replaced(half, by),
      left: (channel) => this.holds.left(channel, this.at),
      gone: (channel, at, isUnseen) => this.gone(channel, at, isUnseen),
    })
  }

  /** How many entries its tables of calls hold: none when no call is open. */
  get size(): number {
    const { channels, conversations, dials, doubtful, holds, parkings, queueCalls } = this
    const sizes = [channels, conversations, dials, doubtful, holds, parkings, queueCalls].map(({ size }) => size)
    return sizes.reduce((sum, size) => sum + size)
  }

  /** Follows everything from now on. */
  followAll(): void {
    if (this.follows.size === FOLLOWED.length) return
    this.follows = new Set(FOLLOWED)
    this.events = eventsOf(FOLLOWED)
  }

  /**
   * Reads a message of {@link events}.
   *
   * @param at ms since the epoch
   */
  apply(message: AmiMessage, at: number): void {
    this.at = at
    if (message.event === GAP) this.doubt(at)
    else if (this.doubtful.size > 0) this.confirm(message)
    const { follows } = this
    const followsDials = follows.has('dials')
    if (followsDials) this.dials.readFacts(message)
    // If only members are followed, no event is read that says that a channel is gone.
    if (follows.size > Number(follows.has('members'))) this.channels.apply(message, at)
    if (follows.has('queue-calls')) this.queueCalls.apply(message, at)
    // Connected calls first: one AttendedTransfer may end two of them, and the original one comes first.
    if (followsDials || follows.has('parkings')) this.conversations.apply(message, at)
    if (followsDials) this.dials.apply(message, at)
    if (follows.has('parkings')) this.parkings.apply(message, at)
    if (follows.has('holds')) this.readHold(message)
    if (follows.has('members')) this.members.apply(message, at)
    if (message.event === RESYNC_BEGIN) this.changes.push({ kind: 'gap', at })
    else if (message.event === RESYNC_END) {
      this.doubtful.clear()
      this.changes.push({ kind: 'gap-known', at })
    }
  }

  /** The stream is at its end: no event will name the doubtful channels any more. */
  end(): void {
    for (const [channel, at] of [...this.doubtful]) this.channels.hangUp(channel, at, true)
  }

  /** What has happened since the last call. */
  take(): readonly Change[] {
    if (this.changes.length === 0) return NO_CHANGES
    const { changes } = this
    this.changes = []
    return changes
  }

  private doubt(at: number): void {
    for (const channel of this.channels) if (!this.doubtful.has(channel)) this.doubtful.set(channel, at)
  }

  /** A channel that an event names still exists. A channel whose name a new channel has does not. */
  private confirm(message: AmiMessage): void {
    for (const header of NAMING_HEADERS) {
      const channel = this.channels.find(message.get(header))
      if (channel !== undefined) this.doubtful.delete(channel)
    }
    const name = message.event === 'Newchannel' ? message.get('Channel') : undefined
    if (name === undefined) return
    for (const [channel, at] of [...this.doubtful]) {
      if (channel.name === name) this.channels.hangUp(channel, at, true)
    }
  }

  private readHold(message: AmiMessage): void {
    const { at } = this
    this.holds.apply(message, at)
    if (message.event === 'HangupRequest') {
      const channel = this.channels.find(message.get('Uniqueid'))
      // Nobody hangs up a Local half that Asterisk optimises away.
      if (channel === undefined || channel.optimisedAway) return
      this.changes.push({ kind: 'hangup-requested', parties: partiesWith(channel), at })
    } else if (message.event === 'BridgeEnter') this.joined(this.channels.find(message.get('Uniqueid'))?.bridge)
  }

  private joined(bridge: Bridge | undefined): void {
    if (bridge?.joins !== true) return
    const halves = halvesBehind(bridge)
    if (halves.length > 0) this.changes.push({ kind: 'joined', halves, at: this.at })
  }

  private replaced(half: Channel, by: Channel): void {
    this.dials.replaced(half, by)
    this.conversations.replaced(half, by)
    this.queueCalls.replaced(half, by)
    this.changes.push({ kind: 'replaced', half, by, at: this.at })
  }

  private gone(channel: Channel, at: number, isUnseen: boolean): void {
    this.doubtful.delete(channel)
    this.dials.gone(channel, at)
    this.conversations.gone(channel, at, isUnseen)
    this.queueCalls.gone(channel, at)
    this.parkings.gone(channel, at)
    this.holds.gone(channel, at)
    this.dials.forget(channel)
    this.changes.push({ kind: 'gone', channel, at })
  }
}

/** The headers in which events name a channel. */
const NAMING_HEADERS = ['Uniqueid', 'DestUniqueid', 'ParkeeUniqueid', 'RetrieverUniqueid']

const NO_CHANGES: readonly Change[] = []
