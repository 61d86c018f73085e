import { constants } from 'node:fs'
import { type FileHandle, open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileWaits } from '../files/file-waits.ts'
import { queueLogAction } from './queue-log-action.ts'
import { formatQueueLogLine, type QueueLogFields } from './record.ts'

/** So much is always looked at, in bytes, whatever the times in it. */
const ALWAYS_BYTES = 1024 * 1024
/** What is read at once, in bytes: all that is held, but for a line that is longer. */
const BLOCK_BYTES = 256 * 1024
/** A line that is longer is none of ours, and is skipped: bytes. */
const LONGEST_LINE_BYTES = 1024 * 1024
/** Lines stand in the order in which they were written, and may tell of a moment that is so long ago, in s. */
const OUT_OF_ORDER_S = 60
/** Asterisk stamps a line when it writes it: not before what the line tells of, but for clocks that differ a little. */
const CLOCKS_DIFFER_S = 2
/** A file that does not answer for so long, in ms, is given up. */
const PATIENCE_MS = 10_000

const LF = 0x0a
const COMPRESSED = /\.(gz|bz2|xz|zst|zip)$/

export interface LookUp {
  /** The lines that may be asked for. */
  wanted: readonly QueueLogFields[]
  /** Whether the lines have the time at which Asterisk wrote them, and not their own. */
  isStampedByAsterisk: boolean
  /** How far back is looked: seconds since the epoch; as far as the oldest wanted line asks if it is not given. */
  since?: number
}

/**
 * Which of some lines stand in a queue_log, that may or may not have been written. It is read backwards, as far as the times
 * of these lines ask, on into the files that it was rotated into. Nothing is held but the times at which they stand there.
 */
export class QueueLogTail {
  /** The times at which each wanted line stands there, without its time: whole seconds since the epoch, the oldest first. */
  private readonly times: Map<string, number[]>
  private readonly isStampedByAsterisk: boolean
  /** How far back it was read: seconds since the epoch. */
  private readonly reach: number

  private constructor(times: Map<string, number[]>, isStampedByAsterisk: boolean, reach: number) {
    this.times = times
    this.isStampedByAsterisk = isStampedByAsterisk
    this.reach = reach
  }

  /** @throws Error if the file cannot be read, or does not answer */
  static async read(path: string, { wanted, isStampedByAsterisk, since }: LookUp): Promise<QueueLogTail> {
    const times = new Map<string, number[]>()
    let oldest = Number.POSITIVE_INFINITY
    for (const fields of wanted) {
      times.set(wordsOf(fields, isStampedByAsterisk), [])
      oldest = Math.min(oldest, fields.time)
    }
    const look = new BackwardLook(since ?? oldest - OUT_OF_ORDER_S, (words, time) => times.get(words)?.push(time))
    const reach = await look.through(path)
    for (const found of times.values()) found.sort((one, other) => one - other)
    return new QueueLogTail(times, isStampedByAsterisk, reach)
  }

  /** Whether a line of this time would have been seen. */
  covers({ time }: QueueLogFields): boolean {
    return this.reach < time - CLOCKS_DIFFER_S
  }

  /**
   * Whether a wanted line is there; it is counted only once.
   *
   * @returns undefined if it may be where nobody can look: in a rotated file that is compressed or cannot be read
   */
  take(fields: QueueLogFields): boolean | undefined {
    const time = Math.floor(fields.time)
    const times = this.times.get(wordsOf(fields, this.isStampedByAsterisk))
    const isIt = (other: number): boolean =>
      this.isStampedByAsterisk ? other >= time - CLOCKS_DIFFER_S : other === time
    const at = times?.findIndex(isIt) ?? -1
    if (at < 0) return this.covers(fields) ? false : undefined
    times?.splice(at, 1)
    return true
  }
}

/**
 * Looks for lines of which is not known whether they were written.
 *
 * @param known lines that stand there for certain: none of them is to be taken for one of the same words
 * @returns tells of each, once, as {@link QueueLogTail.take} does
 * @throws Error if the file cannot be read, or does not answer
 */
export async function lookUp(
  { path, isStampedByAsterisk }: { path: string; isStampedByAsterisk: boolean },
  doubtful: readonly QueueLogFields[],
  known: readonly QueueLogFields[],
): Promise<(line: QueueLogFields) => boolean | undefined> {
  const words = new Set(doubtful.map((line) => wordsOf(line, isStampedByAsterisk)))
  const alike = known.filter((line) => words.has(wordsOf(line, isStampedByAsterisk)))
  const tail = await QueueLogTail.read(path, { wanted: [...doubtful, ...alike], isStampedByAsterisk })
  for (const line of alike) if (tail.covers(line)) tail.take(line)
  return (line) => tail.take(line)
}

/** A line as it stands in the file, without its time. */
function wordsOf(fields: QueueLogFields, isStampedByAsterisk: boolean): string {
  const line = formatQueueLogLine(isStampedByAsterisk ? queueLogAction(fields).written : fields).trimEnd()
  return line.slice(line.indexOf('|'))
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
  async through(path: string): Promise<number> {
    const own = await this.throughFile(path)
    if (this.oldest < this.since) return this.oldest
    // The name is known of a file that Asterisk or logrotate has moved away, and when it was written last.
    for (const rotated of await rotatedFiles(path, this.since, own)) {
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

/** The files into which a queue_log was rotated that were written since a time, the youngest first. */
async function rotatedFiles(path: string, since: number, own: number): Promise<string[]> {
  const folder = dirname(path)
  const name = basename(path)
  const found: { path: string; at: number }[] = []
  for (const other of await answerOf(folder, readdir(folder))) {
    // queue_log.0 and queue_log.1795373363 of Asterisk, queue_log.1 and queue_log-20261127 of logrotate.
    if (!other.startsWith(`${name}.`) && !other.startsWith(`${name}-`)) continue
    const rotated = join(folder, other)
    const stats = await answerOf(
      rotated,
      stat(rotated).catch(() => undefined),
    )
    const at = (stats?.mtimeMs ?? 0) / 1000
    if (stats?.isFile() && stats.ino !== own && at >= since) found.push({ path: rotated, at })
  }
  return found.sort((one, other) => other.at - one.at).map((file) => file.path)
}

/**
 * What an operation on a file gives, unless that takes too long.
 *
 * @throws Error if the file does not answer
 */
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
