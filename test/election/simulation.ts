import type { Beat } from '../../lib/election/beat.ts'
import { Election } from '../../lib/election/election.ts'

/** What happens to a tracker: all times are ms since the beginning. */
export interface Life {
  begins: number
  /** It is killed; what it has sent still arrives. */
  ends: number
  /** It stops reading and leaves. */
  leaves: number
  /** Its process stands still. */
  standstills: readonly { from: number; ms: number }[]
  /** Its connection is lost, and made anew. */
  gaps: readonly { from: number; ms: number }[]
  /** How long what it sends, and what is sent to it, takes: one after the other is taken, again and again. */
  delays: readonly number[]
  /** Asterisk does not tell it user events. */
  isBlind: boolean
}

interface Message {
  beat?: Omit<Beat, 'place'>
  line?: number
  /** The server says that it took a beat. */
  isAnswer?: boolean
  serverMs: number
}

const STEP_MS = 20
/** Something happens on the PBX for which a line is to be written. */
export const LINE_EVERY_MS = 60

/** The lines that were written, each by its time, in the order in which the server took them. */
export function simulate(lives: readonly Life[], durationMs: number): number[] {
  const written: number[] = []
  const trackers = lives.map((life, index) => new SimulatedTracker(`tracker ${index}`, life))
  for (let now = 0; now < durationMs; now += STEP_MS) {
    const raised: Message[] = now % LINE_EVERY_MS === 0 ? [{ line: now, serverMs: now }] : []
    for (const tracker of trackers) {
      for (const { beat, line } of tracker.arrivedAtServer(now)) {
        if (line !== undefined) written.push(line)
        if (beat === undefined) continue
        tracker.tell([{ isAnswer: true, serverMs: now }], now)
        raised.push({ beat, serverMs: now })
      }
    }
    for (const tracker of trackers) tracker.tell(raised, now)
    for (const tracker of trackers) tracker.step(now)
  }
  return written
}

/** A way through the network, on which nothing overtakes. */
class Way {
  private readonly delays: readonly number[]
  private count = 0
  private lastArrival = 0
  private under: { message: Message; arrives: number }[] = []

  constructor(delays: readonly number[]) {
    this.delays = delays
  }

  send(message: Message, now: number): void {
    const delay = this.delays[this.count++ % this.delays.length] ?? 0
    this.lastArrival = Math.max(this.lastArrival, now + delay)
    this.under.push({ message, arrives: this.lastArrival })
  }

  take(now: number): Message[] {
    const arrived = this.under.filter(({ arrives }) => arrives <= now).map(({ message }) => message)
    this.under = this.under.filter(({ arrives }) => arrives > now)
    return arrived
  }

  lose(): void {
    this.under = []
  }
}

/** The election of a tracker with what stands around it in the program: a connection, and a sink that keeps to it. */
class SimulatedTracker {
  private readonly life: Life
  private readonly election: Election
  private readonly out: Way
  private readonly in: Way
  private ready: number[] = []
  private isUp = false
  /** While the process stood still. */
  private wasCutOff = false
  private hasLeft = false

  constructor(name: string, life: Life) {
    this.life = life
    this.election = new Election(name)
    this.out = new Way(life.delays)
    this.in = new Way([...life.delays].reverse())
  }

  arrivedAtServer(now: number): Message[] {
    return this.out.take(now)
  }

  tell(raised: readonly Message[], now: number): void {
    if (!this.isUp) return
    for (const message of raised) if (!(this.life.isBlind && message.beat)) this.in.send(message, now)
  }

  step(now: number): void {
    const { begins, ends, leaves, standstills, gaps } = this.life
    const isWithin = ({ from, ms }: { from: number; ms: number }): boolean => from <= now && now < from + ms
    if (now < begins || now >= ends) {
      this.isUp = false
      return
    }
    const isUp = !gaps.some(isWithin)
    if (standstills.some(isWithin)) {
      this.wasCutOff ||= !isUp
      return
    }
    if (this.wasCutOff && this.isUp) this.connect(false, now)
    this.wasCutOff = false
    if (isUp !== this.isUp) this.connect(isUp, now)
    if (!this.hasLeft && now >= leaves) {
      this.hasLeft = true
      this.election.leave()
    }
    // Timers go before sockets, in the programs as well.
    this.act(now)
    for (const message of this.in.take(now)) this.read(message, now)
    this.act(now)
  }

  private connect(isUp: boolean, now: number): void {
    this.isUp = isUp
    if (isUp) this.election.connected(now, now)
    else {
      this.election.disconnected(now)
      this.in.lose()
    }
  }

  private read({ beat, line, isAnswer, serverMs }: Message, now: number): void {
    if (isAnswer) this.election.answered(now)
    if (line !== undefined && !this.hasLeft) this.ready.push(line)
    if (beat === undefined) return
    this.election.heard({ ...beat, place: '' }, now, serverMs)
    this.act(now)
  }

  private act(now: number): void {
    if (!this.isUp) return
    const beat = this.election.due(now)
    if (beat !== undefined) this.out.send({ beat, serverMs: 0 }, now)
    const { writesFrom } = this.election
    this.ready = this.ready.filter((line) => line >= writesFrom)
    if (!this.election.mayWrite(now)) return
    for (const line of this.ready.splice(0)) this.out.send({ line, serverMs: 0 }, now)
  }
}
