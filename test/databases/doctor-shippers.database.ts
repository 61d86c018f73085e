import { strict as assert } from 'node:assert'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { findingsOfShippers } from '../../lib/cli/doctor-shippers.ts'
import { outcomeOf, startShip, until } from '../ship/shipping.ts'
import { makeTable, replicaOf } from '../ship/tables.ts'
import { endOf } from '../support/programs.ts'
import { DATABASE_KINDS, DatabaseServer, NAMES, SHIPPER } from './database-server.ts'

const WRITTEN_AT = 1_795_000_001
const LINE = `${WRITTEN_AT}|1|q|a|CONNECT|1\n`

for (const kind of DATABASE_KINDS) {
  describe(`ami-track doctor, of a shipper into ${NAMES[kind]}`, () => {
    let server: DatabaseServer
    let folder = ''
    let count = 0
    before(async () => {
      server = await DatabaseServer.start(kind)
      folder = mkdtempSync(join(tmpdir(), 'ami-track-shippers-'))
    })
    after(async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    })

    /** A shipper `main` with a log of one line, and a table. */
    async function fresh(): Promise<{ settings: string; shippers: string; log: string; table: string }> {
      const table = `log_${++count}`
      const shippers = join(folder, table)
      mkdirSync(shippers)
      const log = join(folder, `${table}_queue_log`)
      writeFileSync(log, LINE)
      await makeTable(server, 'asterisk', table)
      const to = server.address(table, { user: SHIPPER.name })
      const settings = join(shippers, 'main.conf')
      writeFileSync(settings, `FROM=${log}\nTO='${to}'\nTOSECRET='${SHIPPER.password}'\nPBX=${table}\n`)
      return { settings, shippers, log, table }
    }
    const told = async (shippers: string, now = WRITTEN_AT + 1): Promise<string[]> =>
      (await findingsOfShippers(shippers, now)).map(({ check, state, finding }) => {
        assert.equal(check, 'shipper')
        return `${state} ${finding}`.replaceAll(folder, '')
      })

    it('says that no line is shipped yet, and makes no table', async () => {
      const { shippers } = await fresh()
      const [sink, position, source] = await told(shippers)
      assert.match(sink ?? '', /^ok main: qlog-ship can write to .*$/)
      assert.equal(position, 'note main: no line is shipped yet')
      assert.match(source ?? '', /^ok main: .* can be read, 27 bytes$/)
      await assert.rejects(server.run('SELECT * FROM ami_track_position'), /ami_track_position/)
    })

    it('says where a shipper is that is at work, and that it does not come on', async () => {
      const { shippers, settings, log, table } = await fresh()
      const shipper = startShip(['--settings', settings])
      const ended = endOf(shipper)
      await until(async () => (await replicaOf(server, 'asterisk', table)).length === 1)
      const [sink, , position] = await told(shippers)
      assert.match(sink ?? '', /^ok main: another qlog-ship writes /)
      assert.match(position ?? '', /^ok main: shipped up to byte 27 of .*, 0 bytes wait$/)
      shipper.kill('SIGSTOP')
      appendFileSync(log, LINE)
      assert.match((await told(shippers))[2] ?? '', /^ok main: .*, 27 bytes wait$/)
      const late = (await told(shippers, WRITTEN_AT + 61))[2] ?? ''
      assert.match(late, /^wrong main: .*, 27 bytes wait, the first of them for 61 s$/)
      shipper.kill('SIGCONT')
      shipper.kill('SIGTERM')
      await ended
    })

    it('says that lines wait where nobody ships, and that the file is gone in which it stood', async () => {
      const { shippers, settings, log } = await fresh()
      assert.equal((await outcomeOf(startShip(['--settings', settings, '--once']))).code, 0)
      appendFileSync(log, LINE)
      const waits = (await told(shippers, WRITTEN_AT + 3600))[2] ?? ''
      assert.match(waits, /^note main: .*, 27 bytes wait, the first of them for 3600 s$/)
      renameSync(log, join(folder, 'elsewhere'))
      writeFileSync(log, LINE.replace('|1|q', '|2|q'))
      assert.match((await told(shippers))[2] ?? '', /^wrong main: the file with the last shipped line is gone/)
      rmSync(log)
      assert.match((await told(shippers))[1] ?? '', /^wrong main: .* cannot be read: there is no such file$/)
    })

    it('says what is wrong with settings by their keys, and shows no password', async () => {
      const { shippers, settings } = await fresh()
      writeFileSync(settings, 'FROM=/nowhere\n')
      writeFileSync(
        join(shippers, 'other.conf'),
        `FROM=/nowhere\nTO=${server.address('x', { user: 'nobody' })}\nTOSECRET='wr0ng!'\n`,
      )
      const lines = await told(shippers)
      assert.match(lines[0] ?? '', /^wrong main: TO is missing/)
      assert.match(lines[1] ?? '', /^wrong other: /)
      assert.ok(!lines.join().includes('wr0ng!'))
    })
  })
}
