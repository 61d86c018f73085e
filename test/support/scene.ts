import { HeaderMessage, type HeaderValue } from '../../lib/ami/message.ts'
import { QueueLogRecord } from '../../lib/queue-log/record.ts'
import type { StageRecord } from '../../lib/records/record.ts'

/** The epoch second at which every scene begins. */
export const T0 = 1_800_000_000

/**
 * A call flow in the words of AMI, for tests: each method is one event, at the scene's time.
 *
 * Channels are named as one likes (`PJSIP/1001`, `caller`); a name that ends in `;1` or `;2` is a Local half.
 */
export class Scene {
  readonly records: StageRecord[] = []
  private readonly uniqueids = new Map<string, string>()
  private milliseconds = 0

  /** Moves the scene's time: seconds since its beginning. */
  at(seconds: number): this {
    this.milliseconds = Math.round(seconds * 1000)
    return this
  }

  uniqueid(channel: string): string {
    const known = this.uniqueids.get(channel)
    if (known !== undefined) return known
    const uniqueid = `${T0}.${this.uniqueids.size}`
    this.uniqueids.set(channel, uniqueid)
    return uniqueid
  }

  event(event: string, headers: Record<string, string> = {}): this {
    const seconds = T0 + Math.floor(this.milliseconds / 1000)
    const fraction = String(this.milliseconds % 1000).padStart(3, '0')
    const all: [string, HeaderValue][] = [
      ['Event', event],
      ['Privilege', 'call,all'],
      ['Timestamp', `${seconds}.${fraction}000`],
      ...Object.entries(headers),
    ]
    this.records.push(new HeaderMessage(new Map(all)))
    return this
  }

  /** A line of an earlier stage. */
  line(callid: string, queuename: string, agent: string, event: string, ...data: string[]): this {
    this.records.push(
      new QueueLogRecord({ time: T0 + this.milliseconds / 1000, callid, queuename, agent, event, data }),
    )
    return this
  }

  enter(bridge: string, channel: string, more: Record<string, string> = {}): this {
    return this.event('BridgeEnter', {
      BridgeUniqueid: bridge,
      BridgeType: 'basic',
      BridgeTechnology: 'simple_bridge',
      ...this.channel('', channel),
      ...more,
    })
  }

  enterLot(bridge: string, channel: string): this {
    return this.enter(bridge, channel, { BridgeType: 'parking', BridgeTechnology: 'holding_bridge' })
  }

  /** `by` enters the bridge in the place of `channel`. */
  swap(bridge: string, channel: string, by: string): this {
    return this.enter(bridge, by, { SwapUniqueid: this.uniqueid(channel) })
  }

  leave(bridge: string, channel: string): this {
    return this.event('BridgeLeave', { BridgeUniqueid: bridge, ...this.channel('', channel) })
  }

  hold(channel: string): this {
    return this.event('Hold', this.channel('', channel))
  }

  unhold(channel: string): this {
    return this.event('Unhold', this.channel('', channel))
  }

  music(channel: string): this {
    return this.event('MusicOnHoldStart', { ...this.channel('', channel), Class: 'default' })
  }

  silence(channel: string): this {
    return this.event('MusicOnHoldStop', this.channel('', channel))
  }

  hangupRequest(channel: string): this {
    return this.event('HangupRequest', this.channel('', channel))
  }

  hangup(...channels: string[]): this {
    for (const channel of channels) this.event('Hangup', { ...this.channel('', channel), Cause: '16' })
    return this
  }

  localBridge(pair: string): this {
    return this.event('LocalBridge', this.halvesOf(pair))
  }

  localOptimizationBegin(pair: string): this {
    return this.event('LocalOptimizationBegin', this.halvesOf(pair))
  }

  /** Queue `support` connects its caller to a member. */
  agentConnect(caller: string, agent: string, member = agent, queue = 'support', more = {}): this {
    return this.event('AgentConnect', {
      ...this.channel('', caller),
      ...this.channel('Dest', agent),
      Queue: queue,
      MemberName: member,
      HoldTime: '1',
      ...more,
    })
  }

  agentComplete(caller: string, member: string, queue = 'support'): this {
    return this.event('AgentComplete', { ...this.channel('', caller), Queue: queue, MemberName: member })
  }

  /** A queue call connected and bridged in bridge `queue` at the scene's time. */
  connected(caller: string, agent: string, member = agent, more: Record<string, string> = {}): this {
    return this.agentConnect(caller, agent, member, 'support', more).enter('queue', agent).enter('queue', caller)
  }

  /** The same with a Local member: `member;1` in the queue's bridge, `member;2` with the phone in bridge `phone`. */
  connectedThroughLocal(caller: string, member: string, phone: string): this {
    return this.localBridge(member)
      .enter('phone', phone)
      .agentConnect(caller, `${member};1`, member)
      .enter('queue', `${member};1`)
      .enter('phone', `${member};2`)
      .enter('queue', caller)
  }

  create(channel: string, exten = '5550001', accountCode = ''): this {
    return this.event('Newchannel', {
      ...this.channel('', channel),
      Exten: exten,
      AccountCode: accountCode,
      ChannelState: '0',
    })
  }

  up(channel: string): this {
    return this.event('Newstate', { ...this.channel('', channel), ChannelState: '6' })
  }

  /** `caller` dials `dest`, which is created for it; an Originate has no caller. */
  dial(caller: string | undefined, dest: string, more: Record<string, string> = {}): this {
    if (!this.uniqueids.has(dest)) this.create(dest, 's')
    return this.event('DialBegin', {
      ...(caller === undefined ? {} : this.channel('', caller)),
      ...this.channel('Dest', dest),
      ...more,
    })
  }

  dialEnd(caller: string | undefined, dest: string, status = 'ANSWER'): this {
    return this.event('DialEnd', {
      ...(caller === undefined ? {} : this.channel('', caller)),
      ...this.channel('Dest', dest),
      DialStatus: status,
    })
  }

  /** A dial that `dest` has answered, both in one bridge. */
  answered(caller: string, dest: string, bridge = 'talk'): this {
    return this.up(dest).dialEnd(caller, dest).up(caller).enter(bridge, dest).enter(bridge, caller)
  }

  blindTransfer(transferer: string, transferee: string, exten: string, result = 'Success'): this {
    return this.event('BlindTransfer', {
      Result: result,
      ...this.channel('Transferer', transferer),
      ...this.channel('Transferee', transferee),
      Extension: exten,
      Context: 'from-internal',
    })
  }

  attendedTransfer(original: string, second: string, more: Record<string, string> = {}): this {
    return this.event('AttendedTransfer', {
      Result: 'Success',
      ...this.channel('OrigTransferer', original),
      ...this.channel('SecondTransferer', second),
      DestType: 'Bridge',
      DestBridgeUniqueid: 'b-1',
      ...more,
    })
  }

  /** An event of a parking: ParkedCall, UnParkedCall, ParkedCallSwap, ParkedCallGiveUp, ParkedCallTimeOut. */
  parking(event: string, parkee: string, more: Record<string, string> = {}): this {
    return this.event(event, {
      ...this.channel('Parkee', parkee),
      ParkeeCallerIDNum: '5551000',
      Parkinglot: 'default',
      ParkingSpace: '701',
      ...more,
    })
  }

  retrieve(parkee: string, retriever: string, more: Record<string, string> = {}): this {
    return this.parking('UnParkedCall', parkee, { ...this.channel('Retriever', retriever), ...more })
  }

  queueCallerJoin(channel: string): this {
    return this.event('QueueCallerJoin', { ...this.channel('', channel), Queue: 'support' })
  }

  private halvesOf(pair: string): Record<string, string> {
    return { ...this.channel('LocalOne', `${pair};1`), ...this.channel('LocalTwo', `${pair};2`) }
  }

  private channel(prefix: string, name: string): Record<string, string> {
    return { [`${prefix}Channel`]: name, [`${prefix}Uniqueid`]: this.uniqueid(name) }
  }
}
