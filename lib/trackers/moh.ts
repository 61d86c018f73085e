import type { AmiMessage } from '../ami/message.ts'
import { type Bridge, type Channel, ChannelTable } from '../channels.ts'
import { neighbours, type Place, placesInHold } from '../conversation.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log.ts'
import { type ConnectedCall, ConnectedCalls, newlyConnected } from './connected-calls.ts'
import { interfaceOf, isEndVerb, uniqueidOf } from './fields.ts'
import { type HoldSignal, HoldSignals } from './hold-signals.ts'
import { type OnUnwritten, type OpenCall, type Tracker, taken } from './tracker.ts'

/**
 * How long, in ms, the end of a hold waits for the end of the call once somebody asked to hang up. Asterisk writes its
 * end line at the HangupRequest, and the music stops a moment later: CALLEROFFHOLD would stand behind the end.
 */
const END_OF_CALL_MS = 1000

/**
 * How long, in ms, music alone waits to be a hold. Parking moves a channel and starts its music within one or two, and
 * the two may be seen in any order.
 */
const SETTLING_MS = 2

/** Music that began but is not yet known to be a hold: its channel may be on its way into a parking lot. */
interface UnsettledMusic {
  channel: Channel
  bridge: Bridge | undefined
  call: ConnectedCall | undefined
  /** ms since the epoch */
  at: number
  /** Until when it is unsettled, by the stream's clock: ms since the epoch */
  until: number
}

/**
 * Writes CALLERONHOLD and CALLEROFFHOLD: the agent's side of a connected call puts the other party on music.
 *
 * Two kinds of signal tell of a hold, and either suffices: Hold/Unhold on the channel that holds, and
 * MusicOnHoldStart/Stop on the channel that hears the music. The first sign of either begins or ends it.
 */
export class MohTracker implements Tracker {
  readonly events: ReadonlySet<string> = new Set([
    ...ChannelTable.events,
    'AgentConnect',
    'AgentComplete',
    'Hold',
    'Unhold',
    'MusicOnHoldStart',
    'MusicOnHoldStop',
    'HangupRequest',
  ])

  onUnwritten: OnUnwritten | undefined

  private readonly channels: ChannelTable
  private readonly calls = new ConnectedCalls()
  private readonly trackedCalls = new Map<string, ConnectedCall>()
  private readonly onHold = new HoldSignals()
  private readonly unsettled = new Map<Channel, UnsettledMusic>()
  private readonly waitingForEnd = new Set<ConnectedCall>()
  private readonly ending = new Set<ConnectedCall>()
  private readonly lines: QueueLogFields[] = []
  /** The time of the event at hand: ms since the epoch. */
  private at = 0
  /** The stream's clock: ms since the epoch. What waits is measured by it; real stamps run back now and then. */
  private now = 0

  /** @param channels which trackers of one stage share */
  constructor(channels = new ChannelTable()) {
    this.channels = channels
    channels.watch({
      replaced: (half, by) => this.calls.replace(half, by),
      gone: (channel, at) => this.forget(channel, at),
    })
  }

  get size(): number {
    return (
      this.channels.size +
      this.calls.size +
      this.trackedCalls.size +
      this.onHold.size +
      this.unsettled.size +
      this.waitingForEnd.size +
      this.ending.size
    )
  }

  openCalls(): OpenCall[] {
    return [...this.calls].map(({ callid, queuename, agent, connectedAt, heldSince }) => {
      const isHeld = heldSince !== undefined
      return { callid, queuename, agent, state: isHeld ? 'on hold' : 'connected', since: heldSince ?? connectedAt }
    })
  }

  afterTime(now: number): QueueLogFields[] {
    this.now = now
    for (const music of this.unsettled.values()) if (now >= music.until) this.settle(music)
    for (const call of this.waitingForEnd) if (now >= (call.unloggedOff?.until ?? 0)) this.logOff(call)
    for (const call of this.ending) if (now > call.endingUntil) this.goesOn(call)
    return taken(this.lines)
  }

  afterMessage(message: AmiMessage, at: number): QueueLogFields[] {
    this.at = at
    const channel = (): Channel | undefined => this.channels.find(message.get('Uniqueid'))
    switch (message.event) {
      case 'AgentConnect':
        this.connect(message)
        break
      case 'AgentComplete':
        this.complete(message)
        break
      case 'Hold':
        this.hold(channel())
        break
      case 'MusicOnHoldStart':
        this.startMusic(channel())
        break
      case 'Unhold':
        this.stop('holds', channel())
        break
      case 'MusicOnHoldStop':
        this.stopMusic(channel())
        break
      case 'HangupRequest':
        this.requestHangup(channel())
        break
      default:
        this.channels.apply(message, at)
        if (message.event === 'BridgeEnter') this.joined(channel()?.bridge)
    }
    return taken(this.lines)
  }

  beforeLine(line: QueueLogRecord): QueueLogFields[] {
    this.at = line.time * 1000
    if (line.event === 'CONNECT') {
      this.connectTracked(line)
    } else if (isEndVerb(line.event)) {
      const call = this.trackedCalls.get(line.callid)
      if (call?.queuename === line.queuename) {
        this.remove(call)
      }
    }
    return taken(this.lines)
  }

  atEnd(): QueueLogFields[] {
    for (const music of this.unsettled.values()) this.settle(music)
    for (const call of this.waitingForEnd) this.logOff(call)
    return taken(this.lines)
  }

  // ---- calls

  private connect(message: AmiMessage): void {
    const caller = this.channels.seen(message.get('Uniqueid'), message.get('Channel'))
    const agentChannel = this.channels.seen(message.get('DestUniqueid'), message.get('DestChannel'))
    if (caller === undefined || agentChannel === undefined) return
    // One that was found connected after a login may be told a moment later.
    if (this.calls.hasQueueCall(caller, agentChannel)) return
    const call = newlyConnected({
      kind: 'queue',
      callid: caller.uniqueid,
      queuename: message.get('Queue') ?? '',
      agent: message.get('MemberName') || interfaceOf(agentChannel.name),
      agentChannel,
      caller,
      connectedAt: this.at,
      // One that was found connected has no times.
      isAdopted: message.get('HoldTime') === undefined,
    })
    this.calls.add(call)
  }

  private complete(message: AmiMessage): void {
    const callerUniqueid = message.get('Uniqueid')
    const call = this.calls.completedBy({
      callerUniqueid,
      caller: this.channels.find(callerUniqueid),
      agentUniqueid: message.get('DestUniqueid'),
      queuename: message.get('Queue'),
      agent: message.get('MemberName'),
      talk: Number(message.get('TalkTime')),
      at: this.at,
    })
    if (call !== undefined) this.remove(call)
  }

  /** An earlier stage says that a call it tracks is connected; the line tells which channel the agent talks on. */
  private connectTracked(line: QueueLogRecord): void {
    const own = this.channels.find(uniqueidOf(line.callid))
    const other = this.channels.seen(line.data[1])
    // A parked call's callid is the parked channel (or the parker's, who is gone by now), and CONNECT names the
    // retriever; an outbound call's is the agent's, and CONNECT names the peer.
    const isParked = line.queuename.startsWith('pk-')
    const agentChannel = isParked ? other : (own ?? this.channels.seen(uniqueidOf(line.callid)))
    const caller = isParked ? own : other
    if (agentChannel === undefined) return
    const before = this.trackedCalls.get(line.callid)
    if (before !== undefined) this.remove(before)
    const call = newlyConnected({
      kind: 'tracked',
      callid: line.callid,
      queuename: line.queuename,
      agent: line.agent,
      agentChannel,
      caller,
      connectedAt: this.at,
      isAdopted: false,
    })
    this.trackedCalls.set(line.callid, call)
    this.calls.add(call)
  }

  /** Forgets a call that is over. A tracked call's hold ends before its end line; a queue call's has ended with the call. */
  private remove(call: ConnectedCall): void {
    if (call.kind === 'tracked' && call.signals.size > 0) this.endHold(call)
    if (call.kind === 'queue' && (call.signals.size > 0 || call.unloggedOff !== undefined)) {
      this.onUnwritten?.(
        call.callid,
        'no CALLEROFFHOLD: the hold ends with the call, of which Asterisk has written the end',
      )
    }
    this.calls.remove(call)
    this.waitingForEnd.delete(call)
    this.ending.delete(call)
    if (this.trackedCalls.get(call.callid) === call) this.trackedCalls.delete(call.callid)
    this.onHold.dropAll(call)
    for (const music of this.unsettled.values()) if (music.call === call) music.call = undefined
  }

  private forget(channel: Channel, at: number): void {
    this.at = at
    this.unsettled.delete(channel)
    for (const call of [...this.calls.ofCaller(channel)]) this.remove(call)
    for (const call of [...this.calls.ofAgent(channel)]) if (call.kind === 'tracked') this.remove(call)
    for (const kind of ['holds', 'hears'] as const) {
      const call = this.onHold.callOf({ kind, channel })
      if (call === undefined) continue
      this.onHold.drop(call, { kind, channel })
      if (call.signals.size === 0) this.endHold(call)
    }
  }

  /** A channel asked to hang up: from now on, the end of a hold is likely the end of the call. */
  private requestHangup(channel: Channel | undefined): void {
    if (channel === undefined || channel.optimisedAway) return
    for (const call of this.calls.ofParty(channel, neighbours(channel))) {
      if (call.kind !== 'queue') continue
      call.endingUntil = this.now + END_OF_CALL_MS
      this.ending.add(call)
    }
  }

  /** Somebody new talks on the agent's side: who asked to hang up had transferred the call before. */
  private joined(bridge: Bridge | undefined): void {
    if (bridge?.joins !== true) return
    for (const call of this.ending) {
      const isBehindAgent = ({ channel, side }: Place): boolean =>
        side === 'holding' && channel !== call.agentChannel && channel.bridge === bridge
      if (placesInHold([call.agentChannel], neighbours(call.agentChannel)).some(isBehindAgent)) this.goesOn(call)
    }
  }

  private goesOn(call: ConnectedCall): void {
    call.endingUntil = 0
    this.ending.delete(call)
  }

  // ---- holds

  private hold(channel: Channel | undefined): void {
    if (channel === undefined) return
    this.beginHold(this.calls.ofHold([channel], neighbours(channel)), { kind: 'holds', channel })
  }

  /**
   * Music alone says a hold only a moment later: it may be that of a parking lot, or of a queue.
   */
  private startMusic(channel: Channel | undefined): void {
    if (channel === undefined || this.unsettled.has(channel)) return
    const call = this.callOfMusic(channel)
    if (call !== undefined && call.signals.size > 0) this.addSignal(call, { kind: 'hears', channel })
    else
      this.unsettled.set(channel, { channel, bridge: channel.bridge, call, at: this.at, until: this.now + SETTLING_MS })
  }

  private settle(music: UnsettledMusic): void {
    this.unsettled.delete(music.channel)
    const moved = music.bridge !== undefined && music.channel.bridge !== music.bridge
    this.at = music.at
    if (moved) {
      this.onUnwritten?.(music.channel.uniqueid, 'no hold: its music began as it moved, into a parking lot perhaps')
      return
    }
    this.beginHold(music.call ?? this.callOfMusic(music.channel), { kind: 'hears', channel: music.channel })
  }

  /** The call in which this channel was put on music; nobody puts a channel on music that is alone in its bridge. */
  private callOfMusic(channel: Channel): ConnectedCall | undefined {
    const holding = neighbours(channel)
    return holding.length === 0 ? undefined : this.calls.ofHold(holding, [channel])
  }

  private beginHold(call: ConnectedCall | undefined, signal: HoldSignal): void {
    if (call === undefined) {
      this.onUnwritten?.(signal.channel.uniqueid, this.calls.whyNoHold(signal))
      return
    }
    if (call.signals.size === 0) {
      if (call.endingUntil > 0) {
        this.onUnwritten?.(signal.channel.uniqueid, 'no hold: a party of the call has asked to hang up')
        return
      }
      if (call.unloggedOff !== undefined) this.logOff(call)
      call.heldSince = this.at
      this.log(call, 'CALLERONHOLD', this.at)
    }
    this.addSignal(call, signal)
  }

  private addSignal(call: ConnectedCall, signal: HoldSignal): void {
    const before = this.onHold.callOf(signal)
    if (before === call) return
    if (before !== undefined) this.endHold(before)
    this.onHold.add(call, signal)
  }

  private stopMusic(channel: Channel | undefined): void {
    if (channel === undefined) return
    // Music that stops in the millisecond of its start was a hold all the same: without timestamps no time passes.
    const music = this.unsettled.get(channel)
    if (music !== undefined) this.settle(music)
    this.stop('hears', channel)
  }

  private stop(kind: HoldSignal['kind'], channel: Channel | undefined): void {
    const call = channel === undefined ? undefined : this.onHold.callOf({ kind, channel })
    if (channel === undefined || call === undefined) return
    // In a consultation (`*2`) the agent may hold and take back the one it consults, while the caller hears music on.
    const isElsewhere = kind === 'holds' && this.calls.ofHold([channel], neighbours(channel)) !== call
    if (isElsewhere && [...call.signals].some((signal) => signal.kind === 'hears'))
      this.onHold.drop(call, { kind, channel })
    else this.endHold(call)
  }

  private endHold(call: ConnectedCall): void {
    this.onHold.dropAll(call)
    call.heldSince = undefined
    call.unloggedOff = { at: this.at, until: this.now + END_OF_CALL_MS }
    if (call.endingUntil > 0) this.waitingForEnd.add(call)
    else this.logOff(call)
  }

  private logOff(call: ConnectedCall): void {
    this.waitingForEnd.delete(call)
    if (call.unloggedOff === undefined) return
    this.log(call, 'CALLEROFFHOLD', call.unloggedOff.at)
    call.unloggedOff = undefined
  }

  private log({ callid, queuename, agent }: ConnectedCall, event: string, at: number): void {
    this.lines.push({ time: at / 1000, callid, queuename, agent, event, data: [] })
  }
}
