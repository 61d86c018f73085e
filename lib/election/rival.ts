/** Another tracker that goes on being active beside this one, as one does that cannot see others. */
export class Rival {
  private readonly silenceMs: number
  private since = Number.NEGATIVE_INFINITY
  private readAt = Number.NEGATIVE_INFINITY

  /** @param silenceMs after so long a silence it has given way: ms */
  constructor(silenceMs: number) {
    this.silenceMs = silenceMs
  }

  /**
   * A beat of it was read at a time.
   *
   * @returns whether it has gone on for too long to be one that has not heard of this one yet
   */
  goesOn(now: number): boolean {
    if (now - this.readAt > this.silenceMs) this.since = now
    this.readAt = now
    return now - this.since > this.silenceMs
  }
}
