import { closeSync, fstatSync, readSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

/** Some 300 events. Twice as much was no faster. */
const CHUNK_BYTES = 128 * 1024

/**
 * A regular file, read in the turn that needs it. Such a read waits for nobody, and handing each one to another thread
 * and back, as a stream of node:fs does, took a fifth of a replay. Signals and writes have their turn between chunks.
 */
export class FileSource implements AsyncIterable<Buffer> {
  private readonly descriptor: number
  private isStopped = false
  /** How long it was when it was opened, and how much of it was read: bytes. */
  readonly size: number
  bytesRead = 0
  /** Whether it was read to its end. */
  readableEnded = false

  /** @param descriptor of the open file, which is closed at the end */
  constructor(descriptor: number) {
    this.descriptor = descriptor
    this.size = fstatSync(descriptor).size
  }

  /** Reads no further. */
  destroy(): void {
    this.isStopped = true
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      while (!this.isStopped) {
        const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
        const bytes = readSync(this.descriptor, chunk)
        if (bytes === 0) {
          this.readableEnded = true
          return
        }
        this.bytesRead += bytes
        yield bytes === CHUNK_BYTES ? chunk : chunk.subarray(0, bytes)
        await turn()
      }
    } finally {
      closeSync(this.descriptor)
    }
  }
}
