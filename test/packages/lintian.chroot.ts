import { strict as assert } from 'node:assert'
import { after, before, describe, it } from 'node:test'
import { packageFile } from './built.ts'
import { FreshDebian } from './fresh-debian.ts'

describe('lintian of Debian 12', () => {
  let debian: FreshDebian
  before(async () => {
    debian = await FreshDebian.unpack('bookworm', ['lintian'])
  })
  after(() => debian?.remove())

  for (const ending of ['_amd64.deb', '_arm64.deb']) {
    it(`finds no error and nothing to warn of in ${ending}`, () => {
      const file = debian.bring(packageFile(ending))
      const { code, stdout } = debian.run(`lintian --fail-on error,warning --tag-display-limit 0 ${file}`)
      assert.equal(stdout, '')
      assert.equal(code, 0)
    })
  }

  it('is one that would find something', () => {
    const tree = '/root/tree'
    debian.output(`dpkg-deb --raw-extract /root/ami-track_*_amd64.deb ${tree} && rm -r ${tree}/usr/share/lintian`)
    debian.output(`dpkg-deb -Znone --build ${tree} /root/without-overrides.deb`)
    const { code, stdout } = debian.run('lintian --fail-on error,warning /root/without-overrides.deb')
    assert.match(stdout, /^W: ami-track: non-standard-file-perm 0640 != 0644 \[etc\/default\/ami-track\]$/m)
    assert.equal(code, 2)
  })
})
