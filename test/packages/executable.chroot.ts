import { strict as assert } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ARCHITECTURES, isOwn } from '../../packaging/architectures.ts'
import { embeddedNode } from '../../packaging/embedded-node.ts'
import { checkNeeds } from '../../packaging/needs.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { scrape } from '../support/scrape.ts'
import { packages, version } from './built.ts'

const executable = join(packages, process.arch, 'ami-track')

/** Starts it against a server that takes the login, and waits for that. */
async function connected(server: FakeAsterisk, ...options: string[]): Promise<LiveProgram> {
  const args = ['--port', String(server.port), '--login', 'tracker', ...options]
  const program = new LiveProgram(spawn(executable, args, { env: { ...process.env, AMISECRET: 'tr4ck' } }))
  await program.untilLog(/^connected to /)
  return program
}

describe('the executable of a package', () => {
  for (const { node } of ARCHITECTURES) {
    it(`names no folder of the machine on which it was built: ${node}`, () => {
      const bytes = readFileSync(join(packages, node, 'ami-track'))
      assert.equal(bytes.indexOf(root.replace(/\/$/, '')), -1)
    })
  }

  it('does not heed NODE_OPTIONS', () => {
    const env = { ...process.env, NODE_OPTIONS: '--require=/no/such/module --inspect=0' }
    const { status, stdout, stderr } = spawnSync(executable, ['--version'], { env, encoding: 'utf8' })
    assert.equal(stderr, '')
    assert.equal(stdout, `ami-track ${version}\n`)
    assert.equal(status, 0)
  })

  it('opens no debugger on SIGUSR1, and goes on', async () => {
    const server = await FakeAsterisk.start()
    const program = await connected(server)
    program.signal('SIGUSR1')
    await program.untilStatus(/^connected, /)
    assert.doesNotMatch(program.stderr, /debugger/i)
    assert.equal(await program.stop(), 0)
    await server.stop()
  })

  it('is of the Node that packaging/node names', async () => {
    const own = ARCHITECTURES.find(isOwn)
    assert.ok(own)
    const server = await FakeAsterisk.start()
    const program = await connected(server, '--metrics', '127.0.0.1:0')
    const { samples } = await scrape(program)
    const series = `ami_track_build_info{version="${version}",node="v${embeddedNode(root, own).version}"}`
    assert.equal(samples.get(series), 1, [...samples.keys()].filter((name) => name.includes('build_info')).join())
    assert.equal(await program.stop(), 0)
    await server.stop()
  })

  it('needs no other and no newer library than the package asks for, else none is built', () => {
    for (const { node } of ARCHITECTURES) checkNeeds(join(packages, node, 'ami-track'))
    assert.throws(() => checkNeeds('/usr/bin/dpkg-deb'), /dpkg-deb needs .*liblzma\.so\.5/)
    assert.throws(() => checkNeeds('/usr/bin/dpkg-deb'), /needs .*GLIBC_2\.3\d/)
  })
})
