import type { Beat, Role } from './beat.ts'

/** How often a tracker gives a sign of life, in ms. */
export const BEAT_MS = 400
/** An active tracker whose beat has not come back for so long, in ms, may have been given up by others. */
const LATE_MS = 800
/**
 * So long, in ms, a tracker may write after a beat that was its last to come through: the next one was due BEAT_MS later,
 * and late after LATE_MS more.
 */
export const GRACE_MS = BEAT_MS + LATE_MS
/** After so long a silence, in ms, nobody is active: longer than {@link GRACE_MS}. */
export const SILENCE_MS = 1600
/** So long, in ms, another tracker counts as present after its last beat. */
const PRESENT_MS = 5000
/** A server that has answered nothing for so long, in ms, will not tell of beats either. */
const UNANSWERED_MS = 5000
const MAX_UNRETURNED = 100

/**
 * Which one of the trackers on an Asterisk writes.
 *
 * Asterisk hands the beats of all to all in one order (the queue of events of its manager), and each sees its own come
 * back in it. That decides: a claim is won if nothing of an active tracker and no other claim was read before it came
 * back. Time is only needed for the silence before a claim and for what is late.
 *
 * Times called `now` are ms of one monotonic clock of this process; the server's are ms since the epoch, by its clock.
 */
export class Election {
  private readonly self: string
  private isConnected = false
  /** What it does while nothing is decided: it has stood by, or has not. */
  private waits: 'listening' | 'standby' = 'listening'
  private currentRole: Role = 'listening'
  private number = 0
  private toldRole: Role | undefined
  private sentAt = Number.NEGATIVE_INFINITY
  /** The beats that have not come back: their numbers and when they were sent. */
  private readonly unreturned = new Map<number, number>()
  private hasReturned = false
  /** When the server had answered the first beat, if it ever does. */
  private answeredAt: number | undefined
  private connectedAt = 0
  /** When the silence began. */
  private silentSince = 0
  private presentAt = Number.NEGATIVE_INFINITY
  private claim = 0
  private claimedAt = 0
  /** When this process was last seen at work. */
  private awakeAt = Number.POSITIVE_INFINITY
  /** The first beat that shows, when it comes back, that all was read that arrived while this process stood still. */
  private provenBy = 0
  private rival = { since: Number.NEGATIVE_INFINITY, heardAt: Number.NEGATIVE_INFINITY }

  /** The other tracker that is active, as far as is known. */
  active: Beat | undefined
  /** The lines of this time of the server and later are this tracker's to write; those before were another's. */
  writesFrom = Number.NEGATIVE_INFINITY

  /** @param self the {@link Beat.tracker} of this one */
  constructor(self: string) {
    this.self = self
  }

  get role(): Role {
    return this.currentRole
  }

  /** Whether others have shown themselves of late. */
  isAlone(now: number): boolean {
    return now - this.presentAt > PRESENT_MS
  }

  /** Whether it is active without having seen its own beats, so that it would not see those of others. */
  get isBlind(): boolean {
    return this.isConnected && !this.hasReturned && this.currentRole === 'active'
  }

  connected(now: number, serverMs: number): void {
    this.isConnected = true
    this.hasReturned = false
    this.answeredAt = undefined
    this.connectedAt = now
    this.silentSince = now
    this.toldRole = undefined
    // What happened in the gap was the active one's to write, if it wrote.
    if (this.waits === 'standby') this.writesFrom = serverMs + GRACE_MS
  }

  disconnected(now: number): void {
    this.isConnected = false
    this.unreturned.clear()
    if (this.currentRole === 'leaving') return
    // What waits undecided may be written by those who are left.
    if (this.currentRole !== 'active' && !this.isAlone(now)) this.waits = 'standby'
    this.currentRole = this.waits
  }

  /**
   * The server has answered what was sent after the first beat, so it has taken that, too: if it does not give it back
   * now, it shows those of nobody.
   */
  answered(now: number): void {
    this.answeredAt ??= now
  }

  /** No beats can be sent or seen on this server: it is on its own. */
  refused(): void {
    this.isConnected = false
    this.become('active')
  }

  /** It reads no more events, and writes what they gave: whoever stands by may go on at once. */
  leave(): void {
    if (this.currentRole === 'active') {
      this.become('leaving')
      return
    }
    // One that ends is no candidate.
    this.isConnected = false
    this.currentRole = this.waits
  }

  /**
   * A beat was read.
   *
   * @param serverMs when it was given
   */
  heard(beat: Beat, now: number, serverMs: number): void {
    this.noticeStandstill(now)
    if (beat.tracker === this.self) this.heardOwn(beat, now)
    else this.heardOther(beat, now, serverMs)
  }

  /** The beat that is to be sent now, if one is. */
  due(now: number): Pick<Beat, 'tracker' | 'role' | 'number'> | undefined {
    if (!this.isConnected) return undefined
    this.noticeStandstill(now)
    if (this.currentRole === 'listening' || this.currentRole === 'standby') this.endSilence(now)
    const isTold = this.currentRole === this.toldRole
    // That it leaves is said once: it calls for a claim, and somebody else may be active already when it is said again.
    if (isTold && (this.currentRole === 'leaving' || now - this.sentAt < BEAT_MS)) return undefined
    return this.beat(now)
  }

  /** Whether lines may be written now. */
  mayWrite(now: number): boolean {
    this.noticeStandstill(now)
    return (this.currentRole === 'active' || this.currentRole === 'leaving') && !this.isLapsed(now)
  }

  private beat(now: number): Pick<Beat, 'tracker' | 'role' | 'number'> {
    this.number++
    this.sentAt = now
    this.toldRole = this.currentRole
    // Only the oldest matters, and of one that cannot see them none comes back.
    if (this.unreturned.size < MAX_UNRETURNED) this.unreturned.set(this.number, now)
    return { tracker: this.self, role: this.currentRole, number: this.number }
  }

  private endSilence(now: number): void {
    if (this.hasReturned) {
      if (now - this.silentSince >= SILENCE_MS) this.beginClaim(now)
      return
    }
    const isTaken = this.answeredAt !== undefined && now - this.answeredAt >= SILENCE_MS
    if (isTaken || now - this.connectedAt >= UNANSWERED_MS) this.become('active')
  }

  private heardOwn({ number }: Beat, now: number): void {
    // It was only late: everything is to be decided anew.
    if (this.isBlind) this.listenAgain(now)
    this.hasReturned = true
    for (const sent of this.unreturned.keys()) if (sent <= number) this.unreturned.delete(sent)
    if (this.currentRole !== 'claiming' || number < this.claim) return
    // Others that read it in time have waited for what follows it, and no longer.
    const isInTime = now - this.claimedAt <= LATE_MS || this.isAlone(now)
    if (isInTime) this.become('active')
    else this.listenAgain(now)
  }

  private heardOther(beat: Beat, now: number, serverMs: number): void {
    this.presentAt = now
    switch (beat.role) {
      case 'listening':
        // It is told at once that this one is active: if it were not before this one ends, it would write its last lines.
        if (this.currentRole === 'active') this.toldRole = undefined
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
    this.active = beat
    this.silentSince = now
    if (this.currentRole === 'leaving') return
    const isSure = this.currentRole === 'active' && !this.isBlind && !this.isLapsed(now)
    if (isSure && !this.isRival(now)) return
    this.standBy(serverMs + GRACE_MS)
  }

  private heardClaim(now: number, serverMs: number): void {
    this.silentSince = now
    if (this.currentRole === 'active' && this.isLapsed(now)) this.standBy(serverMs + GRACE_MS)
    // It was first.
    else if (this.currentRole === 'claiming') this.currentRole = this.waits
  }

  private heardLeaving({ tracker }: Beat, now: number, serverMs: number): void {
    if (this.currentRole === 'active' || this.currentRole === 'leaving') return
    if (this.active !== undefined && this.active.tracker !== tracker) return
    this.standBy(serverMs)
    this.silentSince = now - SILENCE_MS
  }

  /** @param writesFrom when the other one has certainly stopped writing, should this be the last that is heard of it */
  private standBy(writesFrom: number): void {
    this.waits = 'standby'
    this.currentRole = 'standby'
    this.writesFrom = writesFrom
  }

  private beginClaim(now: number): void {
    this.currentRole = 'claiming'
    this.claim = this.number + 1
    this.claimedAt = now
  }

  private listenAgain(now: number): void {
    this.currentRole = this.waits
    this.silentSince = now
  }

  private become(role: 'active' | 'leaving'): void {
    this.currentRole = role
    this.waits = 'listening'
    if (role === 'active') {
      this.active = undefined
      this.provenBy = 0
    }
  }

  /** After a standstill of this process it is not known who else is active until a beat sent since has come back. */
  private noticeStandstill(now: number): void {
    const stoodStill = now - this.awakeAt > LATE_MS
    this.awakeAt = now
    if (!stoodStill) return
    this.provenBy = this.number + 1
    if (this.currentRole === 'claiming') this.listenAgain(now)
  }

  private isLapsed(now: number): boolean {
    // Whoever cannot see others does not see its own beats either.
    if (!this.isConnected || !this.hasReturned) return false
    const [oldest] = this.unreturned
    const [oldestNumber, oldestSentAt] = oldest ?? [this.number + 1, now]
    if (oldestNumber <= this.provenBy) return true
    return !this.isAlone(now) && now - oldestSentAt > LATE_MS
  }

  /** Whether another one goes on being active beside this one: as one does that cannot see others. */
  private isRival(now: number): boolean {
    if (now - this.rival.heardAt > SILENCE_MS) this.rival.since = now
    this.rival.heardAt = now
    return now - this.rival.since > SILENCE_MS
  }
}
