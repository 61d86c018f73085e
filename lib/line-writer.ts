/** What is written at once is some of these; it is cut from one so long as it fits. */
const SLAB_BYTES = 128 * 1024
const LF = 0x0a

/** Puts lines together as they are to be written: those that came behind each other in one chunk are copied as one. */
export class LineWriter {
  private slab = Buffer.allocUnsafeSlow(SLAB_BYTES)
  private from = 0
  private to = 0
  /** Whole lines that are still to be copied. */
  private source: Buffer | undefined
  private sourceStart = 0
  private sourceEnd = 0

  /** Adds the line that is `bytes[start..end)`. */
  addBytes(bytes: Buffer, start: number, end: number): void {
    if (this.source === bytes && this.sourceEnd + 1 === start && bytes[this.sourceEnd] === LF) {
      this.sourceEnd = end
      return
    }
    this.copySource()
    this.source = bytes
    this.sourceStart = start
    this.sourceEnd = end
  }

  /**
   * Adds a line that is made in its place.
   *
   * @param write puts no more than `maxBytes` at `at` of `out`, and returns where they end; -1 if it can not make the line
   * @returns whether it could
   */
  addMade(maxBytes: number, write: (out: Buffer, at: number) => number): boolean {
    this.copySource()
    this.makeRoom(maxBytes + 1)
    const end = write(this.slab, this.to)
    if (end < 0) return false
    this.to = end
    this.slab[this.to++] = LF
    return true
  }

  /** Adds a line that is a byte string. */
  addLine(line: string): void {
    this.addMade(line.length, (out, at) => at + out.write(line, at, 'latin1'))
  }

  /** All that was added since, to be written. */
  take(): Buffer {
    this.copySource()
    const taken = this.slab.subarray(this.from, this.to)
    this.from = this.to
    return taken
  }

  private copySource(): void {
    const { source, sourceStart, sourceEnd } = this
    if (source === undefined) return
    this.source = undefined
    this.makeRoom(sourceEnd - sourceStart + 1)
    source.copy(this.slab, this.to, sourceStart, sourceEnd)
    this.to += sourceEnd - sourceStart
    this.slab[this.to++] = LF
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
