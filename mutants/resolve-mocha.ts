import type { ResolveHook } from 'node:module'

const mocha = new URL('./node-test-of-mocha.js', import.meta.url).href

/** Modules that ask for node:test get mocha by the same names. */
export const resolve: ResolveHook = (specifier, context, next) =>
  specifier === 'node:test' ? { url: mocha, shortCircuit: true } : next(specifier, context)
