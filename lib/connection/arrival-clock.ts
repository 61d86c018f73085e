/**
 * How far behind the server's clock a tick stays, in ms, where Asterisk stamps its events: one that is still on its way
 * must not be stamped before a tick that went ahead of it.
 */
const TICK_LAG_MS = 10

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
  /** The time of the last event or tick that went on: ms since the epoch. */
  private latestMs = 0

  /**
   * @param wallMs ms since the epoch
   * @param steadyMs ms of a clock that nobody sets
   */
  constructor(wallMs: () => number = Date.now, steadyMs: () => number = () => performance.now()) {
    this.wallMs = wallMs
    this.steadyMs = steadyMs
  }

  /** An event came with a stamp of Asterisk's own. */
  stamped(ms: number): void {
    this.lastStamp = { ms, arrivedAt: this.steadyMs() }
    this.latestMs = ms
  }

  /** The time of an event that came without: ms since the epoch. */
  arrival(): number {
    this.latestMs = this.now()
    return this.latestMs
  }

  /** The time that has certainly come: ms since the epoch; undefined if that is no news. */
  tick(): number | undefined {
    const ms = this.now() - (this.lastStamp === undefined ? 0 : TICK_LAG_MS)
    if (ms <= this.latestMs) return undefined
    this.latestMs = ms
    return ms
  }

  /** The next server may stamp otherwise. */
  reset(): void {
    this.lastStamp = undefined
    this.latestMs = 0
  }

  private now(): number {
    if (this.lastStamp === undefined) return this.wallMs()
    return this.lastStamp.ms + this.steadyMs() - this.lastStamp.arrivedAt
  }
}

/** `1795373363.148000`, as Asterisk writes it. @param ms since the epoch */
export function formatTimestamp(ms: number): string {
  const microseconds = Math.round(ms * 1000)
  return `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, '0')}`
}
