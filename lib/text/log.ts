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

/** How an {@link ErrorLog} counts what comes again. */
export interface Counting {
  /** So many errors of a kind are told, and the rest is counted. */
  readonly inFull: number
  /** How long it counts before it tells of it, in ms; undefined: to the end. */
  readonly everyMs: number | undefined
}

/** For what runs forever: one that is quiet for a minute is news when it comes again. */
export const EACH_MINUTE: Counting = { inFull: 1, everyMs: 60_000 }
/** For what is wrong in an input: each one is at another place. */
export const AT_THE_END: Counting = { inFull: 20, everyMs: undefined }

/** So many kinds are told before it is told of counts; of more, only how many errors there were. */
const MOST_KINDS = 20

/** Tells the first errors of each kind, and how many more there were: what fails all the time must not fill the disk. */
export class ErrorLog {
  private readonly log: Pick<Log, 'error'>
  private readonly counting: Counting
  private readonly kinds = new Map<string, { text: string; told: number; count: number }>()
  /** The errors of further kinds: texts of a server may differ each time. */
  private readonly others = { text: '', count: 0 }
  private timer: NodeJS.Timeout | undefined

  constructor(log: Pick<Log, 'error'>, counting = EACH_MINUTE) {
    this.log = log
    this.counting = counting
  }

  /**
   * @param kind errors of a kind are one and the same; where counts are told at the end, it is named there
   * @param text what to do about it included
   */
  tell(kind: string, text: string): void {
    const { inFull, everyMs } = this.counting
    const known = this.kinds.get(kind)
    if (known === undefined && this.kinds.size >= MOST_KINDS) {
      this.others.count++
      this.others.text = text
      return
    }
    const told = known?.told ?? 0
    if (known !== undefined && told >= inFull) {
      known.count++
      known.text = text
      return
    }
    this.kinds.set(kind, { text, told: told + 1, count: 0 })
    this.log.error(text)
    if (everyMs !== undefined) this.timer ??= setInterval(() => this.tellCounts(), everyMs).unref()
  }

  /** It works again: how often it did not is told at once, and the next error of a kind that begins so is a first one. */
  mended(beginning: string): void {
    for (const [kind, known] of this.kinds) {
      if (!kind.startsWith(beginning)) continue
      this.tellCount(kind, known)
      this.kinds.delete(kind)
    }
  }

  /** Tells what was only counted so far. */
  end(): void {
    clearInterval(this.timer)
    for (const [kind, known] of this.kinds) this.tellCount(kind, known)
    this.kinds.clear()
    this.tellOthers()
  }

  private tellCounts(): void {
    for (const [kind, known] of this.kinds) {
      // Quiet for a minute: if it comes again, that is news.
      if (known.count === 0) this.kinds.delete(kind)
      else this.tellCount(kind, known)
    }
    this.tellOthers()
  }

  private tellOthers(): void {
    const { text, count } = this.others
    if (count > 0) this.log.error(`${text} (the last of ${count} further errors)`)
    this.others.count = 0
  }

  private tellCount(kind: string, known: { text: string; count: number }): void {
    const { text, count } = known
    if (count > 0) {
      this.log.error(this.counting.inFull === 1 ? `${text} (${count} more times)` : `${kind}: ${count} more of these`)
    }
    known.count = 0
  }
}
