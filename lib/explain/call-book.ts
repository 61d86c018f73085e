import type { AmiMessage } from '../ami/message.ts'
import { ChannelTable, UP } from '../calls/channels.ts'
import type { CallEvent, Moment } from './call.ts'
import { addEvent, type CallDraft, channelOf, joinInto, keepLast, newDraft } from './call-draft.ts'
import { describe, named, value } from './describe.ts'
import { noteSpans } from './spans.ts'
import { noteStations } from './stations.ts'

/**
 * How long, in ms, a call is kept after its last channel hung up: parking events and lines that waited come up to a second
 * later.
 */
const CLOSING_MS = 2500

/** Greatest number of calls followed at once. Only Hangups that never came can fill it; then the oldest goes. */
const MAX_CALLS = 20_000

/** Pairs of channels that an event joins to one call, by the beginnings of their headers. */
const JOINS: Readonly<Record<string, readonly string[]>> = {
  DialBegin: ['', 'Dest'],
  DialEnd: ['', 'Dest'],
  LocalBridge: ['LocalOne', 'LocalTwo'],
  AgentConnect: ['', 'Dest'],
  UnParkedCall: ['Retriever', 'Parkee'],
  Pickup: ['', 'Target'],
  BlindTransfer: ['Transferer', 'Transferee'],
  AttendedTransfer: ['OrigTransferer', 'SecondTransferer', 'Transferee', 'TransferTarget'],
}

/** What names the channels that are told of, besides those of {@link JOINS}. */
const PREFIXES = ['', 'Dest', 'Parkee'] as const

const NUMBERS = [
  'CallerIDNum',
  'ConnectedLineNum',
  'Exten',
  'DestCallerIDNum',
  'DestExten',
  'ParkeeCallerIDNum',
  'Extension',
]

/**
 * Puts the events of a dump together to calls: the channels of one Linkedid, and those that a dial, a bridge, a Local pair,
 * a pick-up or a transfer joins. A call is handed over once it is over and nothing of it can come any more, so that no
 * more is held than the calls that go on.
 */
export class CallBook {
  private readonly onCall: (draft: CallDraft) => void
  private readonly most: number
  private readonly byChannel = new Map<string, CallDraft>()
  private readonly calls = new Set<CallDraft>()
  /** Those of which every channel has hung up, in the order of their time. */
  private readonly closing = new Set<CallDraft>()
  private readonly channels = new ChannelTable()
  private members: CallDraft | undefined
  private events = 0

  /**
   * @param onCall handed each call when it is over
   * @param most of a call that goes on for days it keeps so many events, and so many channels that have hung up
   */
  constructor(onCall: (draft: CallDraft) => void, most = Number.POSITIVE_INFINITY) {
    this.onCall = onCall
    this.most = most
  }

  /** How many calls go on. */
  get size(): number {
    return this.calls.size
  }

  /** The call of which this channel is, or was a moment ago. */
  callOf(uniqueid: string): CallDraft | undefined {
    return this.byChannel.get(uniqueid)
  }

  /** The calls that nothing can be told of any more are handed over. */
  afterTime(now: number): void {
    for (const draft of this.closing) {
      if (now < draft.closedAt + CLOSING_MS) return
      this.close(draft)
    }
  }

  /**
   * Adds an event to its call, which begins with it if need be.
   *
   * @param at the time of the event, ms since the epoch
   * @param now the stream's clock
   * @returns the event, and its call; undefined if nothing is shown of it
   */
  add(message: AmiMessage, at: number, now: number): { event: CallEvent; draft: CallDraft } | undefined {
    if (message.isListItem()) return undefined
    // One that hangs up is of its call still.
    if (message.event !== 'Hangup') this.channels.apply(message, now)
    const shown = describe(message)
    const moment = { number: this.events++, at }
    if (shown?.kind === 'member') {
      const draft = this.memberDraft()
      draft.queues.add(value(message, 'Queue'))
      return this.addTo(draft, message.event, moment, shown)
    }
    const draft = this.draftOf(message)
    if (draft === undefined) return undefined
    this.follow(draft, message, moment, now)
    return shown === undefined ? undefined : this.addTo(draft, message.event, moment, shown)
  }

  /** Adds to a call that a time has passed, for lines that waited for it. */
  addTime(draft: CallDraft, at: number): CallEvent {
    const last = draft.events.at(-1)
    if (last?.kind === 'time' && last.at === at) return last
    const passed = { kind: 'time' as const, from: { uniqueid: '' }, to: { uniqueid: '' }, text: 'a wait is over' }
    return this.addTo(draft, '', { number: this.events++, at }, passed).event
  }

  /** The draft of what concerns the members of queues, and no call. */
  memberDraft(): CallDraft {
    this.members ??= newDraft('')
    return this.members
  }

  /** Hands over what is left: calls of which the dump does not tell the end. */
  end(): void {
    for (const draft of this.calls) this.close(draft)
    if (this.members !== undefined) this.onCall(this.members)
    this.members = undefined
  }

  private addTo(
    draft: CallDraft,
    event: string,
    { number, at }: Moment,
    { kind, from, to, text }: Pick<CallEvent, 'kind' | 'text'> & Record<'from' | 'to', { uniqueid: string }>,
  ): { event: CallEvent; draft: CallDraft } {
    const added: CallEvent = { number, at, kind, event, from: from.uniqueid, to: to.uniqueid, text, notes: [] }
    addEvent(draft, added)
    const { events, byUniqueid, notHungUp } = draft
    if (Math.max(events.length, byUniqueid.size - notHungUp.size) > 2 * this.most) this.keepLast(draft, at)
    return { event: added, draft }
  }

  private keepLast(draft: CallDraft, now: number): void {
    for (const uniqueid of keepLast(draft, this.most, now - CLOSING_MS)) {
      if (this.byChannel.get(uniqueid) === draft) this.byChannel.delete(uniqueid)
    }
  }

  private draftOf(message: AmiMessage): CallDraft | undefined {
    let draft: CallDraft | undefined
    const link = (uniqueid: string, name: string): void => {
      const found = this.seen(uniqueid, name, value(message, 'Linkedid'))
      if (found === undefined || found === draft) return
      draft = draft === undefined ? found : this.join(draft, found)
    }
    const joins = Object.hasOwn(JOINS, message.event) ? JOINS[message.event] : undefined
    for (const prefix of joins ?? PREFIXES) {
      const { uniqueid, name } = named(message, prefix)
      if (uniqueid !== '') link(uniqueid, name)
    }
    const linked = value(message, 'Linkedid')
    // Asterisk may know a call by a channel that is gone: then nobody has to be joined.
    const first = linked === '' ? undefined : this.byChannel.get(linked)
    if (first !== undefined && draft !== undefined && first !== draft && joins === undefined)
      draft = this.join(draft, first)
    if (message.event === 'BridgeEnter' && draft !== undefined) draft = this.withBridged(message, draft)
    return draft
  }

  /** The call of a channel, known from now on; undefined if the channel has hung up. */
  private seen(uniqueid: string, name: string, linkedid: string): CallDraft | undefined {
    let draft = this.byChannel.get(uniqueid)
    if (draft === undefined) {
      if (this.channels.seen(uniqueid, name) === undefined) return undefined
      draft = newDraft(linkedid || uniqueid)
      this.calls.add(draft)
      this.byChannel.set(uniqueid, draft)
      draft.notHungUp.add(uniqueid)
      this.makeRoom()
    }
    const channel = channelOf(draft, uniqueid)
    if (channel.name === '' && name !== '') channel.name = name
    return draft
  }

  private join(one: CallDraft, other: CallDraft): CallDraft {
    const [kept, gone] = one.events.length < other.events.length ? [other, one] : [one, other]
    joinInto(kept, gone)
    for (const uniqueid of gone.byUniqueid.keys()) this.byChannel.set(uniqueid, kept)
    this.calls.delete(gone)
    this.closing.delete(gone)
    if (kept.notHungUp.size > 0) this.closing.delete(kept)
    return kept
  }

  /** The call of a channel that has entered a bridge, and of those who are in it. */
  private withBridged(message: AmiMessage, draft: CallDraft): CallDraft {
    const bridge = this.channels.find(named(message, '').uniqueid)?.bridge
    // Those who are parked in one lot are of calls of their own.
    if (bridge?.joins !== true) return draft
    let joined = draft
    for (const { uniqueid } of bridge.channels) {
      const neighbour = this.byChannel.get(uniqueid)
      if (neighbour !== undefined && neighbour !== joined) joined = this.join(joined, neighbour)
    }
    return joined
  }

  /** Notes what an event says of the channels of its call. */
  private follow(draft: CallDraft, message: AmiMessage, moment: Moment, now: number): void {
    const { uniqueid } = named(message, '')
    for (const header of NUMBERS) {
      const number = value(message, header)
      if (number !== '') draft.numbers.add(number)
    }
    const queue = value(message, 'Queue')
    if (queue !== '') draft.queues.add(queue)
    noteSpans(draft, message, moment, this.channels)
    noteStations(draft, message, moment)
    switch (message.event) {
      case 'Newchannel': {
        const channel = channelOf(draft, uniqueid)
        channel.begin = moment
        channel.number = value(message, 'CallerIDNum')
        channel.callerName = value(message, 'CallerIDName')
        channel.exten = value(message, 'Exten')
        if (message.get('ChannelState') === UP) channel.up = moment
        break
      }
      case 'Newstate':
        if (message.get('ChannelState') === UP) channelOf(draft, uniqueid).up ??= moment
        break
      case 'Hangup':
        this.channels.apply(message, now)
        this.hangUp(draft, uniqueid, moment, now)
        break
    }
  }

  private hangUp(draft: CallDraft, uniqueid: string, moment: Moment, now: number): void {
    channelOf(draft, uniqueid).end ??= moment
    draft.notHungUp.delete(uniqueid)
    if (draft.notHungUp.size > 0) return
    draft.closedAt = now
    this.closing.delete(draft)
    this.closing.add(draft)
  }

  private close(draft: CallDraft): void {
    this.calls.delete(draft)
    this.closing.delete(draft)
    for (const uniqueid of draft.byUniqueid.keys())
      if (this.byChannel.get(uniqueid) === draft) this.byChannel.delete(uniqueid)
    this.onCall(draft)
  }

  private makeRoom(): void {
    if (this.calls.size <= MAX_CALLS) return
    const [oldest] = this.calls
    if (oldest !== undefined) this.close(oldest)
  }
}
