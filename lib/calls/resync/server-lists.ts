import { OWN_ACTION_ID } from '../../ami/action.ts'
import type { AmiMessage, HeaderValue } from '../../ami/message.ts'
import { LISTS } from '../../ami/own-events.ts'
import { numberIn } from '../caller-number.ts'
import { UP } from '../channels.ts'

/** A channel as the server lists it. */
export interface ListedChannel {
  readonly uniqueid: string
  readonly name: string
  /** The caller's number; '' if it is not known. */
  readonly number: string
  /** The Uniqueid of the bridge that it is in; '' if it is in none. */
  bridge: string
  /** Whether it is answered. */
  isUp: boolean
  /** The application that it runs, and the first of its arguments; '' if that is not known. */
  application: string
  argument: string
  /** Whether somebody has put it on hold, so that it hears music; undefined if the server does not say (before 16). */
  isOnHold: boolean | undefined
}

export interface ListedBridge {
  readonly uniqueid: string
  readonly type: string
  readonly technology: string
}

export interface ListedMember {
  readonly queue: string
  readonly name: string
  /** As in a channel's name: without the options of a Local channel. */
  readonly location: string
  readonly stateInterface: string
  /** Whether it talks on a call of the queue; undefined if the server does not say. */
  readonly inCall: boolean | undefined
}

/** Headers of a list item that do not describe the listed thing. */
const OF_ITEM = new Set(['Event', 'Privilege', 'Timestamp', 'ActionID', 'EventList'])

/** `CHANNEL(onhold)=1` */
const ON_HOLD = /^CHANNEL\(onhold\)=([01])$/

/** What the server listed since the last login. Messages are read one by one; at the end everything is there. */
export class ServerLists {
  static readonly events = [
    'CoreShowChannel',
    'Status',
    'BridgeListItem',
    'BridgeInfoChannel',
    'BridgeInfoComplete',
    'ParkedCall',
    'QueueMember',
    'QueueEntry',
  ]

  readonly channels = new Map<string, ListedChannel>()
  readonly bridges = new Map<string, ListedBridge>()
  /** The parked calls by the Uniqueids of their channels, with all their headers. */
  readonly parked = new Map<string, ReadonlyMap<string, HeaderValue>>()
  readonly members: ListedMember[] = []
  /** The callers that wait in a queue, by their Uniqueids: the names of their queues. */
  readonly waiting = new Map<string, string>()
  /** When the server started, in its own words; undefined if it did not say. */
  startTime: string | undefined
  /** The actions whose lists are complete. */
  private whole: ReadonlySet<string> = new Set()
  private readonly byBridge = new Map<string, ListedChannel[]>()
  private readonly membersOfBridge = new Map<string, string[]>()

  /** Whether all channels of the server are in {@link channels}. */
  get hasChannels(): boolean {
    return this.whole.has('CoreShowChannels') || this.whole.has('Status')
  }

  /** Whether it is known who is in which bridge. */
  get hasBridges(): boolean {
    return this.whole.has('BridgeList') && (this.hasChannels || this.whole.has('BridgeInfo'))
  }

  get hasParked(): boolean {
    return this.whole.has('ParkedCalls')
  }

  get hasQueues(): boolean {
    return this.whole.has('QueueStatus')
  }

  /** Reads a message, if it answers an action of our own. */
  read(message: AmiMessage): void {
    if (message.get('ActionID')?.startsWith(OWN_ACTION_ID) !== true) return
    switch (message.event) {
      case '':
        this.readStartTime(message)
        break
      case 'CoreShowChannel':
      case 'Status':
        this.readChannel(message)
        break
      case 'BridgeListItem':
        this.readBridge(message)
        break
      case 'BridgeInfoChannel':
        this.readMemberOfBridge(message)
        break
      case 'BridgeInfoComplete':
        this.endBridge(message)
        break
      case 'ParkedCall':
        this.parked.set(message.get('ParkeeUniqueid') ?? '', withoutItemHeaders(message))
        break
      case 'QueueMember':
        this.members.push({
          queue: message.get('Queue') ?? '',
          name: message.get('Name') ?? '',
          location: withoutLocalOptions(message.get('Location') ?? ''),
          stateInterface: message.get('StateInterface') ?? '',
          inCall: message.get('InCall') === undefined ? undefined : message.get('InCall') === '1',
        })
        break
      case 'QueueEntry':
        this.waiting.set(message.get('Uniqueid') ?? '', message.get('Queue') ?? '')
        break
    }
  }

  /** All lists are here. */
  end(message: AmiMessage): void {
    this.whole = new Set((message.get(LISTS) ?? '').split(','))
    for (const channel of this.channels.values()) {
      if (channel.bridge === '') continue
      const others = this.byBridge.get(channel.bridge)
      if (others === undefined) this.byBridge.set(channel.bridge, [channel])
      else others.push(channel)
    }
  }

  /** The channels that the server lists in a bridge. */
  inBridge(bridge: string): readonly ListedChannel[] {
    return this.byBridge.get(bridge) ?? []
  }

  /** Whether the channels in this bridge hear each other. */
  joins(bridge: string): boolean {
    const listed = this.bridges.get(bridge)
    return listed !== undefined && listed.type !== 'parking' && listed.technology !== 'holding_bridge'
  }

  private readStartTime(response: AmiMessage): void {
    this.startTime = startTimeIn(response) ?? this.startTime
  }

  private readChannel(message: AmiMessage): void {
    const channel = this.listed(message)
    const application = message.get('Application') ?? ''
    if (application !== '') {
      channel.application = application
      // CoreShowChannels says ApplicationData, Status says Data.
      channel.argument = (message.get('ApplicationData') ?? message.get('Data') ?? '').split(',')[0] ?? ''
    }
    channel.bridge = message.get('BridgeId') ?? channel.bridge
    channel.isUp = message.get('ChannelState') === UP
    for (const variable of valuesOf(message, 'Variable')) {
      const value = ON_HOLD.exec(variable)?.[1]
      if (value !== undefined) channel.isOnHold = value === '1'
    }
  }

  private listed(message: AmiMessage): ListedChannel {
    const uniqueid = message.get('Uniqueid') ?? ''
    const known = this.channels.get(uniqueid)
    if (known !== undefined) return known
    const channel: ListedChannel = {
      uniqueid,
      name: message.get('Channel') ?? '',
      number: numberIn(message, 'CallerIDNum'),
      bridge: '',
      isUp: false,
      application: '',
      argument: '',
      isOnHold: undefined,
    }
    this.channels.set(uniqueid, channel)
    return channel
  }

  private readBridge(message: AmiMessage): void {
    const uniqueid = message.get('BridgeUniqueid') ?? ''
    const [type = '', technology = ''] = [message.get('BridgeType'), message.get('BridgeTechnology')]
    this.bridges.set(uniqueid, { uniqueid, type, technology })
  }

  /** The items of BridgeInfo do not name their bridge: the end of their list does. */
  private readMemberOfBridge(message: AmiMessage): void {
    const actionId = message.get('ActionID') ?? ''
    const channel = this.listed(message)
    channel.isUp = message.get('ChannelState') === UP
    this.membersOfBridge.set(actionId, [...(this.membersOfBridge.get(actionId) ?? []), channel.uniqueid])
  }

  private endBridge(message: AmiMessage): void {
    const actionId = message.get('ActionID') ?? ''
    for (const uniqueid of this.membersOfBridge.get(actionId) ?? []) {
      const channel = this.channels.get(uniqueid)
      if (channel !== undefined) channel.bridge = message.get('BridgeUniqueid') ?? ''
    }
    this.membersOfBridge.delete(actionId)
  }
}

function valuesOf(message: AmiMessage, name: string): readonly string[] {
  const value = message.headers().get(name) ?? []
  return typeof value === 'string' ? [value] : value
}

function withoutItemHeaders(message: AmiMessage): ReadonlyMap<string, HeaderValue> {
  return new Map([...message.headers()].filter(([name]) => !OF_ITEM.has(name)))
}

/** `Local/1002@from-queue/n` is the member whose channels are called `Local/1002@from-queue-…`. */
function withoutLocalOptions(location: string): string {
  return location.replace(/^(Local\/.*)\/\w+$/i, '$1')
}

/** When the server started, in its own words, if this is its answer to CoreStatus. */
export function startTimeIn(message: AmiMessage): string | undefined {
  const date = message.event === '' ? message.get('CoreStartupDate') : undefined
  return date === undefined ? undefined : `${date} ${message.get('CoreStartupTime') ?? ''}`
}
