import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { ARCHITECTURES, isOwn } from '../../packaging/architectures.ts'
import { embeddedNode } from '../../packaging/embedded-node.ts'
import { root } from '../support/package.ts'
import { packageFile } from './built.ts'

const MODULES = 'packaging/node/node_modules'

describe('packages that are built twice, in another folder, time zone, language and umask', () => {
  const other = mkdtempSync(join(tmpdir(), 'ami-track-again-'))
  after(() => rmSync(other, { recursive: true }))

  before(() => {
    for (const name of ['docs', 'help', 'live-page', 'packaging', 'dist/lib', 'dist/bin', 'dist/packaging']) {
      cpSync(join(root, name), join(other, name), { recursive: true, filter: (path) => !path.endsWith(MODULES) })
    }
    const files = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile() && entry.name !== '.git')
    for (const { name } of files) cpSync(join(root, name), join(other, name))
    // Where a module is a link, the bundle names the module by where the link leads.
    cpSync(join(root, 'node_modules'), join(other, 'node_modules'), { recursive: true, verbatimSymlinks: true })
    for (const name of ['.git', MODULES]) symlinkSync(join(root, name), join(other, name))
    const own = ARCHITECTURES.find(isOwn)
    assert.ok(own, `no package is for ${process.arch}`)
    const script = join(other, 'dist/packaging/make-packages.js')
    execFileSync('sh', ['-c', 'umask 077 && exec "$@"', '-', embeddedNode(root, own).executable, script], {
      env: { ...process.env, TZ: 'Asia/Tokyo', LC_ALL: 'C', HOME: other },
      stdio: ['ignore', 'ignore', 2],
    })
  })

  for (const ending of ['_amd64.deb', '_arm64.deb', '.x86_64.rpm', '.aarch64.rpm']) {
    it(`have the same bytes: ${ending}`, () => {
      const file = packageFile(ending)
      const again = join(other, 'dist/packages', basename(file))
      assert.ok(readFileSync(file).equals(readFileSync(again)), `${file} and ${again} differ`)
    })
  }
})
