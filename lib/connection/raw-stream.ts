import { Readable } from 'node:stream'
import type { WaitingPool } from './waiting-pool.ts'

/** How often to wait for a reader that takes nothing, and how long each time, in ms. */
const MOST_WAITS = 50
const WAIT_MS = 1
/** How many bytes are passed on at once, at most. */
const CHUNK_BYTES = 64 * 1024

/**
 * The AMI stream on its way from the socket to a reader that may be slow. What is not read yet waits here, so that the
 * socket never waits.
 */
export class RawStream extends Readable {
  private readonly maxBytes: number
  private readonly pool: WaitingPool | undefined
  private readonly waiting: Buffer[] = []
  private waitingBytes = 0
  /** How many bytes were passed on so far. */
  private handedBytes = 0
  private wanted = false
  private ending = false
  /** How many bytes may still be passed on in this turn of the event loop. More waits for the next turn. */
  private turnBytes = CHUNK_BYTES
  private nextTurn: NodeJS.Immediate | undefined

  /**
   * @param maxBytes how much may wait
   * @param pool the memory that it shares with other streams
   * @internal
   */
  constructor(maxBytes: number, pool?: WaitingPool) {
    super({ highWaterMark: CHUNK_BYTES })
    this.maxBytes = maxBytes
    this.pool = pool
  }

  /** Whether nothing is added any more. */
  get isFinished(): boolean {
    return this.ending
  }

  /** How many bytes wait to be read. */
  get depth(): number {
    return this.waitingBytes + this.readableLength
  }

  /**
   * Adds whole messages at the end.
   *
   * @returns false if they do not fit and were not added
   * @internal
   */
  offer(bytes: Buffer): boolean {
    const length = this.waitingBytes + bytes.length
    if (this.ending || length > this.maxBytes || this.pool?.change(this.waitingBytes, length) === false) return false
    this.waiting.push(bytes)
    this.waitingBytes = length
    if (this.wanted) this.handOn()
    return true
  }

  /**
   * Fulfilled when everything that waits now was read, and the reader had a turn of the event loop to process it. If a
   * reader takes nothing, the wait ends after some ms.
   *
   * @internal
   */
  async handedOn(): Promise<void> {
    const all = this.handedBytes + this.waitingBytes
    const read = (): number => this.handedBytes - this.readableLength
    for (let waits = 0; read() < all && !this.destroyed && waits < MOST_WAITS; ) {
      const before = read()
      await new Promise((turn) => setImmediate(turn))
      if (read() > before) continue
      waits++
      await new Promise((later) => setTimeout(later, WAIT_MS))
    }
    // Bytes that are passed on at the end of a turn may have their effects in the next turn.
    await new Promise((turn) => setImmediate(turn))
    await new Promise((turn) => setImmediate(turn))
  }

  /**
   * Nothing is added any more; what waits is still read.
   *
   * @internal
   */
  finish(): void {
    if (this.ending) return
    this.ending = true
    if (this.wanted) this.handOn()
  }

  /** @internal */
  override _read(): void {
    this.wanted = true
    this.handOn()
  }

  /** @internal */
  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.pool?.change(this.waitingBytes, 0)
    this.waiting.length = 0
    this.waitingBytes = 0
    clearImmediate(this.nextTurn)
    done(error)
  }

  private handOn(): void {
    while (this.wanted && this.waiting.length > 0) {
      if (this.turnBytes <= 0) return
      let bytes = 0
      let count = 0
      while (count < this.waiting.length && (count === 0 || bytes < CHUNK_BYTES)) {
        bytes += this.waiting[count]?.length ?? 0
        count++
      }
      this.pool?.change(this.waitingBytes, this.waitingBytes - bytes)
      this.waitingBytes -= bytes
      this.handedBytes += bytes
      this.turnBytes -= bytes
      this.nextTurn ??= setImmediate(() => this.beginTurn())
      const some = this.waiting.splice(0, count)
      this.wanted = this.push(count === 1 ? some[0] : Buffer.concat(some, bytes))
    }
    if (this.ending && this.waiting.length === 0) this.push(null)
  }

  /** Other streams have had their turn. */
  private beginTurn(): void {
    this.nextTurn = undefined
    this.turnBytes = CHUNK_BYTES
    if (this.wanted && this.waiting.length > 0) this.handOn()
  }
}
