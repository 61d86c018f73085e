import { type FSWatcher, watch } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipped } from '../files/gunzip.ts'
import { type CutLine, LineCutter, MAX_LINE_BYTES } from './line.ts'
import {
  beginOf,
  type FileIdentity,
  type FilePlace,
  fileBehind,
  fileOf,
  type LogFile,
  lookAt,
  openToRead,
  readHead,
  rotatedFiles,
} from './log-file.ts'
import { inodeOf } from './rotated-names.ts'

/** So much is read at once: more than the longest line. */
const CHUNK_BYTES = 4 * MAX_LINE_BYTES
/** Where nothing tells of a change, one looks so often: ms. */
const LOOK_MS = 250
/** Whoever had the old file open has the new one by then: ms since the last write into the old one. */
const QUIET_MS = 1000
/** Files may be moved between two looks at them. */
const TRIES = 5
const LF = 0x0a

/** Lines that stand behind each other in a file. */
export interface LogChunk {
  readonly lines: readonly CutLine[]
  /** What the file was called when it was opened. */
  readonly path: string
  readonly file: FileIdentity
  /** Where one goes on behind them. */
  readonly end: FilePlace
  /** How much of the file is unread: bytes; 0 where that is not known. */
  readonly unread: number
}

/** There is nothing more to read just now. */
export const CAUGHT_UP = 'caught up'

export interface FollowOptions {
  /** Where to go on; undefined: at the beginning of the file that has the name now. */
  readonly after?: FilePlace | undefined
  /** Whether one begins at the end where `after` says nothing. */
  readonly atEnd?: boolean
  /** Whether one waits for more; else the end of the file is the end. */
  readonly follow: boolean
  readonly signal: AbortSignal
  /** Told where lines may be missing, or the file is not there yet. */
  readonly onProblem: (text: string) => void
  /** How long after the last write into a file that was renamed nobody writes into it any more: ms. */
  readonly quietMs?: number
}

/** A file that is open. */
interface Held {
  readonly path: string
  readonly handle: FileHandle
  readonly inode: string
  /** undefined while its first line is not whole. */
  head: string | undefined
  byte: number
  /** Set where nothing more comes: a file that is rotated, and was written before. */
  readonly isOld: boolean
}

/**
 * Follows a queue_log through its rotations, by renaming, by copytruncate, by removal: the file that is open is read to its end
 * before the next one, and what was copied and cut off is read in the copy.
 *
 * A file that was cut off is told from one that grew by its size, and by its first line, which is looked at before and behind
 * each read.
 */
export class FollowedLog {
  private readonly path: string
  private readonly options: FollowOptions
  private held: Held | undefined
  private isMissingTold = false

  constructor(path: string, options: FollowOptions) {
    this.path = path
    this.options = options
  }

  /** @throws Error (of node:fs) if the file cannot be read */
  async *[Symbol.asyncIterator](): AsyncGenerator<LogChunk | typeof CAUGHT_UP> {
    const { signal, follow } = this.options
    const changes = new Changes(this.path, signal)
    try {
      yield* this.begin()
      while (!signal.aborted) {
        const more = yield* this.readMore()
        if (more || signal.aborted) continue
        if (!follow) {
          yield* this.rest()
          yield CAUGHT_UP
          return
        }
        yield CAUGHT_UP
        await changes.next()
      }
    } finally {
      changes.end()
      await this.close()
    }
  }

  private async *begin(): AsyncGenerator<LogChunk> {
    const { after, atEnd = false } = this.options
    if (after !== undefined) {
      yield* this.goOn(after)
      return
    }
    const current = await lookAt(this.path)
    if (current === undefined) return
    await this.open(current, atEnd ? current.size : 0, false)
  }

  /** Goes on at a place in a file, whatever it is called by now. */
  private async *goOn(after: FilePlace): AsyncGenerator<LogChunk> {
    for (let tries = 0; tries < TRIES; tries++) {
      const current = await lookAt(this.path)
      const rotated = await rotatedFiles(this.path)
      const found = fileOf(after, current === undefined ? rotated : [current, ...rotated])
      if (found === undefined) continue
      if (!found.isPacked) {
        if (await this.open(found, after.byte, found !== current)) return
      } else if (yield* this.readPacked(found, after.byte)) {
        yield* this.turnTo({ ...after, mtimeMs: found.mtimeMs })
        return
      }
    }
    this.options.onProblem(
      `${this.path}: the file with the last line is gone. Lines may be missing; reading continues with the next file`,
    )
    yield* this.turnTo({ ...after, mtimeMs: 1000 * (beginOf(after.head) + 1) - 1 })
  }

  /** @returns whether anything was read, or another file was opened */
  private async *readMore(): AsyncGenerator<LogChunk, boolean> {
    const { held } = this
    if (held === undefined) {
      const current = await lookAt(this.path)
      if (current === undefined) {
        const waits = this.options.follow ? '; waiting for it' : ''
        if (!this.isMissingTold) this.options.onProblem(`${this.path} does not exist yet${waits}`)
        this.isMissingTold = true
        return false
      }
      await this.open(current, 0, false)
      return true
    }
    const { size, mtimeMs } = await held.handle.stat()
    if (size < held.byte || !(await this.hasSameHead(held))) {
      yield* this.readCopy(held)
      return true
    }
    const chunk = await this.read(held, size)
    if (chunk === undefined) return true
    if (chunk.lines.length > 0) {
      yield chunk
      return true
    }
    return yield* this.turnOver(held, mtimeMs)
  }

  /** Whole lines of a file; undefined if it was cut off meanwhile. */
  private async read(held: Held, size: number): Promise<LogChunk | undefined> {
    held.head ??= await readHead(held.handle)
    const { head } = held
    const bytes = Buffer.allocUnsafe(CHUNK_BYTES)
    // The byte before tells whether a line begins here.
    const before = held.byte > 0 ? 1 : 0
    const { bytesRead } = await held.handle.read(bytes, 0, CHUNK_BYTES, held.byte - before)
    if (!(await this.hasSameHead(held))) return undefined
    const read = bytes.subarray(before, bytesRead)
    const cutter = new LineCutter(held.byte, before > 0 && bytes[0] !== LF)
    const lines = head === undefined ? [] : cutter.feed(read)
    const last = lines.at(-1)
    if (last !== undefined) held.byte = last.byte + last.bytes.length
    const file = { head: head ?? '', inode: held.inode }
    return { lines, path: held.path, file, end: { ...file, byte: held.byte }, unread: Math.max(0, size - held.byte) }
  }

  /** Goes over to the file that follows, once nobody writes into this one. */
  private async *turnOver(held: Held, mtimeMs: number): AsyncGenerator<LogChunk, boolean> {
    if (held.head === undefined && held.byte > 0) return false
    const current = await lookAt(this.path)
    if (current?.inode === held.inode) return false
    const next = fileBehind({ ...identity(held), mtimeMs }, await rotatedFiles(this.path), current)
    if (next === undefined || next.size === 0) return false
    // Whoever wrote into the old file may not have turned to the new one yet.
    if (!held.isOld && Date.now() - mtimeMs < (this.options.quietMs ?? QUIET_MS)) return false
    const { size } = await held.handle.stat()
    if (size > held.byte && (await this.endsInLine(held, size))) return true
    yield* this.rest()
    yield* this.turnTo({ ...identity(held), mtimeMs })
    return true
  }

  /** Opens the file that follows, once the packed ones between are read. */
  private async *turnTo(held: FileIdentity & { mtimeMs: number }): AsyncGenerator<LogChunk> {
    await this.close()
    for (let behind = held; ; ) {
      const current = await lookAt(this.path)
      const next = fileBehind(behind, await rotatedFiles(this.path), current)
      if (next === undefined) return
      if (!next.isPacked) {
        if (await this.open(next, 0, next !== current)) return
        continue
      }
      if (yield* this.readPacked(next, 0)) behind = { head: next.head ?? '', inode: next.inode, mtimeMs: next.mtimeMs }
    }
  }

  /** The file was cut off: what was not read of it stands in a copy, if there is one. */
  private async *readCopy({ path, head, byte }: Held): AsyncGenerator<LogChunk> {
    if (head !== undefined && !(yield* this.readCopyOf({ head, inode: '', byte })) && byte > 0) {
      this.options.onProblem(`${path} was truncated, and no copy of it exists: lines may be missing`)
    }
    const mtimeMs = 1000 * beginOf(head)
    if (head === undefined) await this.close()
    else yield* this.turnTo({ head, inode: '', mtimeMs })
  }

  /** @returns whether there is a copy */
  private async *readCopyOf(place: FilePlace): AsyncGenerator<LogChunk, boolean> {
    for (let tries = 0; tries < TRIES; tries++) {
      const copy = fileOf(place, await rotatedFiles(this.path))
      if (copy === undefined) continue
      if (copy.isPacked && (yield* this.readPacked(copy, place.byte))) return true
      if (!copy.isPacked && (yield* this.readOpened(copy, place.byte))) return true
    }
    return false
  }

  /** Reads a copy to its end. @returns whether it was there */
  private async *readOpened(file: LogFile, byte: number): AsyncGenerator<LogChunk, boolean> {
    if (!(await this.open(file, byte, true))) return false
    const { held } = this
    if (held === undefined) return false
    for (;;) {
      const { size } = await held.handle.stat()
      const chunk = await this.read(held, size)
      if (chunk === undefined || chunk.lines.length === 0) break
      yield chunk
    }
    yield* this.rest()
    return true
  }

  /** Reads a file that gzip has packed from a byte of what it holds on. @returns whether it was there */
  private async *readPacked(file: LogFile, byte: number): AsyncGenerator<LogChunk, boolean> {
    const handle = await opened(file)
    if (handle === undefined) return false
    const identityOf = { head: file.head ?? '', inode: file.inode }
    const cutter = new LineCutter(byte)
    const chunkOf = (lines: CutLine[]): LogChunk | undefined => {
      const last = lines.at(-1)
      if (last === undefined) return undefined
      const end = { ...identityOf, byte: last.byte + last.bytes.length }
      return { lines, path: file.path, file: identityOf, end, unread: 0 }
    }
    let at = 0
    const onDamage = (reason: string): void =>
      this.options.onProblem(`${file.path} is damaged (${reason}): lines may be missing`)
    for await (const bytes of gunzipped(handle.createReadStream(), onDamage)) {
      const skipped = Math.min(bytes.length, Math.max(0, byte - at))
      at += bytes.length
      const chunk = chunkOf(cutter.feed(bytes.subarray(skipped)))
      if (chunk !== undefined) yield chunk
    }
    const last = chunkOf(cutter.end())
    if (last !== undefined) yield last
    return true
  }

  /** A line at the end of a file that is left, without a line end. */
  private async *rest(): AsyncGenerator<LogChunk> {
    const { held } = this
    if (held === undefined) return
    held.head ??= await readHead(held.handle, true)
    const bytes = Buffer.alloc(MAX_LINE_BYTES)
    const { bytesRead } = await held.handle.read(bytes, 0, MAX_LINE_BYTES, held.byte)
    if (bytesRead === 0) return
    const line = { bytes: bytes.subarray(0, bytesRead), byte: held.byte, isPart: false }
    held.byte += bytesRead
    const file = { head: held.head ?? '', inode: held.inode }
    yield { lines: [line], path: held.path, file, end: { ...file, byte: held.byte }, unread: 0 }
  }

  private async hasSameHead({ handle, head }: Held): Promise<boolean> {
    return head === undefined || (await readHead(handle, true)) === head
  }

  private async endsInLine({ handle }: Held, size: number): Promise<boolean> {
    const last = Buffer.alloc(1)
    await handle.read(last, 0, 1, size - 1)
    return last[0] === LF
  }

  /** @returns whether it is still the file that was found */
  private async open(file: LogFile, byte: number, isOld: boolean): Promise<boolean> {
    await this.close()
    const handle = await opened(file)
    if (handle === undefined) return false
    const head = await readHead(handle)
    if (file.head !== undefined && head !== file.head) {
      await handle.close()
      return false
    }
    this.held = { path: file.path, handle, inode: file.inode, head, byte, isOld }
    return true
  }

  private async close(): Promise<void> {
    const { held } = this
    this.held = undefined
    await held?.handle.close()
  }
}

/** Opens a file that was found; undefined if something else has its name by now. */
async function opened({ path, inode }: LogFile): Promise<FileHandle | undefined> {
  try {
    const handle = await openToRead(path)
    if (inodeOf(await handle.stat()) === inode) return handle
    await handle.close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return undefined
}

function identity({ head, inode }: Held): FileIdentity {
  return { head: head ?? '', inode }
}

/** Tells that something may have changed in the folder of a file. */
class Changes {
  private readonly signal: AbortSignal
  private readonly watcher: FSWatcher | undefined
  private hasChanged = false
  private wake = new AbortController()

  constructor(path: string, signal: AbortSignal) {
    this.signal = signal
    try {
      const name = basename(path)
      this.watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
        if (changed !== null && !changed.startsWith(name)) return
        this.hasChanged = true
        this.wake.abort()
      })
      // Not all file systems tell, and of those of other machines none does.
      this.watcher.on('error', () => this.watcher?.close())
    } catch {
      this.watcher = undefined
    }
  }

  /** Waits for a change, but for a moment at most. */
  async next(): Promise<void> {
    if (!this.hasChanged) {
      await sleep(LOOK_MS, undefined, { signal: AbortSignal.any([this.signal, this.wake.signal]) }).catch(() => {})
    }
    this.hasChanged = false
    this.wake = new AbortController()
  }

  end(): void {
    this.watcher?.close()
  }
}
