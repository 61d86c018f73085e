import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { helpPages } from '../../packaging/help-pages.ts'
import { exampleFilters } from '../support/example-filters.ts'
import { root } from '../support/package.ts'
import { quoted } from '../support/programs.ts'
import { packageFile, programs } from './built.ts'

const pages = helpPages(root, programs)

for (const machine of ['x86_64', 'aarch64']) {
  describe(`the .rpm for ${machine}`, () => {
    const rpm = (...args: string[]): string =>
      execFileSync('rpm', ['-qp', ...args, packageFile(`.${machine}.rpm`)], { encoding: 'utf8' })

    it('is for that machine', () => {
      assert.equal(rpm('--queryformat', '%{ARCH} %{OS}'), `${machine} linux`)
    })

    it('holds the same files, with its settings in /etc/sysconfig', () => {
      const paths = rpm('--list').split('\n')
      for (const program of programs) assert.ok(paths.includes(`/usr/bin/${program}`), program)
      for (const { name } of pages) assert.ok(paths.includes(`/usr/share/man/man1/${name}.1.gz`), name)
      for (const { file } of exampleFilters) {
        assert.ok(paths.includes(`/usr/share/doc/ami-track/docs/examples/${file}`), file)
      }
      for (const path of ['/etc/sysconfig/ami-track', '/usr/lib/systemd/system/ami-track.service']) {
        assert.ok(paths.includes(path), path)
      }
      assert.ok(!paths.includes('/etc/default/ami-track'))
    })

    it('keeps changed settings over an upgrade, and others from reading them', () => {
      const format = '[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags}\n]'
      const lines = rpm('--queryformat', format).split('\n')
      assert.ok(lines.includes('/etc/sysconfig/ami-track 100640 root:ami-track cn'), lines.join('\n'))
    })

    it('carries the whole text of every licence, marked as such', () => {
      const licence = '/usr/share/licenses/ami-track/LICENSE'
      assert.equal(rpm('--licensefiles').trim(), licence)
      const unpack = `rpm2archive -n - < ${quoted([packageFile(`.${machine}.rpm`)])} | tar -xO .${licence}`
      const text = execFileSync('sh', ['-c', unpack], { encoding: 'utf8' })
      assert.match(text, /^ami-track\n\nMIT License$/m)
      assert.match(text, /^prom-client [\d.]+$/m)
      assert.match(text, /^- OpenSSL, located at deps\/openssl, is licensed as follows:$/m)
      assert.match(text, /TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION/)
    })

    it('asks for what its scripts call before they run, for glibc and the runtime of the C++ compiler', () => {
      const needs = rpm('--queryformat', '[%{REQUIREFLAGS:deptype} %{REQUIRENAME}\n]').split('\n')
      for (const needed of ['pre glibc-common', 'pre shadow-utils', 'manual util-linux'])
        assert.ok(needs.includes(needed), needed)
      for (const when of ['post', 'preun', 'postun']) assert.ok(needs.includes(`${when} systemd`), when)
      const others = needs
        .map((line) => line.split(' ')[1] ?? '')
        .filter(
          (name) => !/^(glibc-common|shadow-utils|util-linux|systemd|\/bin\/sh|rpmlib\(.*|config\(.*|)$/.test(name),
        )
      assert.ok(
        others.some((name) => name.startsWith('libc.so.6(GLIBC_2.28)')),
        others.join(),
      )
      assert.deepEqual(
        others.filter((name) => !/^(lib(c|m|dl|pthread|stdc\+\+|gcc_s)\.so|ld-linux|rtld)/.test(name)),
        [],
      )
    })

    it('neither enables nor starts the service', () => {
      assert.doesNotMatch(rpm('--scripts'), /systemctl (enable|start|restart|preset)/)
    })
  })
}
