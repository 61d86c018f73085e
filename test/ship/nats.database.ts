import { strict as assert } from 'node:assert'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { DatabaseServer, SHIPPER } from '../databases/database-server.ts'
import { NatsServers } from './nats-server.ts'
import { outcomeOf, startShip, until } from './shipping.ts'

const line = (n: number): string => `${1_795_000_000 + n}|call-${n}|q|a|CONNECT|1\n`
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, n) => line(from + n)).join('')

describe('qlog-ship into JetStream', () => {
  let servers: NatsServers
  let folder = ''
  let streams = 0
  before(async () => {
    servers = await NatsServers.start()
    folder = mkdtempSync(join(tmpdir(), 'ami-track-nats-log-'))
  })
  after(async () => {
    await servers.stop()
    rmSync(folder, { recursive: true })
  })

  /** A new stream, and the address that names it. */
  function fresh(): { stream: string; address: string; log: string } {
    const stream = `LOG_${++streams}`
    const address = `${servers.address(stream)}?subject=log${streams}`
    return { stream, address, log: join(folder, stream) }
  }
  const ship = (...args: string[]) => outcomeOf(startShip([...args, '--once']))
  /** The lines that a stream has, as a second shipper reads them. */
  const stored = async (address: string): Promise<string> => (await ship('--from', address, '--to', '-')).stdout

  it('stores each line once, however often it is started, and gives the same bytes back', async () => {
    const { address, log } = fresh()
    const odd = Buffer.concat([Buffer.from(lines(1, 1200)), Buffer.from('x\n5|a|b|c|D\xe9|\0\n', 'latin1')])
    writeFileSync(log, odd)
    for (let n = 0; n < 3; n++) {
      const { code, stderr } = await ship('--from', log, '--to', address, '--pbx', 'pbx 1')
      assert.equal(code, 0, stderr)
    }
    appendFileSync(log, lines(1201, 1202))
    await ship('--from', log, '--to', address, '--pbx', 'pbx 1')
    assert.equal(await stored(address), odd.toString('utf8') + lines(1201, 1202))
  })

  it('says of each message whose lines it has and where they stand, by an id that repeats are known by', async () => {
    const { address, log, stream } = fresh()
    writeFileSync(log, lines(1, 2))
    await ship('--from', log, '--to', address, '--pbx', 'pbx7')
    const connection = await servers.connect()
    const manager = await jetstreamManager(connection)
    const found = await manager.streams.getMessage(stream, { last_by_subj: `log${streams}.pbx7` })
    assert.equal(found?.string(), lines(1, 2))
    const header = found?.header
    assert.equal(header?.get('Queue-Log-Pbx'), 'pbx7')
    assert.equal(header?.get('Queue-Log-Byte'), '0')
    assert.equal(header?.get('Queue-Log-End'), String(lines(1, 2).length))
    assert.match(header?.get('Nats-Msg-Id') ?? '', /^pbx7 1795000001-[0-9a-f]{32} 0$/)
    assert.equal(header?.get('Nats-Expected-Last-Subject-Sequence'), '0')
    await connection.close()
  })

  it('is refused by the server where somebody else wrote meanwhile, and goes on behind that', async () => {
    const { address, log, stream } = fresh()
    writeFileSync(log, lines(1, 1))
    const first = startShip(['--from', log, '--to', address, '--pbx', 'p'])
    const outcome = outcomeOf(first)
    const connection = await servers.connect()
    const manager = await jetstreamManager(connection)
    const count = async (): Promise<number> =>
      (await manager.streams.info(stream).catch(() => undefined))?.state.messages ?? 0
    await until(async () => (await count()) === 1)
    // Another shipper has line 2 already, with its place.
    const last = await manager.streams.getMessage(stream, { last_by_subj: `log${streams}.p` })
    const { header } = last ?? assert.fail('nothing is stored')
    header.set('Queue-Log-Byte', String(line(1).length))
    header.set('Queue-Log-End', String(lines(1, 2).length))
    for (const name of header.keys().filter((key) => key.startsWith('Nats-'))) header.delete(name)
    await jetstream(connection).publish(`log${streams}.p`, line(2), { headers: header })
    appendFileSync(log, lines(2, 3))
    await until(async () => (await count()) === 3)
    first.kill('SIGTERM')
    const { stderr, code } = await outcome
    assert.equal(code, 0)
    assert.match(stderr, /another qlog-ship writes the lines of p into .*; this one is on standby/)
    assert.equal(await stored(address), lines(1, 3))
    await connection.close()
  })

  it('does not begin anew where the stream has lost the position, unless it is told to', async () => {
    const { address, log, stream } = fresh()
    writeFileSync(log, lines(1, 5))
    await ship('--from', log, '--to', address, '--pbx', 'p')
    const connection = await servers.connect()
    await (await jetstreamManager(connection)).streams.purge(stream)
    const { code, stderr } = await ship('--from', log, '--to', address, '--pbx', 'p')
    assert.equal(code, 3)
    assert.match(stderr, /has lost its oldest messages and has no message of p.*--begin end/)
    const begun = await ship('--from', log, '--to', address, '--pbx', 'p', '--begin', 'end')
    assert.equal(begun.code, 0, begun.stderr)
    await connection.close()
  })

  it('waits for a server that is not there, and tells a login that is refused', async () => {
    const { log } = fresh()
    writeFileSync(log, lines(1, 1))
    const { code, stderr } = await ship('--from', log, '--to', 'nats://127.0.0.1:1/LOG')
    assert.equal(code, 1)
    assert.match(stderr, /no NATS server answers at 127\.0\.0\.1:1/)
    const guarded = await NatsServers.start(1, 'authorization { user: ship, password: "s3cr3t" }')
    try {
      const address = guarded.address('LOG', 'ship@')
      const refused = await outcomeOf(startShip(['--from', log, '--to', address, '--once'], { TOSECRET: 'wr0ng' }))
      assert.equal(refused.code, 3, refused.stderr)
      assert.match(refused.stderr, /refuses the user ship/)
      assert.ok(!refused.stderr.includes('wr0ng'))
      const taken = await outcomeOf(startShip(['--from', log, '--to', address, '--once'], { TOSECRET: 's3cr3t' }))
      assert.equal(taken.code, 0, taken.stderr)
    } finally {
      await guarded.stop()
    }
  })

  for (const kind of ['mysql', 'postgres'] as const) {
    it(`and from there into ${kind}: the lines of several PBXs, once, through kills`, async () => {
      const { address } = fresh()
      const database = await DatabaseServer.start(kind)
      const to = database.address('ami_track_log', { user: SHIPPER.name }).replace(/\/[^/]*$/, '')
      try {
        const { stdout } = await outcomeOf(startShip(['--to', to, '--schema', '--dialect', 'plain']))
        for (const statement of stdout.split(';\n').filter((one) => one.trim() !== '')) {
          if (!statement.includes('ami_track_position')) await database.run(statement)
        }
        const pbxs = ['one', 'two', 'three']
        for (const pbx of pbxs) writeFileSync(join(folder, pbx), lines(1, 3000))
        const feeders = pbxs.map((pbx) =>
          outcomeOf(startShip(['--from', join(folder, pbx), '--to', address, '--pbx', pbx, '--once'])),
        )
        const args = ['--from', address, '--to', to, '--dialect', 'plain']
        for (let kill = 0; kill < 5; kill++) {
          const shipper = startShip(args, { TOSECRET: SHIPPER.password })
          const ended = outcomeOf(shipper)
          await new Promise((go) => setTimeout(go, 250 + 60 * kill))
          shipper.kill('SIGKILL')
          await ended
        }
        for (const { code, stderr } of await Promise.all(feeders)) assert.equal(code, 0, stderr)
        await until(async () => {
          const { code, stderr } = await outcomeOf(startShip([...args, '--once'], { TOSECRET: SHIPPER.password }))
          return code === 0 || assert.ok(/is on standby/.test(stderr), stderr) === undefined
        })
        for (const pbx of pbxs) {
          const rows = await database.run(`SELECT callid FROM ami_track_log WHERE pbx = '${pbx}' ORDER BY id`)
          assert.deepEqual(
            rows.map(([callid]) => callid),
            Array.from({ length: 3000 }, (_, n) => `call-${n + 1}`),
          )
        }
      } finally {
        await database.stop()
      }
    })
  }
})
