const SHORTEST_GAP_MS = 20
const LONGEST_GAP_MS = 1000
/** The gaps grow with the silence, to this part of it: what waits is over at most so much too late. */
const PART_OF_SILENCE = 1 / 20

/**
 * Says again and again that nothing arrives: densely at first, when something may be waiting for a few milliseconds to
 * pass, and less and less often while it stays quiet.
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
    // A timer that is due too early looks again by itself: setting one anew for each event would cost more than that.
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
      // Timers go before sockets: what arrived while this process was busy is read first, and then it is not quiet.
      setImmediate(() => this.look())
    }, ms)
  }

  private look(): void {
    if (!this.running) return
    const silence = performance.now() - this.quietSince
    if (silence >= SHORTEST_GAP_MS) this.tick()
    const gap = Math.min(LONGEST_GAP_MS, Math.max(SHORTEST_GAP_MS, silence * PART_OF_SILENCE))
    this.wait(silence < SHORTEST_GAP_MS ? SHORTEST_GAP_MS - silence : gap)
  }
}
