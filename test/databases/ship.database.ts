import { strict as assert } from 'node:assert'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Outcome, outcomeOf, startShip, until } from '../ship/shipping.ts'
import { makeTable, replicaOf } from '../ship/tables.ts'
import { DATABASE_KINDS, DatabaseServer, NAMES, SHIPPER } from './database-server.ts'

const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
  startShip(args, { TOSECRET: SHIPPER.password, ...env })

for (const kind of DATABASE_KINDS) {
  describe(`qlog-ship into ${NAMES[kind]}`, () => {
    let server: DatabaseServer
    let folder = ''
    let log = ''
    let tables = 0
    before(async () => {
      server = await DatabaseServer.start(kind)
      folder = mkdtempSync(join(tmpdir(), 'ami-track-ship-'))
    })
    after(async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    })

    /** A new table and a new log; the options that ship the one into the other. */
    async function fresh(dialect: 'asterisk' | 'queuemetrics' | 'plain'): Promise<{ table: string; args: string[] }> {
      const table = `log_${++tables}`
      log = join(folder, `${table}_queue_log`)
      await makeTable(server, dialect, table)
      const address = server.address(table, { user: SHIPPER.name }).replace(/\/[^/]*$/, '')
      return { table, args: ['--from', log, '--to', address, '--table', table, '--dialect', dialect, '--pbx', table] }
    }
    const ship = (args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> =>
      outcomeOf(start([...args, '--once'], env))

    /** The lines of a table of Asterisk, as they stand in a file. */
    const replica = async (table: string): Promise<string> =>
      (await replicaOf(server, 'asterisk', table)).map((line) => `${line}\n`).join('')

    it('has each line once and in order, however often it is started', async () => {
      const { table, args } = await fresh('asterisk')
      const first = '1795000001|1.1|support|Jane|CONNECT|3|1.2|1\n1795000002|1.1|support|Jane|CALLERONHOLD|\n'
      writeFileSync(log, first)
      const { code, stderr } = await ship(args)
      assert.equal(code, 0, stderr)
      assert.match(stderr, /^qlog-ship: shipped 2 lines to (mysql|postgres):\/\//)
      await ship(args)
      assert.equal(await replica(table), first)
      const more = '1795000003|1.1|support|Jane|COMPLETECALLER|3|1|1|4|5|6|7\n'
      appendFileSync(log, more)
      renameSync(log, `${log}.1`)
      const last = '1795000004|NONE|NONE|NONE|QUEUESTART|\n'
      writeFileSync(log, last)
      await ship(args)
      assert.equal(await replica(table), first + more + last)
    })

    it('cuts what is too long for a column, counts it, and says so; other letters and NUL are no errors', async () => {
      const { table, args } = await fresh('asterisk')
      writeFileSync(
        log,
        `1795000001|1.1|q|J\u00fcrgen 😀|${'E'.repeat(40)}|${'x'.repeat(300)}|a\0b\n1795000002|1|q|a|F|\n`,
      )
      const { code, stderr } = await ship(args)
      assert.equal(code, 0, stderr)
      assert.match(stderr, /fields are too long for the column event and are cut/)
      assert.match(stderr, /shipped 2 lines to \S+ \(1 cut in event, 1 cut in data1\)/)
      const rows = await server.run(`SELECT agent, event, data1, data2 FROM ${table} ORDER BY id`)
      assert.deepEqual(rows, [
        ['Jürgen 😀', 'E'.repeat(32), 'x'.repeat(100), 'a\ufffdb'],
        ['a', 'F', '', ''],
      ])
    })

    it('leaves out what is no line, and tells where it stands', async () => {
      const { table, args } = await fresh('asterisk')
      writeFileSync(log, 'x\n1795000001|1.1|q|a|CONNECT|1\n')
      const { stderr } = await ship(args)
      assert.ok(stderr.includes(`${log}, byte 0: a line does not begin with a time`), stderr)
      assert.match(stderr, /\(1 were not queue_log lines\)/)
      assert.equal(await replica(table), '1795000001|1.1|q|a|CONNECT|1\n')
    })

    it('has the times of the zone that is asked for', async () => {
      const { table, args } = await fresh('asterisk')
      writeFileSync(log, '1795000001|1.1|q|a|CONNECT|1\n')
      await ship([...args, '--timezone', 'Asia/Kolkata'])
      const [[time] = []] = await server.run(`SELECT ${kind === 'mysql' ? 'time' : 'time::text'} FROM ${table}`)
      assert.match(String(time), /^2026-11-18 16:36:41/)
    })

    it('fills a table of QueueMetrics, which has no transactions in MariaDB', async () => {
      const { table, args } = await fresh('queuemetrics')
      writeFileSync(log, '1795000001|1.1|q|a|CONNECT|1|1.2\n1795000001|1.1|q|a|CONNECT|1|1.2\n1795000002|1.1|q|a|E|\n')
      await ship([...args, '--partition', 'P007', '--serverid', 'pbx1'])
      const { code, stderr } = await ship([...args, '--partition', 'P007', '--serverid', 'pbx1'])
      assert.equal(code, 0, stderr)
      const name = kind === 'mysql' ? '`partition`' : '"partition"'
      const rows = await server.run(
        `SELECT ${name}, time_id, call_id, verb, data1, data2, serverid FROM ${table} ORDER BY time_id, unique_row_count`,
      )
      assert.deepEqual(
        rows.map((row) => row.map(String).join(' ')),
        [
          'P007 1795000001 1.1 CONNECT 1 1.2 pbx1',
          'P007 1795000001 1.1 CONNECT 1 1.2 pbx1',
          'P007 1795000002 1.1 E   pbx1',
        ],
      )
    })

    it('warns where the partition has rows of somebody else', async () => {
      const { table, args } = await fresh('queuemetrics')
      await server.run(`INSERT INTO ${table} (${kind === 'mysql' ? '`partition`' : '"partition"'}) VALUES ('P001')`)
      writeFileSync(log, '1795000001|1.1|q|a|CONNECT|1|1.2\n')
      const { stderr } = await ship(args)
      assert.match(stderr, /the partition P001 of .* has rows that qlog-ship did not write/)
    })

    it('fills a table of our own with time, PBX, all columns, and the place of each line', async () => {
      const { table, args } = await fresh('plain')
      writeFileSync(log, '1795000001|1.1|q|a|CONNECT|1|2|3|4|5|6\n')
      await ship(args)
      const rows = await server.run(`SELECT time_ms, pbx, callid, event, data1, data5, byte FROM ${table}`)
      assert.deepEqual(
        rows.map((row) => row.map(String)),
        [['1795000001000', table, '1.1', 'CONNECT', '1', '5|6', '0']],
      )
    })

    it('stands by while another shipper fills the same table, and takes over when that one is killed', async () => {
      const { table, args } = await fresh('asterisk')
      const line = (n: number): string => `${1_795_000_000 + n}|${n}|q|a|CONNECT|1\n`
      writeFileSync(log, line(1))
      const [first, second] = [start(args), start(args)]
      const outcomes = [outcomeOf(first), outcomeOf(second)]
      let written = line(1)
      for (let n = 2; n <= 30; n++) {
        written += line(n)
        appendFileSync(log, line(n))
        if (n === 10) first.kill('SIGKILL')
        await new Promise((next) => setTimeout(next, 20))
      }
      await until(async () => (await replica(table)) === written)
      second.kill('SIGTERM')
      const [, told] = await Promise.all(outcomes)
      assert.equal(told?.code, 0)
      assert.equal(await replica(table), written)
    })

    it('goes on where it was after the connection was lost', async () => {
      const { table, args } = await fresh('asterisk')
      writeFileSync(log, '1795000001|1|q|a|CONNECT|1\n')
      const program = start(args)
      const outcome = outcomeOf(program)
      await until(async () => (await replica(table)) !== '')
      if (kind === 'mysql') {
        const rows = await server.run(`SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '${SHIPPER.name}'`)
        for (const [id] of rows) await server.run(`KILL ${id}`)
      } else {
        await server.run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${SHIPPER.name}'`)
      }
      appendFileSync(log, '1795000002|1|q|a|CONNECT|1\n')
      await until(async () => (await replica(table)).split('\n').length === 3)
      program.kill('SIGTERM')
      const { stderr, code } = await outcome
      assert.equal(code, 0, stderr)
      assert.match(stderr, /; trying again\n/)
    })

    it('finds the password where the clients of the database look for it', async () => {
      const { table, args } = await fresh('asterisk')
      writeFileSync(log, '1795000001|1|q|a|CONNECT|1\n')
      const home = mkdtempSync(join(folder, 'home-'))
      writeFileSync(
        join(home, '.my.cnf'),
        `[client]\nuser=x\npassword="${SHIPPER.password}"\n[mysqld]\npassword=none\n`,
      )
      const pgpass = `127.0.0.1:${server.port}:asterisk:${SHIPPER.name}:${SHIPPER.password}\n`
      writeFileSync(join(home, '.pgpass'), pgpass, { mode: 0o600 })
      const { code, stderr } = await ship(args, { HOME: home, TOSECRET: '' })
      assert.equal(code, 0, stderr)
      assert.equal(await replica(table), '1795000001|1|q|a|CONNECT|1\n')
    })

    it('is checked, and ships nothing then; its metrics tell where it is', async () => {
      const { table, args } = await fresh('asterisk')
      writeFileSync(log, '1795000001|1|q|a|CONNECT|1\n')
      const before = await outcomeOf(start([...args, '--check']))
      assert.equal(before.code, 0, before.stderr)
      assert.match(
        before.stdout,
        /^ok {6}sink: qlog-ship can write to .*\nnote {4}position: no line is shipped yet\n {8}.*\nok {6}source: .* can be read, 27 bytes\n$/,
      )
      assert.equal(await replica(table), '')
      const program = start([...args, '--metrics', '127.0.0.1:0'])
      const outcome = outcomeOf(program)
      const [told] = (await once(program.stderr as NodeJS.ReadableStream, 'data')) as [Buffer]
      const [url = ''] = /http:\S+/.exec(String(told)) ?? []
      await until(async () => /^qlog_ship_rows_total 1$/m.test(await (await fetch(url)).text()))
      const metrics = await (await fetch(url)).text()
      for (const line of [
        'qlog_ship_up 1',
        'qlog_ship_position 27',
        'qlog_ship_unread_bytes 0',
        'qlog_ship_lag_seconds 0',
      ])
        assert.ok(metrics.includes(`\n${line}\n`), `${line} is missing in ${metrics}`)
      const busy = await outcomeOf(start([...args, '--check']))
      assert.match(
        busy.stdout,
        /^ok {6}sink: another qlog-ship writes .*\n.*\nok {6}position: shipped up to byte 27 of .*, 0 bytes/,
      )
      program.kill('SIGTERM')
      await outcome
      const after = await outcomeOf(start([...args, '--check']))
      assert.match(after.stdout, /ok {6}position: shipped up to byte 27 of .*, 0 bytes wait\n$/)
    })

    it('ends with 3 where it can never work, and shows no password', async () => {
      const { args } = await fresh('asterisk')
      writeFileSync(log, '1795000001|1|q|a|CONNECT|1\n')
      const wrong = await outcomeOf(start(args, { TOSECRET: 'wr0ng!' }))
      assert.match(wrong.stderr, /refuses the user shipper .*correct the user, or the password/i)
      assert.ok(!wrong.stderr.includes('wr0ng!'))
      assert.equal(wrong.code, 3)
      const none = await outcomeOf(start([...args.slice(0, 4), '--table', 'no_such']))
      assert.match(none.stderr, /there is no table no_such .*--schema shows how/)
      assert.equal(none.code, 3)
      const other = await outcomeOf(start([...args.slice(0, 6), '--dialect', 'plain']))
      assert.match(other.stderr, /does not fit --dialect plain: missing columns: time_ms/)
      assert.equal(other.code, 3)
    })
  })
}
