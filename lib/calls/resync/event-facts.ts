import type { AmiMessage } from '../../ami/message.ts'
import type { Channel, ChannelTable } from '../channels.ts'

/** What an event is about. */
export type Matter = 'channel' | 'bridge' | 'music' | 'queue' | 'parking' | 'end'

/** Which channels an event names (the beginnings of their headers), and which matters of these channels it is about. */
const TELLS: Readonly<Record<string, readonly (readonly [prefix: string, matter: Matter])[]>> = {
  Newchannel: [['', 'channel']],
  Newstate: [['', 'channel']],
  DialBegin: [
    ['', 'channel'],
    ['Dest', 'channel'],
  ],
  QueueCallerJoin: [['', 'queue']],
  AgentConnect: [
    ['', 'queue'],
    ['Dest', 'queue'],
  ],
  AgentComplete: [['', 'queue']],
  Hold: [['', 'music']],
  Unhold: [['', 'music']],
  MusicOnHoldStart: [['', 'music']],
  MusicOnHoldStop: [['', 'music']],
  ParkedCall: [['Parkee', 'parking']],
  ParkedCallSwap: [['Parkee', 'parking']],
  ParkedCallGiveUp: [['Parkee', 'parking']],
  ParkedCallTimeOut: [['Parkee', 'parking']],
  UnParkedCall: [
    ['Parkee', 'parking'],
    ['Retriever', 'parking'],
  ],
  BridgeEnter: [
    ['', 'bridge'],
    ['Swap', 'bridge'],
  ],
  BridgeLeave: [['', 'bridge']],
  Hangup: [
    ['', 'bridge'],
    ['', 'end'],
  ],
  LocalBridge: [
    ['LocalOne', 'bridge'],
    ['LocalTwo', 'bridge'],
  ],
  LocalOptimizationBegin: [
    ['LocalOne', 'bridge'],
    ['LocalTwo', 'bridge'],
  ],
}

/** Facts about channels from events that only the comparison with the server's lists needs. */
export class EventFacts {
  private readonly channels: ChannelTable
  /** The channels that dialled others. */
  readonly diallers = new Set<Channel>()
  /** The channels that were dialled. */
  readonly dialled = new Set<Channel>()
  /** The channels that hear music, and the channels that put others on music. */
  readonly hearing = new Set<Channel>()
  readonly holding = new Set<Channel>()
  /** The channels that were in a queue. */
  readonly queued = new Set<Channel>()
  /** What events said since {@link begin}, by Uniqueid; undefined while no lists are awaited. */
  private news: Map<string, Set<Matter>> | undefined
  private isFrozen = true

  constructor(channels: ChannelTable) {
    this.channels = channels
    channels.watch({
      gone: (channel) => {
        const { diallers, dialled, hearing, holding, queued } = this
        for (const set of [diallers, dialled, hearing, holding, queued]) set.delete(channel)
      },
    })
  }

  /** How many entries all its tables hold. */
  get size(): number {
    const { diallers, dialled, hearing, holding, queued } = this
    return diallers.size + dialled.size + hearing.size + holding.size + queued.size
  }

  /** From now on, events are newer than the gap in the stream. */
  begin(): void {
    this.news = new Map()
    this.isFrozen = false
  }

  /** From now on, events follow from the lists: they are no news. */
  freeze(): void {
    this.isFrozen = true
  }

  end(): void {
    this.news = undefined
  }

  /**
   * Whether an event since {@link begin} was about this matter of a channel, or about any matter of it. Then the lists
   * do not count: Asterisk itself sends all events of a channel that was there after the login, also its Hangup.
   */
  isNews(uniqueid: string, matter?: Matter): boolean {
    const of = this.news?.get(uniqueid)
    return of !== undefined && (matter === undefined || of.has(matter))
  }

  /** Reads a message that the model has read. */
  follow(message: AmiMessage): void {
    // ParkedCall is the only one of these events that is also an item of a list.
    const tells = message.isListItem() ? undefined : TELLS[message.event]
    if (tells === undefined) return
    if (this.news !== undefined && !this.isFrozen) this.note(message, tells)
    this.sort(message)
  }

  private note(message: AmiMessage, tells: (typeof TELLS)[string]): void {
    for (const [prefix, matter] of tells) {
      const uniqueid = message.get(`${prefix}Uniqueid`)
      if (uniqueid === undefined) continue
      const matters = this.news?.get(uniqueid)
      if (matters === undefined) this.news?.set(uniqueid, new Set([matter]))
      else matters.add(matter)
    }
  }

  private sort(message: AmiMessage): void {
    switch (message.event) {
      case 'DialBegin':
        add(this.diallers, this.seen(message))
        add(this.dialled, this.seen(message, 'Dest'))
        break
      case 'QueueCallerJoin':
      case 'AgentConnect':
        add(this.queued, this.seen(message))
        break
      case 'Hold':
        add(this.holding, this.seen(message))
        break
      case 'Unhold':
        this.holding.delete(this.seen(message) as Channel)
        break
      case 'MusicOnHoldStart':
        add(this.hearing, this.seen(message))
        break
      case 'MusicOnHoldStop':
        this.hearing.delete(this.seen(message) as Channel)
        break
    }
  }

  private seen(message: AmiMessage, prefix = ''): Channel | undefined {
    return this.channels.seen(message.get(`${prefix}Uniqueid`), message.get(`${prefix}Channel`))
  }
}

function add(set: Set<Channel>, channel: Channel | undefined): void {
  if (channel !== undefined) set.add(channel)
}
