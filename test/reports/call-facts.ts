import { type AmiEvent, eventsOf, isFollowed, partiesOf, seconds, TRANSFERS } from './events.ts'
import { Server } from './server.ts'
import { type SessionFact, sessionsOf } from './session-facts.ts'

/** What a call really was, as the events of a dump tell it. Times are seconds since the epoch. */
export interface CallFact {
  kind: 'queue' | 'parked' | 'outbound'
  /** The channel that Asterisk, or we, name the call by. */
  uniqueid: string
  queue: string
  /** Who calls; '' where it is not known. Of an outbound call it is not looked at. */
  number: string
  began: number
  /** Whole seconds until it was answered, given up, or over unanswered. */
  wait?: number
  /** The phone that answered, or that calls out, and whose it is. */
  phone?: string
  person?: string
  answered?: number
  /** Whole seconds of the conversation; undefined while it goes on. */
  talk?: number
  isTransferred?: boolean
  /** How often the agent put the other party on hold. */
  holds: number
}

export interface DumpFacts {
  calls: CallFact[]
  sessions: SessionFact[]
}

interface Talk {
  call: CallFact
  /** Who picked up, or calls out; of a queue's call the channel of its member, which may be a Local half. */
  agent: string
  other: string
  isOnHold: boolean
  /** Who heard music when the hold began: it lasts as long as that. */
  onMusic: ReadonlySet<string>
  /** Somebody has asked to hang up: what is heard from then on is no hold. */
  isEnding: boolean
}

interface Dialling {
  call: CallFact
  caller: string
  legs: Set<string>
  lastEnd: number | undefined
}

const THRESHOLD = 0.3
/** Of a transfer into a lot, ParkedCall comes a moment before it. */
const SAME_MOMENT = 0.2
const UNHEARD = 0.01

/**
 * Counts the calls of a dump by what its events say: who stood in which queue and lot, who dialled, who shared a bridge with
 * whom, and until when. It has nothing in common with the trackers and their model of calls, and knows no line of queue_log.
 */
export function factsOf(dump: string): DumpFacts {
  const events = eventsOf(dump).filter(isFollowed)
  const counting = new Counting(events)
  counting.run()
  return { calls: counting.calls, sessions: sessionsOf(events) }
}

class Counting {
  readonly calls: CallFact[] = []
  private readonly server = new Server()
  private readonly events: readonly AmiEvent[]
  private readonly transfers: readonly AmiEvent[]
  private readonly waiting = new Map<string, CallFact>()
  private readonly parked = new Map<string, CallFact>()
  private readonly dialling = new Map<string, Dialling>()
  private readonly talks = new Set<Talk>()
  private readonly dialledBy = new Map<string, string>()
  /** Channels whose dials are no outbound calls: they came in, were parked, or have called already. */
  private readonly noCallers = new Set<string>()

  constructor(events: readonly AmiEvent[]) {
    this.events = events.filter((event, at) => !isUnheardMusic(event, events, at))
    this.transfers = events.filter(isTransfer)
  }

  run(): void {
    for (const event of this.events) {
      this.server.apply(event)
      this.apply(event)
      this.meet(event.at)
      this.listen()
    }
  }

  private apply(event: AmiEvent): void {
    const { get, at } = event
    const uniqueid = get('Uniqueid')
    switch (event.name) {
      case 'QueueCallerJoin':
        this.end(event, [uniqueid])
        this.noCallers.add(uniqueid)
        this.stopDialling(uniqueid, at)
        this.waiting.set(`${uniqueid} ${get('Queue')}`, this.begin('queue', event, '', at))
        break
      case 'QueueCallerAbandon':
      case 'QueueCallerLeave': {
        const call = this.waiting.get(`${uniqueid} ${get('Queue')}`)
        if (call !== undefined) call.wait = seconds(call.began, at)
        break
      }
      case 'AgentConnect':
        this.connectQueueCall(event)
        break
      case 'AgentComplete':
        this.completeQueueCall(event)
        break
      case 'ParkedCall':
        this.end(event, [get('ParkeeUniqueid')])
        this.noCallers.add(get('ParkeeUniqueid'))
        this.stopDialling(get('ParkeeUniqueid'), at)
        this.parked.set(get('ParkeeUniqueid'), this.begin('parked', event, 'Parkee', at))
        break
      case 'ParkedCallSwap': {
        const swapped = [...this.parked].find(([, call]) => call.queue === `pk-${get('Parkinglot')}`)
        if (swapped === undefined) break
        this.parked.delete(swapped[0])
        this.parked.set(get('ParkeeUniqueid'), swapped[1])
        this.noCallers.add(get('ParkeeUniqueid'))
        break
      }
      case 'ParkedCallGiveUp':
      case 'ParkedCallTimeOut': {
        const call = this.parked.get(get('ParkeeUniqueid'))
        if (call !== undefined) call.wait = seconds(call.began, at)
        this.parked.delete(get('ParkeeUniqueid'))
        break
      }
      case 'UnParkedCall': {
        const call = this.parked.get(get('ParkeeUniqueid'))
        if (call === undefined) break
        this.parked.delete(get('ParkeeUniqueid'))
        this.answer(call, at, get('RetrieverUniqueid'), get('ParkeeUniqueid'))
        this.noCallers.add(get('RetrieverUniqueid'))
        break
      }
      case 'DialBegin':
        this.dial(event)
        break
      case 'DialEnd':
        for (const one of this.dialling.values()) {
          if (!one.legs.delete(get('DestUniqueid'))) continue
          one.lastEnd = at
          // All is over before anybody noticed: the next dial is a call of its own.
          if (one.legs.size === 0 && at < one.call.began + THRESHOLD && get('DialStatus') !== 'ANSWER') this.forget(one)
        }
        break
      case 'HangupRequest':
      case 'SoftHangupRequest':
        for (const talk of this.talks) if (this.isParty(talk, uniqueid)) talk.isEnding = true
        break
      case 'Hangup':
        this.end(event, [uniqueid])
        this.stopDialling(uniqueid, at)
        break
      case 'BlindTransfer':
      case 'AttendedTransfer':
        if (isTransfer(event)) this.end(event, partiesOf(event))
        break
    }
  }

  // ---- queues

  private connectQueueCall(event: AmiEvent): void {
    const { get, at } = event
    const uniqueid = get('Uniqueid')
    const key = `${uniqueid} ${get('Queue')}`
    // A recording may begin behind the entry.
    const call = this.waiting.get(key) ?? this.begin('queue', event, '', at - Number(get('HoldTime')))
    this.waiting.delete(key)
    call.wait = Number(get('HoldTime'))
    call.answered = at
    call.person = get('MemberName')
    this.talk(call, get('DestUniqueid'), uniqueid)
  }

  private completeQueueCall({ get }: AmiEvent): void {
    const inQueue = [...this.talks].filter(({ call }) => call.kind === 'queue' && call.queue === get('Queue'))
    // Asterisk names another channel at times, or none.
    const talk =
      inQueue.find(({ other }) => other === get('Uniqueid')) ??
      inQueue.find(({ call }) => call.person === get('MemberName'))
    if (talk === undefined) return
    talk.call.talk = Number(get('TalkTime'))
    talk.call.isTransferred = get('Reason') === 'transfer'
    this.talks.delete(talk)
  }

  // ---- outbound

  private dial({ get, at }: AmiEvent): void {
    const [dialler, dialled] = [get('Uniqueid'), get('DestUniqueid')]
    this.dialledBy.set(dialled, dialler)
    const caller = dialler === '' ? '' : this.callerOf(dialler)
    if (caller === '' || this.noCallers.has(caller)) return
    // Whoever was called himself does not call out: his dials are an inbound call going on. An Originate calls the caller.
    const by = this.dialledBy.get(caller) ?? ''
    if (by !== '' && !this.isOriginated(by)) return
    const under = this.dialling.get(caller)
    if (under !== undefined) {
      under.legs.add(dialled)
      return
    }
    const account = this.server.channel(caller)?.account ?? ''
    const queue = `q-${account || 'outbound'}`
    const call: CallFact = { kind: 'outbound', uniqueid: caller, queue, number: '', began: at, holds: 0 }
    this.own(call, caller)
    this.dialling.set(caller, { call, caller, legs: new Set([dialled]), lastEnd: undefined })
  }

  /** Who really calls where a channel dials that may be half of a Local pair; '' where nobody does. */
  private callerOf(uniqueid: string): string {
    const half = this.server.halfBehind(uniqueid)
    if (half === undefined) return uniqueid
    if (this.server.channel(uniqueid)?.name.endsWith(';2')) {
      const by = this.dialledBy.get(half)
      // Originated, its first dial is for the phone of the one who calls; a transfer's consultation is nobody's call.
      return by === undefined || by === '' ? '' : this.callerOf(by)
    }
    // The half that was originated goes on to dial when the phone has answered.
    const phones = [...this.dialledBy].filter(([, by]) => by === half).map(([dialled]) => dialled)
    return phones.find((phone) => this.server.isUp(phone)) ?? ''
  }

  /** Whether a half of a Local pair is of an Originate. */
  private isOriginated(half: string): boolean {
    const other = this.server.halfBehind(half)
    return other !== undefined && this.dialledBy.get(other) === ''
  }

  private stopDialling(caller: string, at: number): void {
    const one = this.dialling.get(caller)
    if (one === undefined) return
    this.dialling.delete(caller)
    if (at < one.call.began + THRESHOLD) return
    one.call.wait = seconds(one.call.began, one.legs.size === 0 ? (one.lastEnd ?? at) : at)
    this.calls.push(one.call)
    this.noCallers.add(caller)
  }

  private forget({ caller }: Dialling): void {
    this.dialling.delete(caller)
  }

  /** Those who dial may have met somebody. */
  private meet(at: number): void {
    for (const { call, caller } of this.dialling.values()) {
      const [met] = this.server.heardBy(caller)
      if (met === undefined) continue
      this.dialling.delete(caller)
      this.noCallers.add(caller)
      if (at < call.began + THRESHOLD) continue
      this.calls.push(call)
      this.answer(call, at, caller, met)
    }
  }

  // ---- all

  /** @param role how the headers of the caller begin */
  private begin(kind: 'queue' | 'parked', { get }: AmiEvent, role: string, began: number): CallFact {
    const number = get(`${role}CallerIDNum`)
    const call: CallFact = {
      kind,
      uniqueid: get(`${role}Uniqueid`),
      queue: kind === 'queue' ? get('Queue') : `pk-${get('Parkinglot')}`,
      number: number === '<unknown>' ? '' : number,
      began,
      holds: 0,
    }
    this.calls.push(call)
    return call
  }

  private answer(call: CallFact, at: number, agent: string, other: string): void {
    call.answered = at
    call.wait = seconds(call.began, at)
    if (call.phone === undefined) this.own(call, agent)
    this.talk(call, agent, other)
  }

  private talk(call: CallFact, agent: string, other: string): void {
    this.talks.add({ call, agent, other, isOnHold: false, onMusic: new Set(), isEnding: false })
  }

  private own(call: CallFact, agent: string): void {
    const phone = this.server.phoneOf(agent)
    call.phone = phone
    call.person = this.server.personAt(phone)
  }

  /** Conversations of tracked calls in which one of these takes part are over. */
  private end(event: AmiEvent, channels: readonly string[]): void {
    for (const talk of this.talks) {
      const { call, agent, other } = talk
      if (call.kind === 'queue' || !channels.some((one) => one === agent || one === other)) continue
      call.talk = seconds(call.answered ?? event.at, event.at)
      call.isTransferred = this.transfers.some(
        (transfer) =>
          Math.abs(transfer.at - event.at) < SAME_MOMENT &&
          partiesOf(transfer).some((one) => one === agent || one === other),
      )
      this.talks.delete(talk)
    }
  }

  private isParty(talk: Talk, uniqueid: string): boolean {
    return talk.other === uniqueid || this.agentsOf(talk).includes(uniqueid)
  }

  /** The phones of the agent's side: of a member with a Local channel, those who talk through it. */
  private agentsOf({ call, agent, other }: Talk): string[] {
    if (call.kind !== 'queue') return [agent]
    if (!this.server.channel(agent)?.name.startsWith('Local/')) return [agent]
    if (this.server.isOptimised(agent)) return [...this.server.heardBy(other)]
    const half = this.server.halfBehind(agent)
    return half === undefined ? [] : [...this.server.heardBy(half)]
  }

  /** Whether an agent holds may have changed. A phone's hold is of its tracked call, else of the queue call that it took last. */
  private listen(): void {
    const inOrder = [...this.talks].sort(
      (one, other) =>
        Number(one.call.kind === 'queue') - Number(other.call.kind === 'queue') ||
        (other.call.answered ?? 0) - (one.call.answered ?? 0),
    )
    const taken = new Set<string>()
    for (const talk of inOrder) {
      const agents = this.agentsOf(talk).filter((agent) => !taken.has(agent))
      for (const agent of agents) taken.add(agent)
      const hearing = new Set(agents.flatMap((agent) => this.server.onMusicWith(agent)))
      const goesOn = [...talk.onMusic].some((one) => this.server.channel(one)?.isOnMusic)
      const isOnHold = hearing.size > 0 || goesOn || agents.some((agent) => this.server.holds(agent))
      if (isOnHold && !talk.isOnHold && !(talk.isEnding && talk.call.kind === 'queue')) talk.call.holds++
      talk.isOnHold = isOnHold
      if (hearing.size > 0) talk.onMusic = hearing
      else if (!goesOn) talk.onMusic = new Set()
    }
  }
}

/** Whether an event says that somebody has left a conversation to others; who brings a third one in stays. */
function isTransfer({ name, get }: AmiEvent): boolean {
  return TRANSFERS.has(name) && get('Result') === 'Success' && get('DestType') !== 'Threeway'
}

/** Whether music begins that stops at once: Asterisk 22 does so behind the announcements of a hold (out_hold_announcements). */
function isUnheardMusic({ name, get, at }: AmiEvent, events: readonly AmiEvent[], index: number): boolean {
  if (name !== 'MusicOnHoldStart') return false
  const next = events
    .slice(index + 1)
    .find((event) => event.name.startsWith('MusicOnHold') && event.get('Uniqueid') === get('Uniqueid'))
  return next?.name === 'MusicOnHoldStop' && next.at - at < UNHEARD
}
