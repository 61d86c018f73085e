/** A member is gone that was missing for so long while the bus answered, in ms. */
const MISSING_MS = 1200

/**
 * The members of a fleet, as they are seen on the bus. After the bus itself was away for a while, the entries of all have
 * passed away, and come back one after the other: so one that is missing is gone only after some more looks.
 */
export class Roster {
  /** Since when each is missing: undefined while it is seen. */
  private readonly missingSince = new Map<string, number | undefined>()

  /** Those that are there, in the order of their names. */
  get members(): readonly string[] {
    return [...this.missingSince.keys()].sort()
  }

  /** The bus does not answer: who was missing may only not have been seen. */
  lookAway(): void {
    for (const member of this.missingSince.keys()) this.missingSince.set(member, undefined)
  }

  /**
   * Takes what is seen. Where the bus does not answer, nothing is seen, and nobody gone.
   *
   * @param atMs by a clock that only goes on
   * @returns whether the members are others now
   */
  see(present: readonly string[], atMs: number): boolean {
    const before = this.members.join()
    for (const [member, since] of this.missingSince) {
      if (since === undefined) this.missingSince.set(member, atMs)
      else if (atMs - since >= MISSING_MS) this.missingSince.delete(member)
    }
    for (const member of present) this.missingSince.set(member, undefined)
    return this.members.join() !== before
  }
}
