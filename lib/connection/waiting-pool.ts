/**
 * How much the streams of many connections may keep in memory together, besides a small own part for each. So a few
 * slow readers cannot take the memory of all.
 */
export class WaitingPool {
  private readonly ownBytes: number
  private freeBytes: number

  /**
   * @param bytes how many bytes they share
   * @param ownBytes how many bytes each may keep besides, independent of the others
   */
  constructor(bytes: number, ownBytes: number) {
    this.freeBytes = bytes
    this.ownBytes = ownBytes
  }

  /**
   * A stream will keep another number of bytes than before.
   *
   * @returns whether it may
   */
  change(from: number, to: number): boolean {
    const more = Math.max(0, to - this.ownBytes) - Math.max(0, from - this.ownBytes)
    if (more > this.freeBytes) return false
    this.freeBytes -= more
    return true
  }
}
