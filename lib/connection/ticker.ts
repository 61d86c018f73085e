const SHORTEST_GAP_MS = 20
const LONGEST_GAP_MS = 5000
/** Where nobody says what waits, gaps grow with the silence, to this part of it. */
const PART_OF_SILENCE = 1 / 20
/** A tick may come a little too early for what waits for it, or not at all: then it is tried again after so long, in ms. */
const AGAIN_MS = 50

/**
 * Says when it is time to ask the server what time it is.
 *
 * Who reads the stream in the same process says when something falls due ({@link expect}): then it is asked only for that,
 * and once in {@link LONGEST_GAP_MS} otherwise. Where readers are other programs, nobody knows what waits: it is asked
 * densely while anything arrives, and less and less often while it stays quiet.
 */
export class Ticker {
  private readonly tick: () => void
  private timer: NodeJS.Timeout | undefined
  /** ms of performance.now() */
  private quietSince = 0
  /** ms of performance.now() */
  private dueAt = Number.POSITIVE_INFINITY
  private running = false
  /** When something falls due, in ms of performance.now(): Infinity if nothing does; undefined where nobody says so. */
  private expectedAt: number | undefined

  constructor(tick: () => void) {
    this.tick = tick
  }

  /** Something arrived just now. */
  heard(): void {
    this.quietSince = performance.now()
    // What arrives is no reason to be silent: it may be of a kind that no tracker is shown, and time would stand still.
    if (this.expectedAt === undefined) this.waitAtMost(SHORTEST_GAP_MS)
  }

  /**
   * What waits for time to pass is known from now on.
   *
   * @param ms until the next thing falls due; undefined if nothing waits
   */
  expect(ms: number | undefined): void {
    this.expectedAt = ms === undefined ? Number.POSITIVE_INFINITY : performance.now() + Math.max(1, ms)
    if (ms !== undefined) this.waitAtMost(Math.max(1, ms))
  }

  start(): void {
    this.running = true
    this.waitAtMost(SHORTEST_GAP_MS)
    this.heard()
  }

  stop(): void {
    this.running = false
    clearTimeout(this.timer)
    this.dueAt = Number.POSITIVE_INFINITY
  }

  private waitAtMost(ms: number): void {
    if (this.running && this.dueAt > performance.now() + ms) this.wait(ms)
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
    this.wait(this.gap())
  }

  private gap(): number {
    if (this.expectedAt !== undefined) {
      return Math.min(LONGEST_GAP_MS, Math.max(AGAIN_MS, this.expectedAt - performance.now()))
    }
    const silence = performance.now() - this.quietSince
    return Math.min(LONGEST_GAP_MS, Math.max(SHORTEST_GAP_MS, silence * PART_OF_SILENCE))
  }
}
