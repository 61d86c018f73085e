import { amiMessage } from './ami-messages.ts'

/** A channel as the server lists it. */
export interface FakeChannel {
  name: string
  uniqueid: string
  /** The bridge that it is in. */
  bridge?: string
  application?: string
  data?: string
  onHold?: boolean
  /** Whether it is not answered yet. */
  isRinging?: boolean
}

export interface FakeParking {
  name: string
  uniqueid: string
  lot?: string
  space: string
  /** For how many seconds it has been there. */
  duration?: number
}

export interface FakeMember {
  queue: string
  name: string
  location: string
  /** That of the location, if undefined. */
  stateInterface?: string
  /** Whether it talks to a caller of the queue; before Asterisk 16, a server may not say. */
  inCall?: boolean
}

type Headers = [name: string, value: string][]

/** The calls of a fake server, as its list actions tell them. */
export class FakePbx {
  channels: FakeChannel[] = []
  parked: FakeParking[] = []
  members: FakeMember[] = []
  waiting: { queue: string; uniqueid: string }[] = []
  /** The bridges that are parking lots. */
  lots: string[] = []
  startDate = '2027-01-15'
  startTime = '08:00:00'
  /** The actions that the user may not do. */
  readonly refused = new Set<string>()

  /** Its user may see no list, only when it started: what is open cannot be looked up. */
  refuseLists(): void {
    for (const name of ['CoreShowChannels', 'BridgeList', 'Status', 'ParkedCalls', 'QueueStatus']) {
      this.refused.add(name)
    }
  }

  permitLists(): void {
    this.refused.clear()
  }

  /** All that is there has gone. */
  clear(): void {
    this.channels = []
    this.parked = []
    this.waiting = []
  }

  /** The messages that answer an action; undefined if it is none of a list. */
  answer(action: ReadonlyMap<string, string>): Buffer | undefined {
    const name = action.get('action') ?? ''
    const id = action.get('actionid') ?? ''
    const items = this.itemsOf(name, action)
    if (items === undefined) return undefined
    if (this.refused.has(name)) {
      return messages([
        ['Response', 'Error'],
        ['ActionID', id],
        ['Message', 'Permission denied'],
      ])
    }
    if (name === 'CoreStatus') {
      return messages([
        ['Response', 'Success'],
        ['ActionID', id],
        ['CoreStartupDate', this.startDate],
        ['CoreStartupTime', this.startTime],
      ])
    }
    const { listed, end } = items
    const response: Headers = [
      ['Response', 'Success'],
      ['ActionID', id],
      ['EventList', 'start'],
    ]
    // Privilege is the second line of an event, where there is one (16.28, 22.10).
    const item = ([event = '', ...headers]: readonly [string, ...Headers]): Headers => {
      const [first] = headers
      const hasPrivilege = first?.[0] === 'Privilege'
      const others = hasPrivilege ? headers.slice(1) : headers
      return [['Event', event], ...(hasPrivilege ? [first] : []), ['ActionID', id], ...others]
    }
    return messages(response, ...listed.map(item), [...item(end), ['EventList', 'Complete']])
  }

  private itemsOf(
    name: string,
    action: ReadonlyMap<string, string>,
  ): { listed: [string, ...Headers][]; end: [string, ...Headers] } | undefined {
    switch (name) {
      case 'CoreStatus':
        return { listed: [], end: [''] }
      case 'CoreShowChannels':
        return {
          listed: this.channels.map((channel) => [
            'CoreShowChannel',
            ...snapshot(channel),
            ['Application', channel.application ?? ''],
            ['ApplicationData', channel.data ?? ''],
            ['BridgeId', channel.bridge ?? ''],
          ]),
          end: ['CoreShowChannelsComplete'],
        }
      case 'Status':
        return {
          listed: this.channels.map((channel) => [
            'Status',
            ['Privilege', 'Call'],
            ...snapshot(channel),
            ['BridgeID', channel.bridge ?? ''],
            ['Application', channel.application ?? ''],
            ['Data', channel.data ?? ''],
            ['Variable', `${action.get('variables')}=${channel.onHold === true ? 1 : 0}`],
          ]),
          end: ['StatusComplete'],
        }
      case 'BridgeList':
        return {
          listed: this.bridges().map((one) => ['BridgeListItem', ...this.bridge(one)]),
          end: ['BridgeListComplete'],
        }
      case 'BridgeInfo': {
        const bridge = action.get('bridgeuniqueid') ?? ''
        const inside = this.channels.filter((channel) => channel.bridge === bridge)
        return {
          listed: inside.map((channel) => ['BridgeInfoChannel', ...snapshot(channel)]),
          end: ['BridgeInfoComplete', ...this.bridge(bridge)],
        }
      }
      case 'ParkedCalls':
        return {
          listed: this.parked.map(({ name, uniqueid, lot = 'default', space, duration = 0 }) => [
            'ParkedCall',
            ['ParkeeChannel', name],
            ['ParkeeCallerIDNum', '5551000'],
            ['ParkeeUniqueid', uniqueid],
            ['Parkinglot', lot],
            ['ParkingSpace', space],
            ['ParkingDuration', String(duration)],
          ]),
          end: ['ParkedCallsComplete'],
        }
      case 'QueueStatus':
        return {
          listed: [
            ...this.members.map(({ queue, name, location, stateInterface, inCall }): [string, ...Headers] => [
              'QueueMember',
              ['Queue', queue],
              ['Name', name],
              ['Location', location],
              ['StateInterface', stateInterface ?? location],
              ...(inCall === undefined ? [] : ([['InCall', inCall ? '1' : '0']] satisfies Headers)),
            ]),
            ...this.waiting.map(({ queue, uniqueid }): [string, ...Headers] => [
              'QueueEntry',
              ['Queue', queue],
              ['Uniqueid', uniqueid],
            ]),
          ],
          end: ['QueueStatusComplete'],
        }
      default:
        return undefined
    }
  }

  private bridges(): string[] {
    return [...new Set(this.channels.flatMap(({ bridge }) => bridge ?? []))]
  }

  private bridge(uniqueid: string): Headers {
    const isLot = this.lots.includes(uniqueid)
    return [
      ['BridgeUniqueid', uniqueid],
      ['BridgeType', isLot ? 'parking' : 'basic'],
      ['BridgeTechnology', isLot ? 'holding_bridge' : 'simple_bridge'],
    ]
  }
}

function snapshot({ name, uniqueid, isRinging = false }: FakeChannel): Headers {
  return [
    ['Channel', name],
    ['ChannelState', isRinging ? '5' : '6'],
    ['Uniqueid', uniqueid],
    ['Linkedid', uniqueid],
  ]
}

function messages(...all: Headers[]): Buffer {
  return Buffer.concat(all.map(amiMessage))
}
