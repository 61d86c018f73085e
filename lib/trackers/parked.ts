import type { Calls } from '../calls/calls.ts'
import type { Conversation, ConversationEnd } from '../calls/conversations.ts'
import type { Deadline } from '../calls/deadlines.ts'
import type { Parking } from '../calls/parkings.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'
import { EarlierCalls } from './earlier-calls.ts'
import { type AgentName, agentOn, callidOf, endOf, isParkedQueue, parkedQueue, secondsBetween } from './fields.ts'
import { Members } from './members.ts'
import type { OnUnwritten, OpenCall, Rules, Surroundings, Tracker } from './tracker.ts'

export interface ParkedOptions {
  /** Writes callids as `:UNIQUEID`. */
  rewriteUniqueids: boolean
  /** The name of the agent who picks a call up. */
  agentName: AgentName
  /** Writes ADDMEMBER and REMOVEMEMBER. */
  joinLines: boolean
  /** Writes the space before the number of the parked caller. */
  labelsSpace: boolean
}

/**
 * How long, in ms, a parking waits for the end line of the call that was parked: its event comes from another thread.
 */
const CLOSURE_MS = 1000

/** Writes parked calls as calls of a queue `pk-LOT`: waiting in the lot, picked up by an agent, or given up. */
export class ParkedTracker implements Tracker {
  private readonly options: ParkedOptions
  private readonly around: Surroundings
  private readonly calls: Calls
  private readonly earlier: EarlierCalls
  private readonly members: Members
  private readonly parked = new Set<Parking>()
  /** The parkings whose ENTERQUEUE waits for the end line of the call before. */
  private readonly heldBack = new Map<Parking, Deadline>()
  private readonly talking = new Map<Conversation, string>()

  onUnwritten: OnUnwritten | undefined

  readonly rules: Rules = {
    parked: ({ parking }) => this.park(parking),
    'parking-swapped': ({ parking }) => this.enter(parking),
    'parking-over': ({ parking, how, at }) => {
      this.leave(parking)
      const event = how === 'given up' ? 'ABANDON' : 'EXITWITHTIMEOUT'
      this.log(parking, 'NONE', event, ['1', '1', secondsBetween(parking.parkedAt, at)], at)
    },
    connected: ({ conversation, at }) => this.connect(conversation, at),
    parted: ({ conversation, end }) => this.end(conversation, end),
    replaced: (change) => this.earlier.replace(change),
    gone: ({ channel }) => {
      // A tracked call stays open until its end line. This may wait a moment, but not forever.
      for (const call of this.earlier.of(channel)) {
        const isLast = [call.agentChannel, call.caller].every((one) => one === undefined || one.isGone)
        if (isLast) this.earlier.remove(call)
      }
    },
    'passed-over': ({ what, uniqueid, reason }) => {
      if (what === 'parkings') this.onUnwritten?.(uniqueid, reason)
    },
  }

  constructor(options: ParkedOptions, around: Surroundings) {
    this.options = options
    this.around = around
    this.calls = around.calls
    this.earlier = new EarlierCalls(around.calls.channels)
    this.members = new Members(options.joinLines)
  }

  get size(): number {
    const { earlier, members, parked, heldBack, talking } = this
    return earlier.size + members.size + parked.size + heldBack.size + talking.size
  }

  openCalls(): OpenCall[] {
    const inLot = [...this.parked].map((parking): OpenCall => {
      const { number, space, parkedAt: since } = parking
      return { ...this.named(parking), agent: 'NONE', number, space, state: 'parked', since }
    })
    const pickedUp = [...this.talking].map(([conversation, agent]): OpenCall => {
      const parking = parkingOf(conversation)
      const { connectedAt: since } = conversation
      return { ...this.named(parking), agent, number: parking.number, space: '', state: 'connected', since }
    })
    return [...inLot, ...pickedUp]
  }

  afterChanges(): void {
    this.enterClosed()
  }

  /**
   * An end line of an earlier tracker closes the call that was parked, after its REMOVEMEMBER has passed, too.
   * REMOVEMEMBER follows at once, if the agent has no other call on the queue and such lines are written.
   */
  afterLine(line: QueueLogRecord): void {
    if (line.event === 'CONNECT') this.earlier.connect(line)
    const ended = this.earlier.endedBy(line)
    if (ended !== undefined) {
      this.earlier.remove(ended)
      if (this.heldBack.size > 0) this.around.after(0, () => this.enterClosed())
    }
    if (line.event === 'REMOVEMEMBER') this.enterClosed()
  }

  // ---- in the lot

  private park(parking: Parking): void {
    this.parked.add(parking)
    // An adopted call was parked earlier: the process that saw it has written the line.
    if (parking.isAdopted) return
    if (this.isOfOpenCall(parking))
      this.heldBack.set(
        parking,
        this.around.after(CLOSURE_MS, () => this.enter(parking)),
      )
    else this.writeEntry(parking)
  }

  /** Whether it is a queue's caller, or a party of a tracked call, whose end line must come first. */
  private isOfOpenCall({ channel }: Parking): boolean {
    return (
      this.calls.queueCalls.ofCaller(channel).length > 0 ||
      this.calls.conversations.of(channel).some((conversation) => this.talking.has(conversation)) ||
      this.earlier.concern(channel)
    )
  }

  /** Writes the parkings whose call is closed now. */
  private enterClosed(): void {
    for (const parking of this.heldBack.keys()) if (!this.isOfOpenCall(parking)) this.enter(parking)
  }

  /** The parking does not wait any more. */
  private enter(parking: Parking): void {
    const waiting = this.heldBack.get(parking)
    if (waiting === undefined) return
    waiting.cancel()
    this.heldBack.delete(parking)
    this.writeEntry(parking)
  }

  private writeEntry(parking: Parking): void {
    const { space, number, parkedAt } = parking
    const label = !this.options.labelsSpace ? number : number === '' ? space : `${space}-${number}`
    this.log(parking, 'NONE', 'ENTERQUEUE', ['', label, '1'], parkedAt)
  }

  private leave(parking: Parking): void {
    this.enter(parking)
    this.parked.delete(parking)
  }

  // ---- picked up

  private connect(conversation: Conversation, at: number): void {
    const { origin, agentChannel } = conversation
    if (origin.kind !== 'parking') return
    const { parking } = origin
    this.leave(parking)
    const agent = agentOn(agentChannel, this.options.agentName, this.calls.members)
    this.talking.set(conversation, agent)
    this.write(this.members.add(parkedQueue(parking.lot), agent, at))
    const wait = secondsBetween(parking.parkedAt, at)
    this.log(parking, agent, 'CONNECT', [wait, agentChannel.uniqueid, '0'], at)
  }

  private end(conversation: Conversation, end: ConversationEnd): void {
    const agent = this.talking.get(conversation)
    if (agent === undefined) return
    this.talking.delete(conversation)
    const parking = parkingOf(conversation)
    const { connectedAt } = conversation
    const { event, data } = endOf(end)
    const wait = secondsBetween(parking.parkedAt, connectedAt)
    this.log(parking, agent, event, [...data, wait, secondsBetween(connectedAt, end.at), '1'], end.at)
    this.write(this.members.remove(parkedQueue(parking.lot), agent, end.at))
  }

  private named({ uniqueid, lot }: Parking): { callid: string; queuename: string } {
    return { callid: callidOf(uniqueid, this.options.rewriteUniqueids), queuename: parkedQueue(lot) }
  }

  private log(parking: Parking, agent: string, event: string, data: string[], at: number): void {
    this.around.write({ time: at / 1000, ...this.named(parking), agent, event, data })
  }

  private write(lines: ReturnType<Members['add']>): void {
    for (const line of lines) this.around.write(line)
  }
}

/** The parking of a conversation that began with a pick-up. */
function parkingOf({ origin }: Conversation): Parking {
  if (origin.kind !== 'parking') throw new TypeError('a conversation that did not begin in a parking lot')
  return origin.parking
}

/** Which of some lines enter a lot: Asterisk may still be about to write the end of the call before. */
export function* entriesIntoLots(lines: readonly QueueLogFields[]): Generator<number> {
  for (const [index, { event, queuename }] of lines.entries()) {
    if (event === 'ENTERQUEUE' && isParkedQueue(queuename)) yield index
  }
}
