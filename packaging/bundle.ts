import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

/** Modules that look beside themselves on the disk, and what stands for them where there is nothing beside them. */
function standIns(root: string): Plugin {
  const files = ['package.json', ...readdirSync(join(root, 'help')).map((name) => `help/${name}`)]
  const contents = Object.fromEntries(files.map((path) => [path, contentFor(root, path)]))
  const modules: Record<string, string> = {
    'package-file.js': `const files = ${JSON.stringify(contents)}
      export function packageFile(path) { return files[path] }`,
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

/**
 * Writes all programs, their libraries and help texts into one CommonJS file: nothing else can be the main module of a
 * single executable application.
 */
export async function bundle(root: string, outfile: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['dist/packaging/entry.js'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: `node${process.versions.node.split('.')[0]}`,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    plugins: [standIns(root)],
    logLevel: 'warning',
    logOverride: { 'empty-import-meta': 'error' },
  })
}
