import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The top of the repository; this module is dist/test/support/package.js in it. */
export const root = fileURLToPath(new URL('../../../', import.meta.url))

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { types: string; default: string }>
}

/** What the package can be imported by, and the module of each below lib: `./parser` is `parser.ts`. */
export const entryPoints: ReadonlyMap<string, string> = new Map(
  Object.entries(exports).flatMap(([name, target]) =>
    typeof target === 'string' ? [] : [[name, target.default.replace(/^\.\/dist\/lib\/(.*)\.js$/, '$1.ts')]],
  ),
)

/** Those modules. */
export const entryFiles: readonly string[] = [...entryPoints.values()]
