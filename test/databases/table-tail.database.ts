import { strict as assert } from 'node:assert'
import { after, before, describe, it } from 'node:test'
import type { QueueLogFields } from '../../lib/queue-log/record.ts'
import { readTablePlace, type TablePlace } from '../../lib/queue-log/table-place.ts'
import { TableTail } from '../../lib/queue-log/table-tail.ts'
import { type FoundLines, lookUp, sinceOf } from '../../lib/queue-log/tail.ts'
import { DATABASE_KINDS, type DatabaseKind, DatabaseServer, NAMES, READER } from './database-server.ts'
import { ownLines, RealtimeTable, type TableOptions } from './realtime-table.ts'

const T0 = 1_800_000_000
const at = (time: number, more: Partial<QueueLogFields> = {}): QueueLogFields => {
  const line = { time, callid: `${T0 - 100}.2`, queuename: 'support', agent: 'Jane', event: 'CALLERONHOLD', data: [] }
  return { ...line, ...more }
}
const text = (time: number, { callid, queuename, agent, event, data } = at(0)): string => {
  return [time, callid, queuename, agent, event, ...data].join('|')
}

/** What the time column may be, by what stands in it. */
const TIMES: Readonly<Record<DatabaseKind, readonly string[]>> = {
  mysql: ['DATETIME(6)', 'DATETIME', 'TIMESTAMP(6) NULL', 'VARCHAR(26)', 'CHAR(19)'],
  postgres: ['TIMESTAMP', 'TIMESTAMP(0)', 'TIMESTAMPTZ', 'VARCHAR(26)', 'CHAR(30)', 'TEXT'],
}
const EPOCHS = ['VARCHAR(20)', 'CHAR(10)', 'BIGINT', 'INT']
const HOUR_S = 3600
/** UTC, Kolkata, St. John's, Auckland in summer, Los Angeles. */
const ZONES = [0, 5.5 * HOUR_S, -3.5 * HOUR_S, 13 * HOUR_S, -8 * HOUR_S]

for (const kind of DATABASE_KINDS) {
  describe(`a realtime queue_log in ${NAMES[kind]}`, () => {
    let server: DatabaseServer
    before(async () => {
      server = await DatabaseServer.start(kind)
    })
    after(() => server.stop())

    const tailOf = (table = 'queue_log'): TableTail => {
      const place = readTablePlace(server.address(table)) as TablePlace
      return new TableTail({ place, password: READER.password, ca: undefined })
    }
    const read = (wanted: QueueLogFields[], table?: string): Promise<FoundLines> => {
      return tailOf(table).read({ wanted, since: sinceOf(wanted) })
    }
    /** A table with lines of Asterisk's own from before and after. */
    const make = async (options?: TableOptions): Promise<RealtimeTable> => {
      const table = await RealtimeTable.make(server, options)
      await table.write(ownLines(T0 - 500, 50))
      return table
    }

    it('has a line as often as it is there, and no other', async () => {
      const table = await make()
      await table.write([text(T0), text(T0 + 1), ...ownLines(T0 + 10, 50)])
      const other = at(T0, { agent: 'Joe' })
      const found = await read([at(T0), other])
      assert.deepEqual([found.take(at(T0)), found.take(at(T0)), found.take(at(T0))], [true, true, false])
      assert.equal(found.take(other), false)
    })

    it('has none of the same words from before its time, whatever the zone and the type of the time', async () => {
      const kinds = [
        ...TIMES[kind].map((time) => ({ time, aheadS: ZONES[1] })),
        ...ZONES.map((aheadS) => ({ aheadS })),
        ...EPOCHS.map((time) => ({ time, aheadS: undefined })),
      ]
      for (const options of kinds) {
        const table = await make(options)
        await table.write([...ownLines(T0 + 10, 50), text(T0 - 3)])
        const shown = JSON.stringify(options)
        assert.equal((await read([at(T0)])).take(at(T0)), false, shown)
        // 0.6 s of a second are rounded up or cut.
        await table.write([text(T0 + 0.6)])
        const found = await read([at(T0)])
        assert.deepEqual([found.take(at(T0)), found.take(at(T0))], [true, false], shown)
      }
    })

    it('is found without numbers of the rows, and with data in one column', async () => {
      const data = ['1', 'a', '', 'x']
      for (const options of [{ isNumbered: false }, { types: { data: 'TEXT' } }]) {
        const table = await make(options)
        await table.write([text(T0, at(T0, { data })), text(T0, at(T0, { data: ['1', 'b'] }))])
        const wanted = [at(T0, { data }), at(T0, { data: ['1', 'a'] })]
        const found = await read(wanted)
        assert.deepEqual(
          wanted.map((line) => found.take(line)),
          [true, false],
        )
      }
    })

    it('has the rest of the data in the fifth column', async () => {
      const table = await make()
      const data = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
      await table.write([text(T0, at(T0, { data }))])
      const wanted = [at(T0, { data }), at(T0, { data: data.slice(0, 5) }), at(T0, { data: [...data, 'h'] })]
      const found = await read(wanted)
      assert.deepEqual(
        wanted.map((line) => found.take(line)),
        [true, false, false],
      )
    })

    it('is found where columns were cut, and not where they would have had room', async () => {
      const types = { callid: 'VARCHAR(20)', agent: 'CHAR(10)', data1: 'VARCHAR(5)' }
      const table = await make({ types })
      const long = at(T0, { agent: 'Local/1002 and more', data: ['0123456789'] })
      const cut = at(T0, { agent: 'Local/1002', data: ['01234'] })
      await table.write([text(T0, kind === 'mysql' ? long : cut)])
      const short = at(T0, { agent: 'Local/1002', data: ['0123'] })
      const found = await read([long, short])
      assert.deepEqual([found.take(short), found.take(long)], [false, true])
    })

    it('is found where the driver has written ; and ^ by their codes', async () => {
      const table = await make()
      const line = at(T0, { agent: 'Local/1@a-01;2', data: ['^up;'] })
      await table.write([text(T0, line)])
      const [row] = await server.run([`SELECT agent FROM queue_log WHERE callid = ?`, [line.callid]])
      assert.deepEqual(row, ['Local/1@a-01^3B2'])
      assert.equal((await read([line])).take(line), true)
    })

    it('is found whatever a character set made of its letters', async () => {
      const table = await make()
      const line = at(T0, { agent: 'Zoë Ångström', callid: `pbx-ä-${T0 - 100}.2` })
      const mojibake = Buffer.from('Zoë Ångström').toString('latin1')
      for (const agent of ['Zoë Ångström', mojibake, 'Zo? ?ngstr?m', 'Zo?? ??ngstr??m']) {
        await server.run("DELETE FROM queue_log WHERE agent <> 'NONE'")
        await table.write([text(T0, { ...line, agent })])
        const found = await read([line, at(T0, { ...line, agent: 'Zoe Angstrom' })])
        assert.equal(found.take(line), true, agent)
        assert.equal(found.take(at(T0, { ...line, agent: 'Zoe Angstrom' })), false, agent)
      }
    })

    it('has none of those of the same words that are known to be there', async () => {
      const table = await make({ aheadS: HOUR_S })
      await table.write([text(T0), text(T0 + 10)])
      const isThere = await lookUp(tailOf(), [at(T0 + 5)], [at(T0), at(T0 + 6)])
      assert.equal(isThere(at(T0 + 5)), false)
      const isAlsoThere = await lookUp(tailOf(), [at(T0 + 5)], [at(T0), at(T0, { callid: '7.7' })])
      assert.equal(isAlsoThere(at(T0 + 5)), true)
    })

    it('can not tell where too few calls show the zone and there is one of the same words from another time', async () => {
      const table = await RealtimeTable.make(server, { aheadS: 2 * HOUR_S })
      await table.write([`${T0 - 200_000}|NONE|NONE|NONE|QUEUESTART|`])
      assert.equal((await read([at(T0)])).take(at(T0)), false)
      await table.write([text(T0 - 30)])
      assert.equal((await read([at(T0)])).take(at(T0)), undefined)
    })

    it('can not tell of a line from before the oldest row, which may have been moved away', async () => {
      const table = await RealtimeTable.make(server)
      assert.equal((await read([at(T0)])).take(at(T0)), undefined)
      await table.write(ownLines(T0 + 10, 50))
      const later = at(T0 + 50)
      const found = await read([at(T0), later])
      assert.deepEqual([found.take(at(T0)), found.take(later)], [undefined, false])
    })

    it('can not tell where summer time has begun since, and there is one of the same words that may be it', async () => {
      // The clock was put forward an hour between the line and the youngest rows.
      const winter = await make({ aheadS: HOUR_S })
      await winter.write([text(T0 - 3)])
      assert.equal((await read([at(T0)])).take(at(T0)), false)
      const day = 86_400
      const summer = ownLines(T0 + day, 600).map((line) => {
        const [time = '', ...columns] = line.split('|')
        return [Number(time) + HOUR_S, ...columns].join('|')
      })
      await winter.write(summer)
      const other = at(T0, { callid: '7.7' })
      const found = await read([at(T0), other])
      assert.deepEqual([found.take(at(T0)), found.take(other)], [false, false])
      assert.equal((await read([at(T0 - 60)])).take(at(T0 - 60)), undefined)
    })

    it('is found behind 5,000 rows that were written since', async () => {
      const table = await make()
      await table.write([text(T0), ...ownLines(T0 + 1, 5000)])
      const found = await read([at(T0), at(T0 + 1)])
      assert.deepEqual([found.take(at(T0)), found.take(at(T0 + 1))], [true, false])
    })

    it('is not read on and on where more rows than could be meant have the same call and event', async () => {
      const table = await make()
      const none = { callid: 'NONE', event: 'ADDMEMBER' }
      await table.write([text(T0, at(T0, none))])
      await table.double('ADDMEMBER', 14)
      await assert.rejects(read([at(T0, none)]), /more than 10000 rows match these lines/)
    })

    it('may have a name that could be taken for SQL, and values as well', async () => {
      const name = kind === 'mysql' ? 'qu`eue"; DROP\'--?' : 'qu"eue`; DROP\'--$1'
      const table = await make({ name })
      const line = at(T0, { callid: "1' OR '1'='1", agent: "O'Brien\\" })
      await table.write([text(T0, { ...line, agent: "O'Brien_" })])
      const found = await read([line, at(T0)], name)
      assert.deepEqual([found.take(line), found.take(at(T0))], [true, false])
    })
  })
}
