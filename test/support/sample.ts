import { it } from 'node:test'

/** Whether all tests are to run, and not a sample of those that take long. */
export const isEvery = process.env.EVERY === '1'

/**
 * A fair sample of cases that take long, most of them as each starts a program: every `step`th of them, of the `n`th list
 * others than of the one before it. With `EVERY=1` it is all of them.
 */
export function sampleOf<T>(cases: readonly T[], step: number, n = 0): readonly T[] {
  return isEvery ? cases : cases.filter((_, at) => at % step === n % step)
}

/** Takes the place of `it` where the tests of a file start programs: only a sample of them, in the sense of {@link sampleOf}, is there. */
export function sampledIt(step: number): typeof it {
  let seen = 0
  const sampled = (...test: Parameters<typeof it>): unknown =>
    isEvery || seen++ % step === 0 ? it(...test) : undefined
  return Object.assign(sampled, it)
}

/** How often a property is tried that takes long: a fifth of `all`, and with `EVERY=1` that many times. */
export const runsOf = (all: number): number => (isEvery ? all : Math.ceil(all / 5))
