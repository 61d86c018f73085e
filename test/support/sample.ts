const isEvery = process.env.EVERY === '1'

/**
 * A fair sample of cases that take long, most of them as each starts a program: every `step`th of them, of the `n`th list
 * others than of the one before it. With `EVERY=1` it is all of them.
 */
export function sampleOf<T>(cases: readonly T[], step: number, n = 0): readonly T[] {
  return isEvery ? cases : cases.filter((_, at) => at % step === n % step)
}
