import type { Beat, Role } from './beat.ts'
import { OwnTurns } from './own-turns.ts'
import { Rival } from './rival.ts'

/** How often a tracker gives a sign of life, in ms. */
const BEAT_MS = 400
/**
 * How often, in ms, one that is alone on the server and has had no line to write for {@link LINELESS_MS}: of each beat
 * Asterisk makes an event for all manager users that read those of users. Who comes is answered at once, and a line is
 * proven by a beat of its own.
 */
const LONE_BEAT_MS = 30_000
const LINELESS_MS = 5000
/** An active tracker writes the lines of so long a time, in ms, after its last beat; then they are the next one's. */
export const GRACE_MS = 1200
/** After so long a silence, in ms, nobody is active: longer than {@link GRACE_MS}. */
const SILENCE_MS = 1600
/** So long, in ms, another tracker counts as present after its last beat. */
const PRESENT_MS = 5000
/** A server that has answered nothing for so long, in ms, and has told of no other tracker, will not tell of beats. */
const UNANSWERED_MS = 10_000
/** A process that did nothing for so long, in ms, stood still: it has not read yet what came meanwhile. */
const STANDSTILL_MS = 1000
const MAX_UNRETURNED = 100

/** A beat as it is sent, but for its place. */
export type OwnBeat = Omit<Beat, 'place'>

/**
 * Which one of the trackers on an Asterisk writes.
 *
 * Asterisk hands the beats of all to all in one order (the queue of events of its manager), each with one stamp of its
 * clock, and each tracker sees its own come back in it. All follows from this order, and from these stamps, which are the
 * same for all: an active tracker writes the lines of the times up to {@link GRACE_MS} after the last of its beats that
 * has come back, and the next one those from there on. No two write the same line then, however long a network, a process
 * or the clock of a machine stands still. Only the silence before a claim is measured here, and if it is measured wrongly,
 * beats of the active one stand before the claim in the order, and the claim is void.
 *
 * Times called `now` are ms of one monotonic clock of this process; those called `serverMs` are ms since the epoch, by the
 * clock that stamps the events of the server.
 */
export class Election {
  private readonly self: string
  private isConnected = false
  private isRefused = false
  private currentRole: Role = 'listening'
  /** What it is while it is not active: one that has stood by does not know what happened while it was not connected. */
  private undecidedRole: 'listening' | 'standby' = 'listening'

  // Its own beats.
  private number = 0
  private sentAt = Number.NEGATIVE_INFINITY
  private sentRole: Role | undefined
  /** Those that have not come back: when they were sent, by their numbers. */
  private readonly unreturned = new Map<number, number>()
  private hasReturned = false
  private claim = 0
  /** When the last beat was sent that has come back and said that it is active. */
  private provenAt = Number.NEGATIVE_INFINITY
  /** When the last line was read of which it was asked whose it is. */
  private lineReadAt = Number.NEGATIVE_INFINITY
  /** The stamp of that beat, or of the claim that was won. */
  private provenMs = Number.NEGATIVE_INFINITY
  private readonly turns = new OwnTurns()

  // What is known of the server and of others.
  private connectedAt = 0
  /** How many questions were answered on this connection, the last one when, and whether one is on its way. */
  private answers = { count: 0, at: 0, isAwaited: false }
  private awakeAt = 0
  /** Since when this process has not stood still. */
  private awakeSince = 0
  private silentSince = 0
  private presentAt = Number.NEGATIVE_INFINITY
  /** Another one has been active since the last own turn. */
  private hasOtherBeenActive = false
  private activeReadAt = Number.NEGATIVE_INFINITY
  /** The lines of the times before are another's. */
  private theirsUntil = Number.NEGATIVE_INFINITY
  private readonly rival = new Rival(SILENCE_MS)

  /** The last proof of a process before this one that it was active. */
  private resumedMs: number | undefined
  private isLeaving = false
  /** The other tracker that is active, as far as is known, or was it last. */
  active: Beat | undefined

  /**
   * @param self the {@link Beat.tracker} of this one
   * @param resumedMs the {@link provenBeatMs} of a process that is gone
   */
  constructor(self: string, resumedMs?: number) {
    this.self = self
    this.resumedMs = resumedMs
  }

  /** The stamp of the last of its beats that showed that it is active, in ms; undefined if it is not, or leaves. */
  get provenBeatMs(): number | undefined {
    return this.currentRole === 'active' && Number.isFinite(this.provenMs) ? this.provenMs : undefined
  }

  get role(): Role {
    return this.currentRole
  }

  /** Whether it is active without having seen its own beats, so that it would not see those of others. */
  get isBlind(): boolean {
    return this.isConnected && !this.isRefused && !this.hasReturned && this.writes
  }

  private get writes(): boolean {
    return this.currentRole === 'active' || this.currentRole === 'leaving'
  }

  /**
   * Whose line it is.
   *
   * @param timeMs of what it tells, by the clock of the server
   * @param readAt when it came about here, by the clock of this process
   */
  ownerOf(timeMs: number, readAt: number): 'ours' | 'theirs' | 'undecided' {
    this.lineReadAt = Math.max(this.lineReadAt, readAt)
    if (this.isBlind || (this.isRefused && this.writes)) return 'ours'
    if (this.turns.includes(timeMs)) return 'ours'
    if (timeMs < this.theirsUntil) return 'theirs'
    // Where the clock of the server was set back, the order tells.
    if (this.writes && readAt <= this.provenAt) return 'ours'
    return this.currentRole === 'standby' && readAt <= this.activeReadAt ? 'theirs' : 'undecided'
  }

  connected(now: number): void {
    this.isConnected = true
    this.isRefused = false
    this.hasReturned = false
    this.answers = { count: 0, at: now, isAwaited: false }
    this.connectedAt = now
    this.silentSince = now
    this.sentRole = undefined
  }

  /** The server was started while the connection was lost: in this time nobody else was told anything either. */
  serverWasRestarted(): void {
    if (this.currentRole === 'standby') this.currentRole = 'listening'
    this.undecidedRole = 'listening'
  }

  disconnected(now: number): void {
    this.isConnected = false
    this.isRefused = false
    this.unreturned.clear()
    // What waits undecided may be written by those who are left.
    const wasUndecided = this.currentRole === 'listening' || this.currentRole === 'claiming'
    if (wasUndecided && this.turns.isEmpty && this.isPresent(now)) this.undecidedRole = 'standby'
    this.currentRole = this.undecidedRole
  }

  /**
   * Whether the server is to be asked something now, to be told of its answer by {@link answered}: answers and events come
   * in one order, so a beat that was sent before and has not come back by then never will.
   */
  asks(now: number): boolean {
    const { answers } = this
    if (!this.isConnected || this.isRefused || this.hasReturned || answers.isAwaited) return false
    // The event of a beat may come a moment after the answer.
    if (answers.count > 0 && now - Math.max(answers.at, this.silentSince) < SILENCE_MS) return false
    answers.isAwaited = true
    return true
  }

  answered(now: number): void {
    const isSilent = now - Math.max(this.answers.at, this.silentSince) >= SILENCE_MS
    if (this.answers.count > 0 && isSilent && !this.hasReturned && !this.writes) this.become('active')
    this.answers = { count: this.answers.count + 1, at: now, isAwaited: false }
  }

  /** No beats can be sent on this server: it is on its own. */
  refused(): void {
    this.isRefused = true
    this.become('active')
  }

  /** It reads no more events, and writes what they gave: whoever stands by may go on at once. */
  leave(): void {
    this.isLeaving = true
    if (this.currentRole === 'active') {
      // Where nobody stands by, the next process of this place goes on without having to ask.
      if (this.isPresent(this.awakeAt)) this.become('leaving')
    } else {
      // One that ends is no candidate.
      this.isConnected = false
      this.currentRole = this.undecidedRole
    }
  }

  /**
   * A beat was read.
   *
   * @param serverMs its stamp
   */
  heard(beat: Beat, now: number, serverMs: number): void {
    if (beat.tracker === this.self) this.heardOwn(beat, now, serverMs)
    else this.heardOther(beat, now, serverMs)
  }

  /** The beat that is to be sent now, if one is. */
  due(now: number): OwnBeat | undefined {
    if (now - this.awakeAt > STANDSTILL_MS) this.awakeSince = now
    this.awakeAt = now
    if (!this.isConnected) return undefined
    if (this.currentRole === 'listening' || this.currentRole === 'standby') this.endSilence(now)
    if (this.isRefused) return undefined
    const isSent = this.currentRole === this.sentRole
    // That it leaves is said once: it calls for a claim, and somebody else may be active already when it is said again.
    if (isSent && (this.currentRole === 'leaving' || now - this.sentAt < this.beatMs(now))) return undefined
    this.number++
    this.sentAt = now
    this.sentRole = this.currentRole
    // Of one that cannot see them none comes back.
    if (this.unreturned.size < MAX_UNRETURNED) this.unreturned.set(this.number, now)
    return { tracker: this.self, role: this.currentRole, number: this.number }
  }

  /** When {@link due} is to be asked again: ms of the clock of this process. In most roles others decide when, and it is at once. */
  nextStepAt(now: number): number {
    if (this.currentRole !== 'active') return now
    if (this.isRefused) return now + BEAT_MS
    return this.hasReturned && this.sentRole === 'active' ? this.sentAt + this.beatMs(now) : now
  }

  private beatMs(now: number): number {
    const isAtRest = this.currentRole === 'active' && this.hasReturned && now - this.lineReadAt > LINELESS_MS
    return isAtRest && !this.isPresent(now) ? LONE_BEAT_MS : BEAT_MS
  }

  // ---- its own beats

  private endSilence(now: number): void {
    if (this.isRefused) {
      if (now - this.silentSince >= SILENCE_MS) this.become('active')
      return
    }
    if (!this.hasReturned) {
      const isDeaf = this.answers.count === 0 && this.presentAt < this.connectedAt
      if (isDeaf && now - Math.max(this.connectedAt, this.awakeSince) >= UNANSWERED_MS) this.become('active')
      return
    }
    // Where all come back at once, the one that was active knows best what happened meanwhile.
    const isBack = this.currentRole === 'standby' && now - this.connectedAt < 2 * SILENCE_MS && !this.isActiveKnown
    if (isBack || now - this.silentSince < SILENCE_MS) return
    this.currentRole = 'claiming'
    this.claim = this.number + 1
  }

  /** Whether another one was active since this connection was made. */
  private get isActiveKnown(): boolean {
    return this.activeReadAt >= this.connectedAt
  }

  private heardOwn(beat: Beat, now: number, serverMs: number): void {
    // They were only late: everything is to be decided anew.
    if (this.isBlind) {
      this.currentRole = this.undecidedRole
      this.silentSince = now
    }
    // What happened before is for those who were there.
    if (!this.hasReturned && this.currentRole === 'standby' && !this.isActiveKnown)
      this.theirsUntil = serverMs + GRACE_MS
    // One that is at rest gives no sign of life before it has heard of this one.
    if (!this.hasReturned && this.silentSince === this.connectedAt) this.silentSince = now
    this.hasReturned = true
    const sentAt = this.unreturned.get(beat.number) ?? Number.NEGATIVE_INFINITY
    for (const number of this.unreturned.keys()) if (number <= beat.number) this.unreturned.delete(number)
    if (this.isResuming(serverMs)) {
      this.provenMs = this.resumedMs ?? serverMs
      this.resumedMs = undefined
      this.become('active')
    } else if (this.currentRole === 'claiming' && beat.number >= this.claim) {
      this.provenMs = serverMs
      this.become('active')
    } else if (beat.role === this.currentRole && this.writes) {
      this.prove(sentAt, serverMs)
    }
  }

  /**
   * Whether it goes on in the place of a process before it, as if that had only stood still: nobody claims before that one's
   * last beat is older than {@link SILENCE_MS}. This is the first of its own beats to come back, and nobody else was heard.
   */
  private isResuming(serverMs: number): boolean {
    const { resumedMs } = this
    if (resumedMs === undefined || this.currentRole !== 'listening') return false
    return serverMs >= resumedMs && serverMs < resumedMs + GRACE_MS
  }

  /** It is active still at this place in the order. */
  private prove(sentAt: number, serverMs: number): void {
    this.provenAt = sentAt
    this.provenMs = serverMs
    if (this.turns.isEmpty || this.hasOtherBeenActive) this.turns.begin(this.theirsUntil, serverMs)
    this.hasOtherBeenActive = false
    this.turns.goOn(serverMs, this.currentRole === 'leaving' ? serverMs : serverMs + GRACE_MS)
  }

  private become(role: 'active' | 'leaving'): void {
    this.currentRole = role
    this.undecidedRole = 'listening'
    if (role === 'active') this.provenAt = Number.NEGATIVE_INFINITY
  }

  // ---- those of others

  private heardOther(beat: Beat, now: number, serverMs: number): void {
    this.presentAt = now
    if (beat.role !== 'listening' && beat.role !== 'standby') this.resumedMs = undefined
    if (this.isLeaving && this.currentRole === 'active') this.become('leaving')
    switch (beat.role) {
      case 'listening':
        // It is told at once that this one is active: if it were not before this one ends, it would write its last lines.
        if (this.currentRole === 'active') this.sentRole = undefined
        break
      case 'active':
        this.heardActive(beat, now, serverMs)
        break
      case 'claiming':
        this.heardClaim(now, serverMs)
        break
      case 'leaving':
        this.heardLeaving(beat, now, serverMs)
        break
    }
  }

  private heardActive(beat: Beat, now: number, serverMs: number): void {
    this.silentSince = now
    // One that took over has said so by its claim.
    // One whose beats nobody hears can but give way.
    if (this.writes && !this.isBlind && !this.isRefused && !this.rival.goesOn(now)) return
    this.standBy(beat, now, serverMs + GRACE_MS)
  }

  private heardClaim(now: number, serverMs: number): void {
    this.silentSince = now
    // It waited longer than this one's last beat is good for: it has won.
    if (this.currentRole === 'active' && this.isSuperseded(serverMs)) this.currentRole = 'listening'
    // It was first.
    else if (this.currentRole === 'claiming') this.currentRole = this.undecidedRole
  }

  private heardLeaving(beat: Beat, now: number, serverMs: number): void {
    if (this.writes) return
    if (this.isActiveKnown && this.active?.tracker !== beat.tracker) return
    this.standBy(beat, now, serverMs)
    this.silentSince = now - SILENCE_MS
  }

  private standBy(beat: Beat, now: number, theirsUntil: number): void {
    this.active = beat
    this.activeReadAt = now
    this.hasOtherBeenActive = true
    this.undecidedRole = 'standby'
    this.currentRole = 'standby'
    this.theirsUntil = theirsUntil
  }

  private isPresent(now: number): boolean {
    return now - this.presentAt <= PRESENT_MS
  }

  /** Whether what another one says at a place in the order comes too late for this one still to be active there. */
  private isSuperseded(serverMs: number): boolean {
    return serverMs >= this.provenMs + GRACE_MS
  }
}
