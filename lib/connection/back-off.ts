const SHORTEST_MS = 500
const LONGEST_MS = 30_000
/** A session of this length, in ms, was a good one. */
const GOOD_SESSION_MS = 30_000

/**
 * How long to wait before a connection is tried again. The wait doubles from half a second to half a minute. Each wait
 * is a random time between half of it and all of it, so that many trackers do not come back to a restarted Asterisk at
 * once.
 */
export class BackOff {
  private readonly random: () => number
  private failures = 0

  /** @param random from 0 to below 1 */
  constructor(random: () => number = Math.random) {
    this.random = random
  }

  /** ms until the next try */
  next(): number {
    const longest = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (this.failures + 1))
    this.failures = Math.min(this.failures + 1, 16)
    return longest / 2 + (this.random() * longest) / 2
  }

  /**
   * A session has ended. After a good session, waits start from the shortest one. A server that cuts each session right
   * after its login is tried less and less often.
   *
   * @param ms how long it lasted, from the login on
   */
  sessionEnded(ms: number): void {
    if (ms >= GOOD_SESSION_MS) this.failures = 0
  }
}
