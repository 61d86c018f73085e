import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { filled, layOut, type Product, placeIn, scriptWords, setTimes } from './tree.ts'

const SETTINGS = '/etc/sysconfig/ami-track'
const LICENCES = 'usr/share/licenses/ami-track/LICENSE'

/** Builds the package for Red Hat and what comes of it, and says where it is. */
export function buildRpm(product: Product, folder: string): string {
  const { root, version, date, maintainer, description, architecture } = product
  const tree = join(folder, 'rpm')
  const top = join(folder, 'rpmbuild')
  for (const old of [tree, top]) rmSync(old, { recursive: true, force: true })
  layOut(tree, product, { settings: SETTINGS, zshCompletions: 'usr/share/zsh/site-functions' })
  placeIn(tree, LICENCES, product.licences)
  setTimes(tree, date)
  mkdirSync(top, { recursive: true })
  const spec = join(top, 'ami-track.spec')
  const words = {
    VERSION: version,
    SUMMARY: description.summary,
    DESCRIPTION: description.text,
    MAINTAINER: maintainer,
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
  execFileSync('rpmbuild', ['-bb', '--quiet', `--target=${architecture.machine}`, ...defined, spec], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) },
    stdio: ['ignore', 'ignore', 2],
  })
  const built = join(top, 'RPMS', architecture.machine)
  const [name = ''] = readdirSync(built)
  const file = join(folder, name)
  renameSync(join(built, name), file)
  return file
}

/** What %files lists, but for the files in /etc, of which upgrades keep what was changed. */
function filesBelow(tree: string): string[] {
  const below = readdirSync(tree, { recursive: true, withFileTypes: true })
  const files = below
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `/${relative(tree, join(entry.parentPath, entry.name))}`)
  const own = /^\/usr\/(lib|share\/(doc|licenses))\/ami-track(\/|$)/
  const folders = below
    .filter((entry) => entry.isDirectory())
    .map((entry) => `/${relative(tree, join(entry.parentPath, entry.name))}`)
    .filter((folder) => own.test(folder))
    .map((folder) => `%dir ${folder}`)
  const others = files.filter((file) => !file.startsWith('/etc/') && file !== `/${LICENCES}`)
  return [...folders.sort(), `%license /${LICENCES}`, ...others.sort()]
}
