import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { NODE_STREAMS } from './node-streams.ts'

/** The top of the repository; this module is dist/packaging/programs.js in it. */
const root = fileURLToPath(new URL('../../', import.meta.url))

/** What every program loads; other libraries are loaded by who needs them, from where npm put them. */
const LOADED_BY_ALL = ['leven', 'minimist', 'pumpify', 'split2', 'through2']

/**
 * Puts the modules that each program begins with into a few files, in dist/programs: a program is made of 120 of them,
 * and finding each cost more than reading a recorded call. Each program has files of its own: of those that all had in common
 * a filter had to find 36. Names and lines stay as they are, for stack traces.
 */
async function bundlePrograms(): Promise<void> {
  const { bin, dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const programs = Object.keys(bin)
  rmSync(join(root, 'dist/programs'), { recursive: true, force: true })
  for (const program of programs) {
    await build({
      absWorkingDir: root,
      entryPoints: [`dist/bin/${program}.js`],
      outdir: 'dist/programs',
      chunkNames: `${program}-[name]-[hash]`,
      bundle: true,
      splitting: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      alias: NODE_STREAMS,
      external: Object.keys(dependencies).filter((name) => !LOADED_BY_ALL.includes(name)),
      // The libraries are CommonJS, which asks for Node's own modules by a function that ES modules do not have.
      banner: {
        js: "import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(import.meta.url);",
      },
      legalComments: 'none',
      logLevel: 'warning',
    })
    chmodSync(join(root, `dist/programs/${program}.js`), 0o755)
  }
}

await bundlePrograms()
