import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { NODE_STREAMS } from './node-streams.ts'

/** Modules that look beside themselves on the disk, and what stands for them where there is nothing beside them. */
function standIns(root: string): Plugin {
  const carried = ['help', 'live-page'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
  )
  const files = ['package.json', ...carried.filter((path) => !path.endsWith('.json'))]
  const contents = Object.fromEntries(files.map((path) => [path, contentFor(root, path)]))
  const modules: Record<string, string> = {
    'package-file.js': `const files = ${JSON.stringify(contents)}
      export function packageFile(path) { return files[path] }`,
    'node-crypto.js': `export function nodeCrypto() { return require('node:crypto') }`,
    're2.js': `export function loadRe2() { return require('re2js') }`,
  }
  return {
    name: 'stand-ins',
    setup({ onLoad }) {
      for (const [module, contents] of Object.entries(modules)) {
        const filter = new RegExp(`/dist/lib/(files/|options/)?${module.replace('.', '\\.')}$`)
        onLoad({ filter }, () => ({ contents, resolveDir: root }))
      }
    },
  }
}

function contentFor(root: string, path: string): string {
  const content = readFileSync(join(root, path), 'utf8')
  return path === 'package.json' ? JSON.stringify({ version: JSON.parse(content).version }) : content
}

/** Every program, in the one executable of a package: it is the one by whose name it is called. */
function entry(programs: readonly string[]): string {
  const loads = programs.map((program) => `  '${program}': () => import('./dist/bin/${program}.js'),`)
  return `import { basename } from 'node:path'
const programs = {\n${loads.join('\n')}\n}
const name = basename(process.argv0)
const load = Object.hasOwn(programs, name) ? programs[name] : programs['ami-track']
void load()`
}

/**
 * Writes all programs, their libraries and help texts into one CommonJS file: nothing else can be the main module of a
 * single executable application.
 */
export async function bundle(root: string, outfile: string): Promise<void> {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const programs = Object.keys(bin)
  await build({
    absWorkingDir: root,
    stdin: { contents: entry(programs), resolveDir: root, sourcefile: 'entry.js' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node.split('.')[0]}`,
    alias: NODE_STREAMS,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    plugins: [standIns(root)],
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'error' },
  })
}
