import TinyQueue from 'tinyqueue'

/** Something that falls due when the stream's clock says so. */
export interface Deadline {
  /** By the stream's clock: ms since the epoch. */
  readonly due: number
  /** Cancels it. */
  cancel(): void
}

export interface DeadlineOptions {
  /** Of deadlines with the same time, the lowest rank comes first. Default 0: the model of calls itself. */
  rank?: number
  /** Whether it also happens when the stream ends before its time. Default true. */
  happensAtEnd?: boolean
}

interface Entry extends Deadline {
  readonly rank: number
  readonly sequence: number
  readonly happensAtEnd: boolean
  what: (() => void) | undefined
}

/**
 * Everything that waits for time to pass, for the model of calls and for all trackers. It is one queue, so whatever
 * falls due between two events happens in the order of its time, even if the next event comes an hour later.
 */
export class Deadlines {
  private readonly queue = new TinyQueue<Entry>([], byTime)
  private sequence = 0
  /** How many of those in the queue have not been cancelled. */
  private waiting = 0

  /** The stream's clock: ms since the epoch. While a deadline runs, it is the time of this deadline. */
  now = 0

  /** How many wait. */
  get size(): number {
    return this.waiting
  }

  /** When the next one falls due, by the stream's clock: ms since the epoch; undefined if none waits. */
  get next(): number | undefined {
    this.dropCancelled()
    return this.queue.peek()?.due
  }

  /**
   * @param ms from now on
   * @param what happens then
   */
  after(ms: number, what: () => void, { rank = 0, happensAtEnd = true }: DeadlineOptions = {}): Deadline {
    const entry: Entry = {
      due: this.now + ms,
      rank,
      sequence: this.sequence++,
      happensAtEnd,
      what,
      cancel: () => {
        if (entry.what === undefined) return
        entry.what = undefined
        this.waiting--
      },
    }
    this.queue.push(entry)
    this.waiting++
    return entry
  }

  /**
   * Runs everything that is due up to a time, one after the other. Each one sees its own time as "now".
   *
   * @param time ms since the epoch, by the stream's clock
   * @param happened called after each one
   */
  pass(time: number, happened: () => void): void {
    for (;;) {
      this.dropCancelled()
      const next = this.queue.peek()
      if (next === undefined || next.due > time) break
      this.queue.pop()
      this.happen(next)
      happened()
    }
    this.now = Math.max(this.now, time)
  }

  /** The stream ends: runs what also happens without its time. */
  end(happened: () => void): void {
    for (let next = this.queue.pop(); next !== undefined; next = this.queue.pop()) {
      if (next.what === undefined) continue
      if (next.happensAtEnd) {
        this.happen(next)
        happened()
      } else next.cancel()
    }
  }

  private happen(entry: Entry): void {
    const { what } = entry
    if (what === undefined) return
    this.now = Math.max(this.now, entry.due)
    entry.cancel()
    what()
  }

  private dropCancelled(): void {
    while (this.queue.peek()?.what === undefined && this.queue.length > 0) this.queue.pop()
  }
}

function byTime(one: Entry, other: Entry): number {
  return one.due - other.due || one.rank - other.rank || one.sequence - other.sequence
}
