/** What a check found: nothing to complain of, something worth knowing, or something to be mended. */
export type FindingState = 'ok' | 'note' | 'wrong'

/** What was found of one thing, for people. */
export interface Finding {
  /** What was looked at; the same words on every PBX. */
  readonly check: string
  readonly state: FindingState
  readonly finding: string
  /** What to do about it. */
  readonly remedy?: string
}

export function ok(check: string, finding: string): Finding {
  return { check, state: 'ok', finding }
}

export function note(check: string, finding: string, remedy?: string): Finding {
  return { check, state: 'note', finding, ...(remedy === undefined ? {} : { remedy }) }
}

export function wrong(check: string, finding: string, remedy: string): Finding {
  return { check, state: 'wrong', finding, remedy }
}

export function isWrong({ state }: Finding): boolean {
  return state === 'wrong'
}

/** `a, b and c` */
export function listed(words: readonly string[]): string {
  const [last = '', ...others] = [...words].reverse()
  return others.length === 0 ? last : `${others.reverse().join(', ')} and ${last}`
}

/** So many names stand in a line; of more, their number. */
const NAMES_SHOWN = 20

/** The first of many names: `a, b and 3 more` */
export function someOf(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN
  return listed(more <= 0 ? names : [...names.slice(0, NAMES_SHOWN), `${more} more`])
}

/** `1 member`, `3 members` */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
