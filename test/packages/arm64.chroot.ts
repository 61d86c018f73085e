import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { playCall } from '../support/played-call.ts'
import { eventsOf } from '../support/recording-player.ts'
import { sampleOf } from '../support/sample.ts'
import { packageFile, programs, version } from './built.ts'
import { FreshDebian } from './fresh-debian.ts'

const everyTracker = '--moh 1 --parkedcalls 1 --outboundcalls 1 --hotdesking 1'
const hold = fixture('asterisk-22/queue_hold')

describe('the .deb for arm64, in a Debian with its libraries, by qemu', () => {
  let debian: FreshDebian
  let qemu = ''
  /** A program, as the kernel of such a machine would start it. */
  const called = (program: string): string => `${qemu} -0 ${program} /usr/bin/${program}`

  before(async () => {
    const libraries = ['libc6:arm64', 'libgcc-s1:arm64', 'libstdc++6:arm64']
    debian = await FreshDebian.unpack('bookworm', libraries, ['amd64', 'arm64'])
    qemu = debian.bring('/usr/bin/qemu-aarch64-static')
  })
  after(() => debian?.remove())

  it('installs', () => {
    debian.output(`dpkg --install ${debian.bring(packageFile('_arm64.deb'))}`)
    assert.match(debian.output('dpkg --status ami-track:arm64'), /^Status: install ok installed$/m)
    assert.equal(debian.run('/usr/bin/ami-track --version').code, 126, 'this machine runs it by itself')
  })

  it('has every program, by its name', () => {
    for (const program of programs) {
      const { stdout, stderr } = debian.run(`${called(program)} --version`)
      assert.equal(stdout, `${program} ${version}\n`)
      // Node warns of compiled code that is for another kind of machine.
      assert.equal(stderr, '')
    }
  })

  it('replays recordings to their golden files, in one process and in a pipe', () => {
    const recordings = allFixtures().filter(({ name }) => name.startsWith('asterisk-22/'))
    for (const recording of sampleOf(recordings, 4, 1)) {
      const dump = readFileSync(recording.amiFile)
      const lines = debian.output(`${called('ami-track')} --replay - ${everyTracker}`, dump)
      assert.equal(lines, goldenOf(recording), recording.name)
    }
    const pipe = ['ami-parse', 'track-moh', 'qlog-write'].map(called).join(' | ')
    assert.equal(debian.output(pipe, readFileSync(hold.amiFile)), goldenOf(hold, 'track-moh'))
  })

  it('follows the calls of a server, and ends when it is told to', async () => {
    const server = await FakeAsterisk.start()
    const command = `${called('ami-track')} --port ${server.port} --login tracker`
    const env = { ...process.env, AMISECRET: 'tr4ck' }
    const program = new LiveProgram(spawn('chroot', [debian.root, 'sh', '-c', `exec ${command}`], { env }))
    await server.session()
    await program.untilLog(/^connected to /)
    const lines = goldenOf(hold, 'track-moh').split('\n').slice(0, -1)
    const events = eventsOf(readFileSync(hold.amiFile)).map(({ bytes }) => bytes)
    await playCall(server, Buffer.concat(events), lines.length)
    assert.deepEqual(
      server.queueLog,
      lines.map((line) => line.replace(/^\d+\|/, '')),
    )
    assert.equal(await program.stop(), 0)
    await server.stop()
  })
})
