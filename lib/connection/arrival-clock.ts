/**
 * How far behind the server's clock a tick stays, in ms, where Asterisk stamps its events: they are stamped by other
 * threads than the one that writes them out.
 */
const TICK_LAG_MS = 10
/** What arrives so much later than others did, in ms, has waited: this process, or what is between, stood still. */
const BEHIND_MS = 200
/** For how long, in ms, it is remembered at least how early events can arrive; for twice as long at most. */
const EARLIEST_MS = 30_000
/** A server that stamps its events does not say another time than they by more than this, in ms. */
const CLOCKS_DIFFER_MS = 3_600_000

const UNKNOWN_LEAD = { last: 0, least: 0, leastBefore: Number.POSITIVE_INFINITY, since: Number.NEGATIVE_INFINITY }

/**
 * What time it is on the server, as far as its events tell.
 *
 * Asterisk stamps events with its own clock (`timestampevents=yes`), which on another machine is not ours. So time goes
 * on from the last stamp by what passed here since that event arrived: that is late by the event's way through the
 * network, never early. Without stamps it is the clock of this machine.
 */
export class ArrivalClock {
  private readonly wallMs: () => number
  private readonly steadyMs: () => number
  private lastStamp: { ms: number; arrivedAt: number } | undefined
  /** The time of the last event: ms since the epoch; undefined if there was none. */
  private lastEventMs: number | undefined
  /** The time of the last tick: ms since the epoch. */
  private lastTickMs = 0
  /** By how much this machine's steady clock is ahead of the stamp of an event that arrives: of the last one, and the least. */
  private lead = UNKNOWN_LEAD

  /**
   * @param wallMs ms since the epoch
   * @param steadyMs ms of a clock that nobody sets
   */
  constructor(wallMs: () => number = Date.now, steadyMs: () => number = () => performance.now()) {
    this.wallMs = wallMs
    this.steadyMs = steadyMs
  }

  /** An event came with a stamp of Asterisk's own: ms since the epoch. */
  stamped(ms: number): void {
    const arrivedAt = this.steadyMs()
    this.lastStamp = { ms, arrivedAt }
    this.lastEventMs = ms
    this.measureLead(arrivedAt - ms, arrivedAt)
  }

  /** Whether the last event came late: more may wait that happened since. */
  get isBehind(): boolean {
    const { last, least, leastBefore } = this.lead
    return this.isStamped && last - Math.min(least, leastBefore) > BEHIND_MS
  }

  /** An event came without; the time of its arrival: ms since the epoch. */
  arrived(): number {
    this.lastEventMs = this.now()
    return this.lastEventMs
  }

  /** Whether an event has told the time: before that, none can wait for it to pass. */
  get isTold(): boolean {
    return this.lastEventMs !== undefined
  }

  /** Whether an event carried a stamp of Asterisk's own. */
  get isStamped(): boolean {
    return this.lastStamp !== undefined
  }

  /** The time of the server, or the best guess at it: ms since the epoch. */
  now(): number {
    if (this.lastStamp === undefined) return this.wallMs()
    return this.lastStamp.ms + this.steadyMs() - this.lastStamp.arrivedAt
  }

  /**
   * The server's own word for what time it is, unless its events tell quite another time: then theirs goes on. Where they
   * tell none, all is by the clock of this machine.
   *
   * @param serverMs what the server says: ms since the epoch; undefined if it does not
   */
  timeOf(serverMs: number | undefined): number {
    const now = this.now()
    if (serverMs === undefined || (this.isTold && !this.isStamped)) return now
    return this.isStamped && Math.abs(serverMs - now) > CLOCKS_DIFFER_MS ? now : serverMs
  }

  /**
   * Everything has arrived that the server sent before a moment.
   *
   * @param asked what {@link now} was at that moment
   * @returns the time that has certainly come: ms since the epoch; undefined if that is no news, or not {@link isTold}
   */
  tick(asked: number): number | undefined {
    if (this.lastEventMs === undefined) return undefined
    const ms = Math.max(this.lastEventMs, asked - this.tickLagMs)
    if (ms === this.lastTickMs) return undefined
    this.lastTickMs = ms
    return ms
  }

  /** How long it takes, in ms, until a tick can say that a time has come. @param serverMs ms since the epoch */
  untilTick(serverMs: number): number {
    return serverMs - this.now() + this.tickLagMs
  }

  private measureLead(ms: number, now: number): void {
    const { lead } = this
    const age = now - lead.since
    if (age > EARLIEST_MS) {
      const leastBefore = age < 2 * EARLIEST_MS ? lead.least : Number.POSITIVE_INFINITY
      this.lead = { last: ms, least: ms, leastBefore, since: now }
    } else this.lead = { ...lead, last: ms, least: Math.min(lead.least, ms) }
  }

  private get tickLagMs(): number {
    return this.lastStamp === undefined ? 0 : TICK_LAG_MS
  }

  /** Another session begins: its server may stamp otherwise. */
  reset(): void {
    this.lastStamp = undefined
    this.lastEventMs = undefined
    this.lastTickMs = 0
    this.lead = UNKNOWN_LEAD
  }
}
