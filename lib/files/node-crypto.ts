import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** Node's own cryptography, loaded by whoever needs it: that is a twelfth of what a replay takes to begin. */
export function nodeCrypto(): typeof import('node:crypto') {
  return require('node:crypto') as typeof import('node:crypto')
}
