import { Election, GRACE_MS, type OwnBeat } from '../../lib/election/election.ts'

export interface Span {
  from: number
  ms: number
}

/** What happens to a tracker: all times are ms since the beginning. */
export interface Life {
  /** Which life it is a restart of, on the same machine: it finds what that one has noted. */
  follows?: number
  begins: number
  /** It is killed; what it has sent still arrives. */
  ends: number
  /** It stops reading and leaves. */
  leaves: number
  /** Its process stands still. */
  standstills: readonly Span[]
  /** Its whole machine stands still, and its clock with it. */
  pauses: readonly Span[]
  /** Its connection is lost, and made anew. */
  gaps: readonly Span[]
  /** How long what it sends takes, and what is sent to it: one after the other is taken, again and again. */
  delaysOut: readonly number[]
  delaysIn: readonly number[]
  /** How long it is busy before it reads and acts again: in the same manner. */
  busy: readonly number[]
  /** Asterisk does not tell it user events. */
  isBlind: boolean
}

/** What happens to the server. */
export interface ServerLife {
  /** Its clock is set. */
  clockSet?: { at: number; by: number }
  /** It is restarted: every connection is lost. */
  restart?: Span
  /** Nothing happens on the PBX. */
  quiet?: Span
}

interface Message {
  beat?: OwnBeat
  /** When it happened, in ms since the beginning, by which it is known; its stamp is `serverMs`. */
  line?: number
  isPing?: boolean
  isAnswer?: boolean
  serverMs: number
}

const STEP_MS = 20
/** Something happens on the PBX for which a line is to be written. */
export const LINE_EVERY_MS = 60

/** The lines that were written, each by its time, in the order in which the server took them. */
export function simulate(
  lives: readonly Life[],
  durationMs: number,
  { clockSet, restart, quiet }: ServerLife = {},
): number[] {
  const written: number[] = []
  const trackers = lives.map((life, index) => {
    return new SimulatedTracker(
      `tracker ${index}`,
      { ...life, gaps: [...life.gaps, ...(restart ? [restart] : [])] },
      restart,
    )
  })
  for (let now = 0; now < durationMs; now += STEP_MS) {
    const serverMs = 1_000_000 + now + (clockSet !== undefined && now >= clockSet.at ? clockSet.by : 0)
    const isQuiet = quiet !== undefined && now >= quiet.from && now < quiet.from + quiet.ms
    const raised: Message[] = now % LINE_EVERY_MS === 0 && !isQuiet ? [{ line: now, serverMs }] : []
    for (const tracker of trackers) {
      for (const { beat, line, isPing } of tracker.arrivedAtServer(now)) {
        if (line !== undefined) written.push(line)
        if (isPing) tracker.tell([{ isAnswer: true, serverMs }], now)
        if (beat !== undefined) raised.push({ beat, serverMs })
      }
    }
    for (const tracker of trackers) tracker.tell(raised, now)
    for (const tracker of trackers) tracker.step(now, trackers)
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
  private readonly restart: Span | undefined
  private election: Election
  private readonly name: string
  private hasBegun = false
  /** The last proof that it is active, and when it noted that. */
  private kept: { ms: number; at: number } | undefined
  private readonly out: Way
  private readonly in: Way
  private undecided: { line: number; stamp: number; readAt: number }[] = []
  private isUp = false
  /** While the process stood still. */
  private wasCutOff = false
  private hasLeft = false
  private busyUntil = 0
  private turns = 0
  /** How long its clock has stood still. */
  private behind = 0

  constructor(name: string, life: Life, restart: Span | undefined) {
    this.life = life
    this.restart = restart
    this.name = name
    this.election = new Election(name)
    this.out = new Way(life.delaysOut)
    this.in = new Way(life.delaysIn)
  }

  arrivedAtServer(now: number): Message[] {
    return this.out.take(now)
  }

  tell(raised: readonly Message[], now: number): void {
    if (!this.isUp) return
    for (const message of raised) if (!(this.life.isBlind && message.beat)) this.in.send(message, now)
  }

  step(now: number, all: readonly SimulatedTracker[]): void {
    if (!this.hasBegun && now >= this.life.begins) {
      this.hasBegun = true
      const before = this.life.follows === undefined ? undefined : all[this.life.follows]?.kept
      if (before !== undefined && now - before.at < GRACE_MS) this.election = new Election(this.name, before.ms)
    }
    const { begins, ends, leaves, standstills, pauses, gaps, busy } = this.life
    const isWithin = ({ from, ms }: Span): boolean => from <= now && now < from + ms
    if (now < begins || now >= ends) {
      this.isUp = false
      return
    }
    const isUp = !gaps.some(isWithin)
    const isPaused = pauses.some(isWithin)
    if (isPaused) this.behind += STEP_MS
    if (isPaused || standstills.some(isWithin) || now < this.busyUntil) {
      this.wasCutOff ||= !isUp
      return
    }
    this.busyUntil = now + (busy[this.turns++ % busy.length] ?? 0)
    const own = now - this.behind
    if (this.wasCutOff && this.isUp) this.connect(false, now, own)
    this.wasCutOff = false
    if (isUp !== this.isUp) this.connect(isUp, now, own)
    if (!this.hasLeft && now >= leaves) {
      this.hasLeft = true
      this.election.leave()
    }
    // Timers go before sockets, in the programs as well.
    this.act(now, own)
    for (const message of this.in.take(now)) this.read(message, now, own)
    this.act(now, own)
    const { provenBeatMs, role } = this.election
    if (provenBeatMs !== undefined && provenBeatMs !== this.kept?.ms) this.kept = { ms: provenBeatMs, at: now }
    if (role === 'leaving' || role === 'standby') this.kept = undefined
  }

  private connect(isUp: boolean, now: number, own: number): void {
    this.isUp = isUp
    if (!isUp) {
      this.election.disconnected(own)
      this.in.lose()
      return
    }
    this.election.connected(own)
    const { restart } = this
    if (restart !== undefined && now >= restart.from && now < restart.from + restart.ms + STEP_MS) {
      this.election.serverWasRestarted()
    }
  }

  private read({ beat, line, isAnswer, serverMs }: Message, now: number, own: number): void {
    if (isAnswer) this.election.answered(own)
    if (line !== undefined && !this.hasLeft) this.undecided.push({ line, stamp: serverMs, readAt: own })
    if (beat === undefined) return
    this.election.heard({ ...beat, place: '' }, own, serverMs)
    this.act(now, own)
  }

  private act(now: number, own: number): void {
    const beat = this.isUp ? this.election.due(own) : undefined
    if (beat !== undefined) this.out.send({ beat, serverMs: 0 }, now)
    if (this.isUp && this.election.asks(own)) this.out.send({ isPing: true, serverMs: 0 }, now)
    for (let next = this.undecided[0]; next !== undefined; next = this.undecided[0]) {
      const owner = this.election.ownerOf(next.stamp, next.readAt)
      if (owner === 'undecided' || (owner === 'ours' && !this.isUp)) return
      this.undecided.shift()
      if (owner === 'ours') this.out.send({ line: next.line, serverMs: 0 }, now)
    }
  }
}
