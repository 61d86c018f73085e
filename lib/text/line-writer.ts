/** What is written at once is some of these; it is cut from one so long as it fits. */
const SLAB_BYTES = 128 * 1024
const LF = 0x0a

/**
 * Puts lines together as they are to be written. Each is copied into its place: as one text, joined first, they took twice
 * as long. Those that pass untouched are copied as one piece.
 */
export class LineWriter {
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  private from = 0
  private to = 0
  /** Lines that stand one behind the other where they came from, which are copied together: placed[placedFrom..placedTo). */
  private placed: Buffer | undefined
  private placedFrom = 0
  private placedTo = 0

  /**
   * Adds a line that is made in its place.
   *
   * @param write puts no more than `maxBytes` at `at` of `out`, and returns where they end; -1 if it can not make the line
   * @returns whether it could
   */
  addMade(maxBytes: number, write: (out: Buffer, at: number) => number): boolean {
    this.copyPlaced()
    this.makeRoom(maxBytes + 1)
    const end = write(this.slab, this.to)
    if (end < 0) return false
    this.to = end
    this.slab[this.to++] = LF
    return true
  }

  /** Adds a line that is a byte string. */
  addLine(line: string): void {
    this.copyPlaced()
    this.makeRoom(line.length + 1)
    this.to += this.slab.write(line, this.to, 'latin1')
    this.slab[this.to++] = LF
  }

  /** Adds the line that stands in `bytes[start..end)` with its LF. It must not be written to any more. */
  addPlaced(bytes: Buffer, start: number, end: number): void {
    if (bytes !== this.placed || start !== this.placedTo) {
      this.copyPlaced()
      this.placed = bytes
      this.placedFrom = start
    }
    this.placedTo = end
  }

  /** All that was added since, to be written. */
  take(): Buffer {
    if (this.placed !== undefined && this.from === this.to) {
      const alone = this.placed.subarray(this.placedFrom, this.placedTo)
      this.placed = undefined
      return alone
    }
    this.copyPlaced()
    const taken = this.slab.subarray(this.from, this.to)
    this.from = this.to
    return taken
  }

  private copyPlaced(): void {
    const { placed, placedFrom, placedTo } = this
    if (placed === undefined) return
    this.placed = undefined
    this.makeRoom(placedTo - placedFrom)
    this.to += placed.copy(this.slab, this.to, placedFrom, placedTo)
  }

  private makeRoom(bytes: number): void {
    if (this.to + bytes <= this.slab.length) return
    const length = this.to - this.from
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, 2 * (length + bytes)))
    this.slab.copy(slab, 0, this.from, this.to)
    this.slab = slab
    this.from = 0
    this.to = length
  }
}
