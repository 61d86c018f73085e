import {
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { bytesOf, FORMAT, readEntries, SLICE_BYTES, slicesOf } from './entries.ts'

/** How often waiting entries are tried again, in ms. */
const RETRY_MS = 500
/** How many bytes of waiting entries are written in one turn of the event loop. */
const WRITTEN_AT_ONCE_BYTES = 1024 * 1024

/** What was found in an existing journal. */
export interface OpenedJournal {
  journal: Journal
  /** What was wrong with it, for the log: then all its entries are invalid. Undefined if nothing was wrong. */
  problem: string | undefined
}

/** What a new journal is made of, see {@link Journal.rewrite}. */
export interface Rewriting {
  /** The lines of the journal as it was at the beginning, from the first entry on. Each call reads it again. */
  slices: () => AsyncIterable<Buffer[]>
  /** Writes lines into the new one. */
  write: (lines: Uint8Array) => Promise<void>
}

/**
 * A file of entries, one line each with a checksum. It is only appended to, so entries are still there after the
 * process was killed. (But not after a power cut: nothing waits for the disk.)
 *
 * Entries that cannot be written because the disk is full wait in memory and are written later, in order.
 */
export class Journal {
  private readonly path: string
  private file: number
  /** The length of the file in bytes. */
  private bytes: number
  private waiting: Buffer[] = []
  private retrying: NodeJS.Timeout | undefined
  private isClosed = false
  /** Whether a part of an entry may be at its end. */
  private isTorn = false
  /** Called when entries begin to wait, with the reason. */
  onFailure: (error: Error) => void = () => {}
  /** Called when nothing waits any more. */
  onMended: () => void = () => {}

  /** How many bytes wait to be written. */
  waitingBytes = 0

  private constructor(path: string, bytes: number) {
    this.path = path
    this.bytes = bytes
    this.file = openSync(path, 'a', 0o600)
  }

  /**
   * Opens a journal, or begins a new one. An incomplete last entry is cut off: the process was killed while it wrote.
   * If anything else is wrong, the journal is set aside as `PATH.corrupt`, and a new one begins.
   *
   * @param onEntry gets each entry, as a byte string, in their order
   * @throws Error if the file cannot be read or written
   */
  static open(path: string, onEntry: (entry: string) => void): OpenedJournal {
    rmSync(rewrittenPath(path), { force: true })
    if (!existsSync(path)) return { journal: Journal.begin(path), problem: undefined }
    const { wholeBytes, problem } = readEntries(path, onEntry)
    if (problem !== undefined) {
      const aside = `${path}.corrupt`
      renameSync(path, aside)
      return {
        journal: Journal.begin(path),
        problem: `the journal ${path} ${problem}: it is now ${aside}, and ami-track forgets the open calls`,
      }
    }
    if (wholeBytes === 0) return { journal: Journal.begin(path), problem: undefined }
    truncateSync(path, wholeBytes)
    return { journal: new Journal(path, wholeBytes), problem: undefined }
  }

  /**
   * Begins a new journal in place of the existing one.
   *
   * @param entries its first entries
   * @throws Error if it cannot be written
   */
  static begin(path: string, entries: readonly string[] = []): Journal {
    const bytes = bytesOf([FORMAT, ...entries])
    const newPath = `${path}.new`
    const file = openSync(newPath, 'w', 0o600)
    try {
      writeAll(file, bytes)
      renameSync(newPath, path)
    } catch (error) {
      rmSync(newPath, { force: true })
      throw error
    } finally {
      closeSync(file)
    }
    return new Journal(path, bytes.length)
  }

  /** Its length in bytes, with the waiting entries. */
  get size(): number {
    return this.bytes + this.waitingBytes
  }

  /** @param entries byte strings without line ends */
  append(entries: readonly string[]): void {
    if (this.isClosed) return
    const bytes = bytesOf(entries)
    if (this.waiting.length === 0 && this.write(bytes)) return
    this.waiting.push(bytes)
    this.waitingBytes += bytes.length
    this.retrying ??= setInterval(() => this.retry(), RETRY_MS).unref()
  }

  /** Writes all waiting entries, if this is possible now. True if nothing waits any more. */
  flush(): boolean {
    while (this.waiting.length > 0) if (!this.writeWaiting()) return false
    return true
  }

  /**
   * Replaces this journal by a new one. Meanwhile entries are still appended, and they are also in the new journal.
   * There is a complete journal at every moment, and the event loop is never blocked for long.
   *
   * @param make writes the new one; false if this one stays
   * @returns whether there is a new one
   * @throws Error if the new one cannot be written; this one stays then
   */
  async rewrite(make: (rewriting: Rewriting) => Promise<boolean>): Promise<boolean> {
    if (this.isClosed || this.waiting.length > 0) return false
    const newPath = rewrittenPath(this.path)
    const end = this.bytes
    const start = bytesOf([FORMAT])
    const old = await open(this.path, 'r')
    try {
      const made = await open(newPath, 'w', 0o600)
      try {
        await made.appendFile(start)
        let bytes = start.length
        const write = async (lines: Uint8Array): Promise<void> => {
          if (this.isClosed) throw new Error('it is closed')
          await made.appendFile(lines)
          bytes += lines.length
        }
        const isMade = await make({ slices: () => slicesOf(old, start.length, end), write })
        if (!isMade) return false
        let copied = end
        while (!this.isClosed && this.bytes - copied > SLICE_BYTES) {
          const until = this.bytes
          for await (const lines of slicesOf(old, copied, until)) await write(Buffer.concat(lines))
          copied = until
        }
        await made.sync()
        // Entries that were appended during the wait for the disk. From here on, nothing else happens in this process.
        if (this.isClosed) return false
        const rest = Buffer.alloc(this.bytes - copied)
        readAll(old.fd, rest, copied)
        writeAll(made.fd, rest)
        const file = openSync(newPath, 'a')
        renameSync(newPath, this.path)
        closeSync(this.file)
        this.file = file
        this.bytes = bytes + rest.length
        return true
      } finally {
        await made.close()
      }
    } finally {
      await old.close()
      if (!this.isClosed) rmSync(newPath, { force: true })
    }
  }

  /** Closes it. Waiting entries are lost. */
  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    clearInterval(this.retrying)
    closeSync(this.file)
    // A process that still writes there writes into a file without a name.
    rmSync(rewrittenPath(this.path), { force: true })
  }

  /** Closes and removes it, because it would be wrong. */
  discard(): void {
    this.close()
    rmSync(this.path, { force: true })
  }

  private retry(): void {
    if (this.isClosed || !this.writeWaiting()) return
    // Much may wait: the event loop turns in between.
    if (this.waiting.length > 0) setImmediate(() => this.retry())
  }

  /** Writes some waiting entries; false if this is not possible. */
  private writeWaiting(): boolean {
    let count = 0
    for (let bytes = 0; count < this.waiting.length && bytes < WRITTEN_AT_ONCE_BYTES; count++)
      bytes += this.waiting[count]?.length ?? 0
    const bytes = Buffer.concat(this.waiting.slice(0, count))
    if (!this.write(bytes)) return false
    this.waiting.splice(0, count)
    this.waitingBytes -= bytes.length
    if (this.waiting.length === 0) {
      clearInterval(this.retrying)
      this.retrying = undefined
      this.onMended()
    }
    return true
  }

  /** Appends to the file; false if it is as it was before. */
  private write(bytes: Buffer): boolean {
    try {
      this.takeBack()
      this.isTorn = true
      writeAll(this.file, bytes)
      this.isTorn = false
      this.bytes += bytes.length
      return true
    } catch (error) {
      if (this.waiting.length === 0) this.onFailure(error as Error)
      return false
    }
  }

  /** Cuts off a part of an entry: entries after it could not be read. */
  private takeBack(): void {
    if (this.isTorn) ftruncateSync(this.file, this.bytes)
    this.isTorn = false
  }
}

function rewrittenPath(path: string): string {
  return `${path}.compacted`
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
}

function readAll(file: number, bytes: Uint8Array, from: number): void {
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(file, bytes, at, bytes.length - at, from + at)
    if (read === 0) throw new Error('it is shorter than it was')
    at += read
  }
}
