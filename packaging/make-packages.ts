import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildDeb, describe } from './deb.ts'
import { makeExecutable } from './executable.ts'
import { buildRpm } from './rpm.ts'
import type { Product } from './tree.ts'

/** The top of the repository; this module is dist/packaging/make-packages.js in it. */
const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = join(root, 'dist/packages')

/** What each command is needed for comes with this package of Debian. */
const TOOLS = { 'dpkg-shlibdeps': 'dpkg-dev', readelf: 'binutils', rpmbuild: 'rpm' }

/** `make packages`: both packages, in dist/packages. */
async function makePackages(): Promise<void> {
  installTools()
  mkdirSync(folder, { recursive: true })
  const { version, bin, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const executable = await makeExecutable(root, join(folder, 'executable'))
  const product: Product = { root, version, date: dateOfSource(), programs: Object.keys(bin).sort(), executable }
  const described = describe(description, readFileSync(join(root, 'help/ami-track.txt'), 'utf8'))
  for (const file of [buildDeb(product, folder, described), buildRpm(product, folder, described)]) {
    say(`${file} (${(statSync(file).size / 1e6).toFixed(1)} MB)`)
  }
}

function installTools(): void {
  const missing = Object.entries(TOOLS).flatMap(([tool, name]) => (isThere(tool) ? [] : [name]))
  if (missing.length === 0) return
  if (!existsSync('/etc/debian_version'))
    throw new Error(`packages are built on Debian; missing: ${missing.join(', ')}`)
  say(`apt-get install ${missing.join(' ')}`)
  const quietly = { stdio: ['ignore', 'ignore', 2] as ['ignore', 'ignore', 2] }
  execFileSync('apt-get', ['update', '-qq'], quietly)
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quietly)
}

function isThere(command: string): boolean {
  return (process.env.PATH ?? '').split(':').some((place) => existsSync(join(place, command)))
}

/** That of the last commit; outside of a clone, that of package.json. */
function dateOfSource(): Date {
  try {
    const seconds = execFileSync('git', ['log', '-1', '--format=%ct'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return new Date(Number(seconds) * 1000)
  } catch {
    return new Date(Math.floor(statSync(join(root, 'package.json')).mtimeMs / 1000) * 1000)
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  await makePackages()
} catch (error) {
  process.stderr.write(`make packages: ${(error as Error).message}\n`)
  process.exitCode = 1
}
