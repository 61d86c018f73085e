/**
 * How far behind the server's clock a tick stays, in ms, if Asterisk stamps its events: other threads stamp events than
 * the thread that writes them out.
 */
const TICK_LAG_MS = 10
/** An event that arrives this much later than others, in ms, has waited: this process, or the network, stood still. */
const BEHIND_MS = 200
/** How long, in ms, the earliest arrival of events is remembered, at least. At most twice as long. */
const EARLIEST_MS = 30_000
/** The time that a server says, and the timestamps of its events, differ at most by this, in ms. */
const CLOCKS_DIFFER_MS = 3_600_000

const UNKNOWN_LEAD = { last: 0, least: 0, leastBefore: Number.POSITIVE_INFINITY, since: Number.NEGATIVE_INFINITY }

/**
 * The time on the server, as its events show it.
 *
 * Asterisk stamps events with its own clock (`timestampevents=yes`), which is not ours if Asterisk is on another
 * machine. So the time is the last timestamp plus the time since this event arrived here. This is late by the event's
 * way through the network, and never early. Without timestamps it is the clock of this machine.
 */
export class ArrivalClock {
  private readonly wallMs: () => number
  private readonly steadyMs: () => number
  private lastStamp: { ms: number; arrivedAt: number } | undefined
  /** The time of the last event: ms since the epoch; undefined if there was none. */
  private lastEventMs: number | undefined
  /** The time of the last tick: ms since the epoch. */
  private lastTickMs = 0
  /**
   * How far this machine's steady clock is ahead of the timestamp of an arriving event: for the last event, and the
   * least.
   */
  private lead = UNKNOWN_LEAD

  /**
   * @param wallMs ms since the epoch
   * @param steadyMs ms of a clock that nobody sets
   */
  constructor(wallMs: () => number = Date.now, steadyMs: () => number = () => performance.now()) {
    this.wallMs = wallMs
    this.steadyMs = steadyMs
  }

  /** An event came with Asterisk's own timestamp: ms since the epoch. */
  stamped(ms: number): void {
    const arrivedAt = this.steadyMs()
    this.lastStamp = { ms, arrivedAt }
    this.lastEventMs = ms
    this.measureLead(arrivedAt - ms, arrivedAt)
  }

  /** Whether the last event came late: newer events may still wait. */
  get isBehind(): boolean {
    const { last, least, leastBefore } = this.lead
    return this.isStamped && last - Math.min(least, leastBefore) > BEHIND_MS
  }

  /** An event came without a timestamp. Returns the time of its arrival: ms since the epoch. */
  arrived(): number {
    this.lastEventMs = this.now()
    return this.lastEventMs
  }

  /** Whether an event has shown the time. Before that, nothing can wait for time to pass. */
  get isTold(): boolean {
    return this.lastEventMs !== undefined
  }

  /** Whether an event had Asterisk's own timestamp. */
  get isStamped(): boolean {
    return this.lastStamp !== undefined
  }

  /** The time of the server, or the best guess: ms since the epoch. */
  now(): number {
    if (this.lastStamp === undefined) return this.wallMs()
    return this.lastStamp.ms + this.steadyMs() - this.lastStamp.arrivedAt
  }

  /**
   * The time that the server says, if the timestamps of its events do not differ much from it; otherwise the time of
   * its events. If events have no timestamps, it is the clock of this machine.
   *
   * @param serverMs what the server says: ms since the epoch; undefined if it does not
   */
  timeOf(serverMs: number | undefined): number {
    const now = this.now()
    if (serverMs === undefined || (this.isTold && !this.isStamped)) return now
    return this.isStamped && Math.abs(serverMs - now) > CLOCKS_DIFFER_MS ? now : serverMs
  }

  /**
   * Everything that the server sent before a moment has arrived.
   *
   * @param asked what {@link now} was at that moment
   * @returns the time that has certainly come: ms since the epoch; undefined if this is not new, or not {@link isTold}
   */
  tick(asked: number): number | undefined {
    if (this.lastEventMs === undefined) return undefined
    const ms = Math.max(this.lastEventMs, asked - this.tickLagMs)
    if (ms === this.lastTickMs) return undefined
    this.lastTickMs = ms
    return ms
  }

  /** How long it takes, in ms, until a tick can show that a time has come. @param serverMs ms since the epoch */
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

  /** Another session begins: its server may stamp events in another way. */
  reset(): void {
    this.lastStamp = undefined
    this.lastEventMs = undefined
    this.lastTickMs = 0
    this.lead = UNKNOWN_LEAD
  }
}
