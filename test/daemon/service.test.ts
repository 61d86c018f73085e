import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { ServiceManager } from '../support/service-manager.ts'

const keep = programsOfEachTest()
const file = folderOfEachTest('service')
const isThere = (command: string): boolean =>
  execFileSync('bash', ['-c', `command -v ${command} || true`]).toString() !== ''
const skip = isThere('systemd-notify') && isThere('perl') ? false : 'no systemd or no perl'

describe('ami-track as a service of Type=notify', { skip }, () => {
  let server: FakeAsterisk
  let manager: ServiceManager

  beforeEach(async () => {
    server = await FakeAsterisk.start()
    manager = await ServiceManager.listen(file('notify'))
  })
  afterEach(async () => {
    await manager.stop()
    await server.stop()
  })

  const start = (args: readonly string[] = [], env = {}): LiveProgram =>
    keep(LiveProgram.start(server, ['ami-track', ...args], { ...manager.environment, ...env }))
  const isReady = ({ READY }: { READY?: string }): boolean => READY === '1'

  it('is ready when the login was accepted, and says since when it is connected and what it does', async () => {
    const program = start()
    const { STATUS = '' } = await manager.until(isReady)
    assert.match(
      STATUS,
      new RegExp(`^connected to 127\\.0\\.0\\.1:${server.port} since \\d{4}-\\d\\d-\\d\\dT[\\d:]{8}Z, `),
    )
    await manager.until(({ STATUS = '' }) => /^connected .*Z, writes$/.test(STATUS))
    assert.equal(await program.stop(), 0)
    assert.deepEqual(manager.messages.at(-1), { STOPPING: '1', STATUS: 'stopping' })
  })

  it('is not ready before that', async () => {
    server.loginManner = 'say nothing'
    start()
    await server.until(() => server.sessions[0]?.sent('Login').length === 1)
    await manager.until(({ STATUS }) => STATUS === `connecting to 127.0.0.1:${server.port}`)
    assert.ok(!manager.messages.some(isReady))
  })

  it('is ready when there is no server, says so, and goes on trying', async () => {
    await server.stop()
    start()
    const { STATUS = '' } = await manager.until(isReady)
    assert.match(STATUS, /^not connected, trying again: 127\.0\.0\.1:\d+: no program listens there/)
    await server.restart()
    await manager.until(({ READY, STATUS = '' }) => READY === '1' && /^connected to /.test(STATUS))
  })

  it('says when a connection is lost, and why', async () => {
    start()
    const session = await server.session()
    await manager.until(({ STATUS = '' }) => /^connected to /.test(STATUS))
    await server.stop()
    session.reset()
    await manager.until(({ STATUS = '' }) => /^not connected, trying again: /.test(STATUS))
  })

  it('says what is wrong while it is connected', async () => {
    start(['--queuelog', '/dev/full'])
    await server.session()
    const recording = readFileSync(fixture('asterisk-22/queue_hold').amiFile)
    server.send(recording.subarray(recording.indexOf('Event: ')))
    await manager.until(({ STATUS = '' }) =>
      /^connected to .*Z\. ami-track cannot write lines to \/dev\/full: /.test(STATUS),
    )
  })

  it('fails to start when the login is refused, and says why', async () => {
    const program = start([], { AMISECRET: 'wrong' })
    assert.equal(await program.ended, 3)
    assert.ok(!manager.messages.some(isReady))
    const { STOPPING, STATUS = '' } = manager.messages.at(-1) ?? {}
    assert.equal(STOPPING, '1')
    assert.match(STATUS, /^Asterisk refuses the login of "tracker"/)
    assert.match(program.stderr, /Asterisk refuses the login of \\"tracker\\"/)
  })

  it('fails to start when a file cannot be written, and says what to change in the unit', async () => {
    mkdirSync(file('log'))
    const program = start(['--logfile', file('log')])
    assert.equal(await program.ended, 3)
    assert.deepEqual(manager.messages, [])
    assert.match(
      program.stderr,
      /^ami-track: the log .* cannot be opened: it is a folder\. Set LOGFILE=\/var\/log\/ami-track\/ami-track\.log\n$/,
    )
  })
})
