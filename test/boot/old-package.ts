import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/package.ts'

const FILES = join(root, 'test/boot/old-package')
const SETTINGS = '/etc/default/ami-track'

/**
 * Makes a package with the executable of another one, and the unit, scripts, settings and log rotation of commit 6c64d3b:
 * its log is in Asterisk's folder, and a script of root's makes it there.
 */
export function makeOldPackage(packageFile: string, folder: string, file: string): void {
  const tree = join(folder, 'old-tree')
  execFileSync('dpkg-deb', ['--raw-extract', packageFile, tree])
  const createUser = readFileSync(join(FILES, 'create-user.sh'), 'utf8').trimEnd()
  const place = (name: string, path: string, mode: number): void => {
    const text = readFileSync(join(FILES, name), 'utf8')
    const filled = text.replaceAll('@SETTINGS@', SETTINGS).replaceAll('@CREATE_USER@', createUser)
    rmSync(join(tree, path), { force: true })
    writeFileSync(join(tree, path), filled, { mode })
  }
  mkdirSync(join(tree, 'usr/lib/ami-track'), { recursive: true })
  place('prepare', 'usr/lib/ami-track/prepare', 0o755)
  place('ami-track.service', 'usr/lib/systemd/system/ami-track.service', 0o644)
  place('logrotate', 'etc/logrotate.d/ami-track', 0o644)
  place('settings', SETTINGS, 0o640)
  for (const name of ['postinst', 'prerm', 'postrm']) place(name, join('DEBIAN', name), 0o755)
  const control = join(tree, 'DEBIAN/control')
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, 'Version: 0.1.0~6c64d3b'))
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file], { stdio: 'ignore' })
  rmSync(tree, { recursive: true })
}
