const SHORTEST_GAP_MS = 20
const LONGEST_GAP_MS = 5000
/** The gaps grow with the silence, to this part of it: what waits is over at most so much too late. */
const PART_OF_SILENCE = 1 / 20

/**
 * Says again and again what time it is: densely while anything arrives, and when something may be waiting for a few
 * milliseconds to pass, and less and less often while it stays quiet.
 *
 * What arrives is no reason to be silent: it may be of a kind that no tracker is shown, and then time would stand still.
 */
export class Ticker {
  private readonly tick: () => void
  private timer: NodeJS.Timeout | undefined
  /** ms of performance.now() */
  private quietSince = 0
  /** ms of performance.now() */
  private dueAt = Number.POSITIVE_INFINITY
  private running = false

  constructor(tick: () => void) {
    this.tick = tick
  }

  /** Something arrived just now. */
  heard(): void {
    this.quietSince = performance.now()
    if (this.running && this.dueAt > this.quietSince + SHORTEST_GAP_MS) this.wait(SHORTEST_GAP_MS)
  }

  start(): void {
    this.running = true
    this.heard()
  }

  stop(): void {
    this.running = false
    clearTimeout(this.timer)
    this.dueAt = Number.POSITIVE_INFINITY
  }

  private wait(ms: number): void {
    clearTimeout(this.timer)
    this.dueAt = performance.now() + ms
    this.timer = setTimeout(() => {
      // Timers go before sockets: what arrived while this process was busy is read first.
      setImmediate(() => this.tickNow())
    }, ms)
  }

  private tickNow(): void {
    if (!this.running) return
    this.tick()
    const silence = performance.now() - this.quietSince
    this.wait(Math.min(LONGEST_GAP_MS, Math.max(SHORTEST_GAP_MS, silence * PART_OF_SILENCE)))
  }
}
