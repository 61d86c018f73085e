import type { AmiMessage } from '../../ami/message.ts'
import { type Channel, ChannelTable, UP } from '../channels.ts'

/** A call of one of Asterisk's queues that a member has answered. */
export interface QueueCall {
  readonly caller: Channel
  agent: Channel
  readonly queue: string
  readonly member: string
}

/** The lot and the space of a parked call. */
export interface ParkingPlace {
  readonly lot: string
  readonly space: string
}

/** What a change is of. */
export type Matter = 'channel' | 'bridge' | 'music' | 'queue' | 'parking'

/**
 * What the events so far told: all that a later resynchronisation may find otherwise. It knows every channel that any
 * tracker may know.
 */
export class KnownCalls {
  static readonly events = [
    ...ChannelTable.events,
    'AgentComplete',
    'AgentConnect',
    'DialBegin',
    'Hold',
    'MusicOnHoldStart',
    'MusicOnHoldStop',
    'Newstate',
    'ParkedCall',
    'ParkedCallGiveUp',
    'ParkedCallSwap',
    'ParkedCallTimeOut',
    'QueueCallerJoin',
    'UnParkedCall',
    'Unhold',
  ]

  readonly channels = new ChannelTable()
  /** The channels of which the beginning was seen. */
  readonly created = new Set<Channel>()
  readonly up = new Set<Channel>()
  /** Those that dialled others. */
  readonly diallers = new Set<Channel>()
  /** Those that were dialled. */
  readonly dialled = new Set<Channel>()
  /** Those that hear music, and those that put others on music. */
  readonly hearing = new Set<Channel>()
  readonly holding = new Set<Channel>()
  /** The channels that were in a queue. */
  readonly queued = new Set<Channel>()
  /** By their callers. */
  private readonly byCaller = new Map<Channel, QueueCall[]>()
  readonly parked = new Map<Channel, ParkingPlace>()
  /** What was told since {@link begin}, by Uniqueid; undefined while no lists are awaited. */
  private changes: Map<string, Set<Matter>> | undefined
  private isFrozen = true

  constructor() {
    this.channels.watch({
      replaced: (half, by) => this.replaced(half, by),
      gone: (channel) => this.gone(channel),
    })
  }

  /** How many entries all its tables hold. */
  get size(): number {
    const sets = [
      this.created,
      this.up,
      this.diallers,
      this.dialled,
      this.hearing,
      this.holding,
      this.queued,
      this.parked,
      this.byCaller,
    ]
    return sets.reduce((sum, { size }) => sum + size, this.channels.size)
  }

  queueCalls(): QueueCall[] {
    return [...this.byCaller.values()].flat()
  }

  queueCallsOf(caller: Channel): readonly QueueCall[] {
    return this.byCaller.get(caller) ?? []
  }

  /** From now on, what is told is newer than the gap in the stream. */
  begin(): void {
    this.changes = new Map()
    this.isFrozen = false
  }

  /** What is told from now on follows from the lists: it is no news. */
  freeze(): void {
    this.isFrozen = true
  }

  end(): void {
    this.changes = undefined
  }

  /**
   * Whether an event since {@link begin} told of this matter of a channel, or of anything of it. The lists have nothing to
   * say then: a channel that was there after the login gets its events, its Hangup too, from Asterisk itself.
   */
  isNews(uniqueid: string, matter?: Matter): boolean {
    const of = this.changes?.get(uniqueid)
    return of !== undefined && (matter === undefined || of.has(matter))
  }

  follow(message: AmiMessage): void {
    switch (message.event) {
      case 'Newchannel':
        this.channels.apply(message, message.timestamp ?? 0)
        this.create(message)
        break
      case 'Newstate':
        this.changeState(message, this.seen(message))
        break
      case 'DialBegin':
        add(this.diallers, this.seen(message, '', 'channel'))
        add(this.dialled, this.seen(message, 'Dest', 'channel'))
        break
      case 'QueueCallerJoin':
        add(this.queued, this.seen(message, '', 'queue'))
        break
      case 'AgentConnect':
        this.connect(message)
        break
      case 'AgentComplete':
        this.complete(message)
        break
      case 'Hold':
        add(this.holding, this.seen(message, '', 'music'))
        break
      case 'Unhold':
        this.holding.delete(this.seen(message, '', 'music') as Channel)
        break
      case 'MusicOnHoldStart':
        add(this.hearing, this.seen(message, '', 'music'))
        break
      case 'MusicOnHoldStop':
        this.hearing.delete(this.seen(message, '', 'music') as Channel)
        break
      case 'ParkedCall':
      case 'ParkedCallSwap':
        this.park(message)
        break
      case 'ParkedCallGiveUp':
      case 'ParkedCallTimeOut':
      case 'UnParkedCall':
        this.seen(message, 'Retriever', 'parking')
        this.unpark(message)
        break
      default:
        this.followBridge(message)
    }
  }

  /** Notes a channel that an event names, and that it told of a matter of it. */
  private seen(message: AmiMessage, prefix = '', matter: Matter = 'channel'): Channel | undefined {
    const uniqueid = message.get(`${prefix}Uniqueid`)
    this.note(uniqueid, matter)
    return this.channels.seen(uniqueid, message.get(`${prefix}Channel`))
  }

  private note(uniqueid: string | undefined, matter: Matter): void {
    if (this.isFrozen || this.changes === undefined || uniqueid === undefined) return
    const matters = this.changes.get(uniqueid)
    if (matters === undefined) this.changes.set(uniqueid, new Set([matter]))
    else matters.add(matter)
  }

  private create(message: AmiMessage): void {
    const channel = this.seen(message)
    add(this.created, channel)
    this.changeState(message, channel)
  }

  private changeState(message: AmiMessage, channel: Channel | undefined): void {
    if (message.get('ChannelState') === UP) add(this.up, channel)
  }

  private followBridge(message: AmiMessage): void {
    if (!this.isFrozen) {
      this.note(message.get('Uniqueid'), 'bridge')
      this.note(message.get('SwapUniqueid'), 'bridge')
      this.note(message.get('LocalOneUniqueid'), 'bridge')
      this.note(message.get('LocalTwoUniqueid'), 'bridge')
    }
    this.channels.apply(message, message.timestamp ?? 0)
  }

  private connect(message: AmiMessage): void {
    const caller = this.seen(message, '', 'queue')
    const agent = this.seen(message, 'Dest', 'queue')
    if (caller === undefined || agent === undefined) return
    const [queue = '', member = ''] = [message.get('Queue'), message.get('MemberName')]
    this.queued.add(caller)
    const open = this.queueCallsOf(caller)
    // One that was adopted from the lists may be told a moment later.
    if (open.some((call) => call.agent === agent)) return
    this.byCaller.set(caller, [...open, { caller, agent, queue, member }])
  }

  private complete(message: AmiMessage): void {
    this.note(message.get('Uniqueid'), 'queue')
    const caller = this.channels.find(message.get('Uniqueid'))
    if (caller === undefined) return
    const open = this.queueCallsOf(caller)
    const ofQueue = open.filter(({ queue }) => queue === message.get('Queue'))
    const ended = ofQueue.find(({ member }) => member === message.get('MemberName')) ?? ofQueue[0]
    const left = open.filter((call) => call !== ended)
    if (left.length > 0) this.byCaller.set(caller, left)
    else this.byCaller.delete(caller)
  }

  private park(message: AmiMessage): void {
    // Of all events that are followed, the only one that is an item of a list as well.
    if (message.isListItem()) return
    const channel = this.seen(message, 'Parkee', 'parking')
    if (channel === undefined) return
    const place = { lot: message.get('Parkinglot') ?? '', space: message.get('ParkingSpace') ?? '' }
    // An attended transfer into a lot: the one who stood there for the parked one goes.
    if (message.event === 'ParkedCallSwap') {
      for (const [before, { lot, space }] of this.parked) {
        if (lot === place.lot && space === place.space) this.parked.delete(before)
      }
    }
    this.parked.set(channel, place)
  }

  private unpark(message: AmiMessage): void {
    const uniqueid = message.get('ParkeeUniqueid')
    this.note(uniqueid, 'parking')
    const channel = this.channels.find(uniqueid)
    if (channel !== undefined) this.parked.delete(channel)
  }

  private replaced(half: Channel, by: Channel): void {
    for (const call of this.queueCalls()) if (call.agent === half) call.agent = by
  }

  private gone(channel: Channel): void {
    const { created, up, diallers, dialled, hearing, holding, queued } = this
    for (const set of [created, up, diallers, dialled, hearing, holding, queued]) set.delete(channel)
    this.parked.delete(channel)
    this.byCaller.delete(channel)
  }
}

function add(set: Set<Channel>, channel: Channel | undefined): void {
  if (channel !== undefined) set.add(channel)
}
