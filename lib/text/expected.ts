import { didYouMean } from './did-you-mean.ts'
import { listed } from './listed.ts'
import { oneLine } from './one-line.ts'
import { quoted } from './quoted.ts'

/** What a value has to be that a program gives which is not ours: its types may not have been checked. */
export interface Expected {
  /** The end of "takes …": `a whole number of ms`. */
  readonly what: string
  readonly fits: (value: unknown) => boolean
  /** The words that it may be, for who has mistyped one. */
  readonly words?: readonly string[]
  /** Whether it is shown to nobody. */
  readonly isSecret?: boolean
}

export const aFlag: Expected = { what: 'true or false', fits: (value) => typeof value === 'boolean' }
export const aText: Expected = { what: 'a text', fits: (value) => typeof value === 'string' }
export const aName: Expected = { what: 'a text that is not empty', fits: (value) => aText.fits(value) && value !== '' }
export const aFunction: Expected = { what: 'a function', fits: (value) => typeof value === 'function' }
export const aSecret: Expected = { ...aName, isSecret: true }

/** @param unit what is counted: `ms` */
export function aWholeNumber({
  from = 0,
  to = Number.MAX_SAFE_INTEGER,
  unit,
}: {
  from?: number
  to?: number
  unit?: string
}): Expected {
  const what = unit === undefined ? 'a whole number' : `a whole number of ${unit}`
  const range = to < Number.MAX_SAFE_INTEGER ? ` from ${from} to ${to}` : from > 0 ? ` from ${from} on` : ''
  return {
    what: what + range,
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to,
  }
}

/** One of a few words. */
export function oneOfThese(words: readonly string[]): Expected {
  return { what: listed(words), words, fits: (value) => typeof value === 'string' && words.includes(value) }
}

/** An object that has what is asked of it: methods, or `get`ters, by their names. */
export function anObjectWith(names: readonly string[], what = `an object with ${names.join(', ')}`): Expected {
  return {
    what,
    fits: (value) => typeof value === 'object' && value !== null && names.every((name) => name in value),
  }
}

/**
 * Checks the options that a function was given. An option that is undefined counts as not given.
 *
 * @param of what messages call the function: `track`
 * @param required the options that have no default
 * @throws TypeError that names the option which is unknown, missing, or something else than it has to be
 */
export function checkOptions(
  of: string,
  given: unknown,
  expected: Readonly<Record<string, Expected>>,
  required: readonly string[] = [],
): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${of} takes an object of options, not ${shown(given)}`)
  }
  for (const [name, value] of Object.entries(given)) {
    const one = Object.hasOwn(expected, name) ? expected[name] : undefined
    if (one === undefined) throw unknownOption(of, name, Object.keys(expected))
    if (value !== undefined) checkValue(of, name, value, one)
  }
  for (const name of required) {
    if ((given as Record<string, unknown>)[name] === undefined) {
      throw new TypeError(`${of}: the option ${name} is missing: it takes ${expected[name]?.what}`)
    }
  }
}

/** @returns the error of an option that nobody knows */
export function unknownOption(of: string, name: string, known: readonly string[]): TypeError {
  return new TypeError(`${of}: there is no option ${oneLine(name)}${didYouMean(name, known)}`)
}

/**
 * Checks one value.
 *
 * @param name the option or the argument, for messages
 * @throws TypeError that names it
 */
export function checkValue(of: string, name: string, value: unknown, { what, fits, words, isSecret }: Expected): void {
  if (fits(value)) return
  const not = isSecret === true ? '' : `, not ${shown(value)}`
  const hint = typeof value === 'string' && words !== undefined ? didYouMean(value, words) : ''
  throw new TypeError(`${of}: ${name} takes ${what}${not}${hint}`)
}

/** A value as it stands in a message: what is no text, number or the like by its kind alone. */
function shown(value: unknown): string {
  if (typeof value === 'string') return oneLine(quoted(value))
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
