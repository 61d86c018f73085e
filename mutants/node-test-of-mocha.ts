/** What the tests use of node:test, made of mocha's globals of the same names. */

interface Mocha {
  describe: (name: string, body: () => void) => void
  it: (name: string, body: () => unknown) => void
  before: (body: () => unknown) => void
  after: (body: () => unknown) => void
  beforeEach: (body: () => unknown) => void
  afterEach: (body: () => unknown) => void
}

const mocha = globalThis as unknown as Mocha

/** What a test is given. */
const context = { diagnostic: () => {}, skip: () => {} }

export function describe(name: string, ...rest: unknown[]): void {
  mocha.describe(name, rest.at(-1) as () => void)
}

export function it(name: string, ...rest: unknown[]): void {
  const body = rest.at(-1) as (of: typeof context) => unknown
  mocha.it(name, () => body(context))
}

export const test = it

export const { before, after, beforeEach, afterEach } = mocha
