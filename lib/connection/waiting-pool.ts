/**
 * What the streams of many connections may keep in memory together, besides a little that each has for itself: so a few
 * readers that are slow cannot take the memory of all.
 */
export class WaitingPool {
  private readonly ownBytes: number
  private freeBytes: number

  /**
   * @param bytes what they share
   * @param ownBytes what each may keep besides, whatever the others do
   */
  constructor(bytes: number, ownBytes: number) {
    this.freeBytes = bytes
    this.ownBytes = ownBytes
  }

  /**
   * A stream is about to keep another number of bytes than before.
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
