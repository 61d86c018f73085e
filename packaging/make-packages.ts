import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ARCHITECTURES } from './architectures.ts'
import { bundle } from './bundle.ts'
import { buildDeb } from './deb.ts'
import { embeddedNode } from './embedded-node.ts'
import { makeExecutable } from './executable.ts'
import { readHelp } from './help-text.ts'
import { licences } from './licences.ts'
import { buildRpm } from './rpm.ts'
import { dateOfSource, maintainer } from './source.ts'
import { installTools } from './tools.ts'
import type { Description } from './tree.ts'

/** The top of the repository; this module is dist/packaging/make-packages.js in it. */
const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(root, 'dist/packages')

/** `make packages`: both packages for every kind of machine, in dist/packages. */
async function makePackages(): Promise<void> {
  // Else the rights of what is installed would be those of whoever builds.
  process.umask(0o022)
  installTools()
  const { version, bin, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const source = {
    root,
    version,
    date: dateOfSource(root),
    maintainer: maintainer(root),
    description: describe(description, readFileSync(join(root, 'help/ami-track.txt'), 'utf8')),
    programs: Object.keys(bin).sort(),
  }
  for (const architecture of ARCHITECTURES) {
    const place = join(folder, architecture.node)
    mkdirSync(place, { recursive: true })
    const node = embeddedNode(root, architecture)
    await bundle(root, join(place, 'programs.cjs'))
    const executable = makeExecutable(root, place, architecture)
    const product = { ...source, architecture, executable, licences: licences(root, node.version, node.licences) }
    for (const file of [buildDeb(product, folder), buildRpm(product, folder)]) {
      process.stdout.write(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)\n`)
    }
  }
}

/** What a package says of itself: package.json, and the first paragraph of the daemon's help. */
function describe(summary: string, help: string): Description {
  const first = readHelp(help).find((part) => part.kind === 'text')
  const words = first?.kind === 'text' ? first.text : ''
  return { summary, text: words.replace(/(.{1,78})(?: |$)/g, '$1\n').trimEnd() }
}

try {
  await makePackages()
} catch (error) {
  process.stderr.write(`make packages: ${(error as Error).message}\n`)
  process.exitCode = 1
}
