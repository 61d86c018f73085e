import { queueLogAction } from './queue-log-action.ts'
import { formatQueueLogLine, type QueueLogFields } from './record.ts'

/** Asterisk stamps a line when it writes it: not before what the line tells of, but for clocks that differ a little. */
const CLOCKS_DIFFER_S = 2
/** Lines stand in the order in which they were written, and may tell of a moment that is so long ago, in s. */
const OUT_OF_ORDER_S = 60
/** A place that cannot be read just now is tried again for so long, in ms, and so often. */
const PASSES_WITHIN_MS = 10_000
const AGAIN_MS = 500

export interface LookUp {
  /** The lines that may be asked for. */
  readonly wanted: readonly QueueLogFields[]
  /** How far back is looked at least: seconds since the epoch. */
  readonly since: number
}

/** Where a queue_log can be read back: a file, or the table of a realtime queue_log. */
export interface QueueLogTail {
  readonly kind: 'file' | 'table'
  /** What messages call it: the path of the file, or the address of the table. */
  readonly name: string
  /** Whether the lines have the time at which Asterisk wrote them, and not their own. */
  readonly isStampedByAsterisk: boolean
  /** @throws Error if it cannot be read, or does not answer: the reason alone; {@link TailProblem} if more is known of it */
  read(lookUp: LookUp): Promise<FoundLines>
}

/** Why a queue_log cannot be read back, and what can be done about it. */
export class TailProblem extends Error {
  readonly reason: string
  readonly remedy: string
  /** Whether it may pass by itself in seconds, as of a server that starts. */
  readonly isPassing: boolean
  /** Whether only an administrator can change it, as of a table that is missing. */
  readonly isLasting: boolean
  /** What a database says of it: five letters of SQL's standard. */
  readonly sqlState: string | undefined

  constructor(
    reason: string,
    remedy: string,
    {
      isPassing = false,
      isLasting = false,
      sqlState,
    }: { isPassing?: boolean; isLasting?: boolean; sqlState?: string | undefined } = {},
  ) {
    super(`${reason}. ${remedy[0]?.toUpperCase()}${remedy.slice(1)}`)
    this.name = 'TailProblem'
    this.reason = reason
    this.remedy = remedy
    this.isPassing = isPassing
    this.isLasting = isLasting
    this.sqlState = sqlState
  }
}

/** When a line was written: between these two, in seconds since the epoch. They are the same where the time is known. */
export interface Moment {
  readonly from: number
  readonly to: number
}

/** The lines of a queue_log that may be some that were asked for. Nothing is held but when they were written. */
export class FoundLines {
  private readonly moments = new Map<string, Moment[]>()
  private readonly isStampedByAsterisk: boolean
  private readonly reach: number

  /**
   * @param found when each was written, by its words
   * @param reach how far back all lines were seen: seconds since the epoch
   */
  constructor(found: ReadonlyMap<string, readonly Moment[]>, isStampedByAsterisk: boolean, reach: number) {
    for (const [words, moments] of found) {
      this.moments.set(
        words,
        moments.toSorted((one, other) => one.from - other.from),
      )
    }
    this.isStampedByAsterisk = isStampedByAsterisk
    this.reach = reach
  }

  /** Whether a line of this time would have been seen. */
  covers({ time }: QueueLogFields): boolean {
    return this.reach < time - CLOCKS_DIFFER_S
  }

  /**
   * Whether a wanted line is there; it is counted only once.
   *
   * @returns undefined if nobody can tell: it may be where nobody can look, or there is one of which is not known when it was
   * written
   */
  take(line: QueueLogFields): boolean | undefined {
    const moments = this.momentsOf(line)
    const at = moments.findIndex(({ from }) => this.isIt(line, from))
    if (at >= 0) {
      moments.splice(at, 1)
      return true
    }
    if (moments.some(({ to }) => this.isIt(line, to))) return undefined
    return this.covers(line) ? false : undefined
  }

  /** A line is there for certain: it is not to be taken for another one of the same words. */
  discount(line: QueueLogFields): void {
    if (!this.covers(line)) return
    const moments = this.momentsOf(line)
    const certain = moments.findIndex(({ from }) => this.isIt(line, from))
    const at = certain >= 0 ? certain : moments.findIndex(({ to }) => this.isIt(line, to))
    if (at >= 0) moments.splice(at, 1)
  }

  private momentsOf(line: QueueLogFields): Moment[] {
    return this.moments.get(wordsOf(line, this.isStampedByAsterisk)) ?? []
  }

  private isIt({ time }: QueueLogFields, writtenAt: number): boolean {
    const second = Math.floor(time)
    return this.isStampedByAsterisk ? writtenAt >= second - CLOCKS_DIFFER_S : writtenAt === second
  }
}

/**
 * Looks for lines of which is not known whether they were written.
 *
 * @param known lines that stand there for certain: none of them is to be taken for one of the same words
 * @returns tells of each, once, as {@link FoundLines.take} does
 * @throws Error if it cannot be read, or does not answer
 */
export async function lookUp(
  tail: QueueLogTail,
  doubtful: readonly QueueLogFields[],
  known: readonly QueueLogFields[],
): Promise<(line: QueueLogFields) => boolean | undefined> {
  const words = new Set(doubtful.map((line) => wordsOf(line, tail.isStampedByAsterisk)))
  const alike = known.filter((line) => words.has(wordsOf(line, tail.isStampedByAsterisk)))
  const wanted = [...doubtful, ...alike]
  const found = await readPatiently(tail, { wanted, since: sinceOf(wanted) })
  for (const line of alike) found.discount(line)
  return (line) => found.take(line)
}

/** So far back asks the oldest of some lines: seconds since the epoch. */
export function sinceOf(lines: readonly QueueLogFields[]): number {
  return lines.reduce((oldest, { time }) => Math.min(oldest, time), Number.POSITIVE_INFINITY) - OUT_OF_ORDER_S
}

/** A line as it stands there, without its time. */
export function wordsOf(fields: QueueLogFields, isStampedByAsterisk: boolean): string {
  const line = formatQueueLogLine(isStampedByAsterisk ? queueLogAction(fields).written : fields).trimEnd()
  return line.slice(line.indexOf('|'))
}

async function readPatiently(tail: QueueLogTail, asked: LookUp): Promise<FoundLines> {
  const end = performance.now() + PASSES_WITHIN_MS
  for (;;) {
    try {
      return await tail.read(asked)
    } catch (error) {
      const isOver = performance.now() + AGAIN_MS > end
      if (isOver || !(error instanceof TailProblem && error.isPassing)) throw error
      await new Promise((again) => setTimeout(again, AGAIN_MS))
    }
  }
}
