import { fileURLToPath } from 'node:url'

/** The top of the repository; this module is dist/test/support/package.js in it. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))
