import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Description } from './deb.ts'
import { filled, layOut, type Product, scriptWords } from './tree.ts'

const SETTINGS = '/etc/sysconfig/ami-track'

/** Builds the package for Red Hat and what comes of it, and says where it is. */
export function buildRpm(product: Product, folder: string, { summary, text }: Description): string {
  const { root, version, date } = product
  const tree = join(folder, 'rpm')
  const top = join(folder, 'rpmbuild')
  for (const old of [tree, top]) rmSync(old, { recursive: true, force: true })
  layOut(tree, product, { settings: SETTINGS, zshCompletions: 'usr/share/zsh/site-functions' })
  mkdirSync(top, { recursive: true })
  const spec = join(top, 'ami-track.spec')
  const words = {
    VERSION: version,
    SUMMARY: summary,
    DESCRIPTION: text,
    TREE: tree,
    ...scriptWords(root, SETTINGS),
    FILES: filesBelow(tree).join('\n'),
  }
  writeFileSync(spec, filled(root, 'ami-track.spec', words))
  const definitions = {
    _topdir: top,
    _buildhost: 'localhost',
    use_source_date_epoch_as_buildtime: '1',
    clamp_mtime_to_source_date_epoch: '1',
    // What the build machine has for libraries is no matter: they are looked up by the names of their symbols.
    _dbpath: join(top, 'db'),
  }
  const defined = Object.entries(definitions).flatMap(([name, value]) => ['--define', `${name} ${value}`])
  execFileSync('rpmbuild', ['-bb', '--quiet', ...defined, spec], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) },
    stdio: ['ignore', 'ignore', 2],
  })
  const [architecture = ''] = readdirSync(join(top, 'RPMS'))
  const [name = ''] = readdirSync(join(top, 'RPMS', architecture))
  const file = join(folder, name)
  renameSync(join(top, 'RPMS', architecture, name), file)
  return file
}

/** What %files lists, but for the two files of which upgrades keep what was changed. */
function filesBelow(tree: string): string[] {
  const below = readdirSync(tree, { recursive: true, withFileTypes: true })
  const files = below
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `/${relative(tree, join(entry.parentPath, entry.name))}`)
  const own = /^\/usr\/(lib|share\/doc)\/ami-track(\/|$)/
  const folders = below
    .filter((entry) => entry.isDirectory())
    .map((entry) => `/${relative(tree, join(entry.parentPath, entry.name))}`)
    .filter((folder) => own.test(folder))
    .map((folder) => `%dir ${folder}`)
  return [...folders.sort(), ...files.filter((file) => !file.startsWith('/etc/')).sort()]
}
