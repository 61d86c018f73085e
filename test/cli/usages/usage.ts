/** A command line, and what comes of it. */
export interface Usage {
  /** As it is typed in the folder of `files.ts`. */
  readonly typed: string
  readonly code: number
  /** What is told on stderr, behind the name of the program; '' if nothing is. */
  readonly told: RegExp | ''
  /** What is written on stdout; nothing, if not given. */
  readonly written?: string | RegExp
}

/** Usages that show the same. */
export interface Usages {
  /** What they show, as a sentence. */
  readonly show: string
  readonly usages: readonly Usage[]
}

/** A usage that ends with 2, as all that cannot be understood does. */
export function misuse(typed: string, told: RegExp): Usage {
  return { typed, code: 2, told }
}

/** A usage that ends with 1. */
export function failure(typed: string, told: RegExp, written: string | RegExp = ''): Usage {
  return { typed, code: 1, told, written }
}

/** A usage that will never work: a file that is not what it should be. */
export function hopeless(typed: string, told: RegExp): Usage {
  return { typed, code: 3, told }
}

/** A usage that is fine. */
export function fine(typed: string, written: string | RegExp, told: RegExp | '' = ''): Usage {
  return { typed, code: 0, told, written }
}
