import type { Expected } from './expected.ts'

/** Where a long-running program tells what happens: one line each. A pino logger is one. */
export interface Log {
  /** What only who looks for a fault wants to know. */
  debug(text: string): void
  /** What is as it should be. */
  info(text: string): void
  /** What somebody ought to look at. */
  warn(text: string): void
  /** What went wrong. */
  error(text: string): void
}

/** Where nobody wants to know. */
export const NO_LOG: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export const expectedLog: Expected = {
  what: 'an object with the methods debug, info, warn and error',
  fits: (value) =>
    Object.keys(NO_LOG).every((name) => typeof (value as Record<string, unknown> | null)?.[name] === 'function'),
}

const COUNT_EVERY_MS = 60_000
/** So many kinds are told within a minute; of more, only how many errors there were. */
const MOST_KINDS = 20

/** Tells each error once, and once a minute how often it came again: what fails all the time must not fill the disk. */
export class ErrorLog {
  private readonly log: Log
  private readonly repeats = new Map<string, { text: string; count: number }>()
  /** The errors of further kinds: texts of a server may differ each time. */
  private readonly others = { text: '', count: 0 }
  private timer: NodeJS.Timeout | undefined

  constructor(log: Log) {
    this.log = log
  }

  /**
   * @param kind errors of a kind are one and the same
   * @param text what to do about it included
   */
  tell(kind: string, text: string): void {
    const known = this.repeats.get(kind)
    if (known !== undefined) {
      known.count++
      known.text = text
      return
    }
    if (this.repeats.size >= MOST_KINDS) {
      this.others.count++
      this.others.text = text
      return
    }
    this.repeats.set(kind, { text, count: 0 })
    this.log.error(text)
    this.timer ??= setInterval(() => this.tellCounts(), COUNT_EVERY_MS).unref()
  }

  /** It works again: how often it did not is told at once, and the next error of a kind that begins so is a first one. */
  mended(beginning: string): void {
    for (const [kind, known] of this.repeats) {
      if (!kind.startsWith(beginning)) continue
      this.tellCount(known)
      this.repeats.delete(kind)
    }
  }

  /** Tells what was only counted so far. */
  end(): void {
    clearInterval(this.timer)
    for (const known of this.repeats.values()) this.tellCount(known)
    this.repeats.clear()
    this.tellOthers()
  }

  private tellCounts(): void {
    for (const [kind, known] of this.repeats) {
      // Quiet for a minute: if it comes again, that is news.
      if (known.count === 0) this.repeats.delete(kind)
      else this.tellCount(known)
    }
    this.tellOthers()
  }

  private tellOthers(): void {
    const { text, count } = this.others
    if (count > 0) this.log.error(`${text} (the last of ${count} further errors)`)
    this.others.count = 0
  }

  private tellCount(known: { text: string; count: number }): void {
    if (known.count > 0) this.log.error(`${known.text} (${known.count} more times)`)
    known.count = 0
  }
}
