const SHORTEST_GAP_MS = 20
const LONGEST_GAP_MS = 5000
/** If nobody says what waits, the gaps grow with the silence: they are this part of it. */
const PART_OF_SILENCE = 1 / 20
/** A tick may come a little too early, or not at all. Then it is tried again after this time, in ms. */
const AGAIN_MS = 50

/**
 * Decides when to ask the server for the time.
 *
 * If the reader of the stream is in the same process, it says when something falls due ({@link expect}). Then the
 * server is asked only at these times, and otherwise once in {@link LONGEST_GAP_MS}. If the readers are other programs,
 * nobody knows what waits. Then the server is asked often while anything arrives, and less and less often while it is
 * quiet.
 */
export class Ticker {
  private readonly tick: () => void
  private timer: NodeJS.Timeout | undefined
  /** ms of performance.now() */
  private quietSince = 0
  /** ms of performance.now() */
  private dueAt = Number.POSITIVE_INFINITY
  private running = false
  /** When something falls due, in ms of performance.now(): Infinity if nothing does; undefined if nobody says so. */
  private expectedAt: number | undefined

  constructor(tick: () => void) {
    this.tick = tick
  }

  /** Something arrived just now. */
  heard(): void {
    this.quietSince = performance.now()
    // An arrival is no reason to skip a tick: if no tracker reads this event, time would stand still.
    if (this.expectedAt === undefined) this.waitAtMost(SHORTEST_GAP_MS)
  }

  /**
   * From now on it is known what waits for time to pass.
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
      // Timers run before sockets: what arrived while this process was busy must be read first.
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
