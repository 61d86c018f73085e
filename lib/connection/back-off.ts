const SHORTEST_MS = 500
const LONGEST_MS = 30_000
/** A session that lasted so long was a good one. */
const GOOD_SESSION_MS = 30_000

/**
 * How long to wait before a connection is tried again: doubling from half a second to half a minute, each between the
 * half and the whole of that, so that many trackers do not come back to a restarted Asterisk at once.
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
   * A session has ended. After a good one the next try is a first one; a server that cuts each right after its login is tried
   * less and less often.
   *
   * @param ms how long it lasted, from the login on
   */
  sessionEnded(ms: number): void {
    if (ms >= GOOD_SESSION_MS) this.failures = 0
  }
}
