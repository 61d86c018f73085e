import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/**
 * The engine of regular expressions, loaded by whoever has one: that takes as long as a quarter of all else that a
 * program loads. (Packages carry it in their executable: packaging/bundle.ts.)
 */
export function loadRe2(): typeof import('re2js') {
  return require('re2js') as typeof import('re2js')
}
