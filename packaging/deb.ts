import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { debianChangelog } from './debian-changelog.ts'
import { withoutCommonLicences } from './licences.ts'
import { DEPENDS } from './needs.ts'
import { filled, layOut, type Product, placeIn, scriptWords, setTimes } from './tree.ts'

const SETTINGS = '/etc/default/ami-track'
const DOCUMENTS = 'usr/share/doc/ami-track'

/** Builds the package for Debian and what comes of it, and says where it is. */
export function buildDeb(product: Product, folder: string): string {
  const { root, version, date, maintainer, description, architecture } = product
  const tree = join(folder, 'deb')
  rmSync(tree, { recursive: true, force: true })
  layOut(tree, product, { settings: SETTINGS, zshCompletions: 'usr/share/zsh/vendor-completions' })
  const changes = debianChangelog(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), maintainer, date)
  placeIn(tree, `${DOCUMENTS}/changelog.gz`, gzipSync(changes, { level: 9 }))
  placeIn(tree, `${DOCUMENTS}/copyright`, withoutCommonLicences(product.licences))
  placeIn(tree, 'usr/share/lintian/overrides/ami-track', filled(root, 'lintian-overrides', {}))
  const size = installedSize(tree)
  placeIn(tree, 'DEBIAN/conffiles', `${SETTINGS}\n/etc/ami-track/pbx/defaults.conf\n/etc/logrotate.d/ami-track\n`)
  for (const name of ['postinst', 'prerm', 'postrm']) {
    placeIn(tree, `DEBIAN/${name}`, filled(root, name, scriptWords(root, SETTINGS)), 0o755)
  }
  const fields = {
    Package: 'ami-track',
    Version: version,
    Architecture: architecture.debian,
    Maintainer: maintainer,
    Section: 'comm',
    Priority: 'optional',
    'Installed-Size': size,
    Depends: DEPENDS,
    Description: `${description.summary}\n${description.text.replace(/^/gm, ' ')}`,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`)
  placeIn(tree, 'DEBIAN/control', lines.join(''))
  setTimes(tree, date)
  const file = join(folder, `ami-track_${version}_${architecture.debian}.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) },
    stdio: ['ignore', 'ignore', 2],
  })
  return file
}

/** In KiB as Debian counts it, which is the same on every file system: each file by itself, and 1 for all else. */
function installedSize(tree: string): number {
  return readdirSync(tree, { recursive: true, withFileTypes: true })
    .map((entry) => (entry.isFile() ? Math.ceil(lstatSync(join(entry.parentPath, entry.name)).size / 1024) : 1))
    .reduce((sum, size) => sum + size, 0)
}
