import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileWaits } from '../files/file-waits.ts'
import { lookAtAll, type RotatedNames, rotatedNames } from './rotated-names.ts'
import { FoundLines, type LookUp, type Moment, type QueueLogTail, wordsOf } from './tail.ts'

/** So much is always looked at, in bytes, whatever the times in it. */
const ALWAYS_BYTES = 1024 * 1024
/** What is read at once, in bytes: all that is held, but for a line that is longer. */
const BLOCK_BYTES = 256 * 1024
/** A line that is longer is none of ours, and is skipped: bytes. */
const LONGEST_LINE_BYTES = 1024 * 1024
/** A file that does not answer for so long, in ms, is given up. */
const PATIENCE_MS = 10_000

const LF = 0x0a
const COMPRESSED = /\.(gz|bz2|xz|zst|zip)$/

/**
 * A queue_log in a file. It is read backwards, as far as the times of the lines ask, on into the files that it was rotated
 * into.
 */
export class FileTail implements QueueLogTail {
  readonly kind = 'file'
  readonly name: string
  readonly isStampedByAsterisk: boolean

  /** @param path the file */
  constructor(path: string, { isStampedByAsterisk }: { isStampedByAsterisk: boolean }) {
    this.name = path
    this.isStampedByAsterisk = isStampedByAsterisk
  }

  /** @throws Error if the file cannot be read, or does not answer */
  async read({ wanted, since }: LookUp): Promise<FoundLines> {
    // A folder that cannot be read is a problem only where the files are needed.
    let problem: Error | undefined
    const none = (error: Error): RotatedNames => {
      problem = error
      return new Map()
    }
    return await lookAtAll(
      () => answerOf(this.name, rotatedNames(this.name)).catch(none),
      async (rotated) => {
        const found = new Map<string, Moment[]>(wanted.map((line) => [wordsOf(line, this.isStampedByAsterisk), []]))
        const look = new BackwardLook(since, (words, time) => found.get(words)?.push({ from: time, to: time }))
        const reach = await look.through(this.name, () => {
          if (problem !== undefined) throw problem
          return rotated
        })
        return new FoundLines(found, this.isStampedByAsterisk, reach)
      },
    )
  }
}

/** Goes through the lines of a queue_log from its end. */
class BackwardLook {
  private readonly since: number
  private readonly onLine: (words: string, time: number) => void
  /** The time of the oldest line so far. */
  private oldest = Number.POSITIVE_INFINITY
  private readBytes = 0

  constructor(since: number, onLine: (words: string, time: number) => void) {
    this.since = since
    this.onLine = onLine
  }

  /**
   * Goes as far back as is asked.
   *
   * @returns how far it came: seconds since the epoch; to the beginning of all times, unless what came before is in a file
   * that is compressed or cannot be read
   */
  async through(path: string, names: () => RotatedNames): Promise<number> {
    const own = await this.throughFile(path)
    if (this.oldest < this.since) return this.oldest
    // The name is known of a file that Asterisk or logrotate has moved away, and when it was written last.
    for (const rotated of youngestFirst(names(), this.since, own)) {
      if (COMPRESSED.test(rotated)) return this.oldest
      try {
        await this.throughFile(rotated)
      } catch {
        return this.oldest
      }
      if (this.oldest < this.since) return this.oldest
    }
    return Number.NEGATIVE_INFINITY
  }

  /** @returns the inode of the file */
  private async throughFile(path: string): Promise<number> {
    // A pipe would be waited for until somebody writes into it.
    const file = await answerOf(path, open(path, constants.O_RDONLY | constants.O_NONBLOCK))
    try {
      const stats = await answerOf(path, file.stat())
      if (!stats.isFile()) throw new Error('it is not a regular file')
      await this.throughBlocks(path, file, stats.size)
      return stats.ino
    } finally {
      await answerOf(path, file.close())
    }
  }

  private async throughBlocks(path: string, file: FileHandle, size: number): Promise<void> {
    /** The end of a line whose beginning is in the block before. */
    let rest = Buffer.alloc(0)
    for (let at = size; at > 0; ) {
      const block = Buffer.alloc(Math.min(BLOCK_BYTES, at))
      at -= block.length
      const { bytesRead } = await answerOf(path, file.read(block, 0, block.length, at))
      this.readBytes += block.length
      const bytes = Buffer.concat([block.subarray(0, bytesRead), rest])
      const firstEnd = at === 0 ? -1 : bytes.indexOf(LF)
      const isPart = at > 0 && firstEnd < 0
      rest = isPart ? bytes : bytes.subarray(0, firstEnd + 1)
      if (rest.length > LONGEST_LINE_BYTES) rest = Buffer.alloc(0)
      const youngest = isPart ? undefined : this.throughLines(bytes.toString('utf8', firstEnd + 1))
      // Not at the first line that is old: a clock may have been set, or a line may have waited.
      if (this.readBytes >= ALWAYS_BYTES && youngest !== undefined && youngest < this.since) return
    }
  }

  /** @returns the time of the youngest line; undefined if there is none */
  private throughLines(text: string): number | undefined {
    let youngest: number | undefined
    for (const line of text.split('\n')) {
      const bar = line.indexOf('|')
      const time = bar > 0 ? Number(line.slice(0, bar)) : Number.NaN
      if (Number.isNaN(time)) continue
      youngest = Math.max(youngest ?? time, time)
      this.oldest = Math.min(this.oldest, time)
      this.onLine(line.slice(bar), time)
    }
    return youngest
  }
}

/** The rotated files that were written since a time, the youngest first. */
function youngestFirst(names: RotatedNames, since: number, own: number): string[] {
  const files = [...names].filter(([, stats]) => stats.isFile() && stats.ino !== own && stats.mtimeMs / 1000 >= since)
  return files.sort(([, one], [, other]) => other.mtimeMs - one.mtimeMs).map(([path]) => path)
}

/** @throws Error if the file does not answer */
export async function answerOf<T>(path: string, operation: Promise<T>): Promise<T> {
  const isOver = new AbortController()
  const late = sleep(PATIENCE_MS, undefined, { ref: false, signal: isOver.signal }).then(() => {
    throw new Error('it does not answer')
  })
  try {
    return await Promise.race([fileWaits.until(path, operation), late])
  } finally {
    isOver.abort()
  }
}
