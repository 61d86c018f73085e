import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { Column } from '../../lib/queue-log/database.ts'
import { readQueueLogLine } from '../../lib/queue-log/line.ts'
import type { QueueLogFields } from '../../lib/queue-log/record.ts'
import type { ShippedLine } from '../../lib/ship/flow.ts'
import { type Dialect, RowShape } from '../../lib/ship/row-shape.ts'
import { utc, Zone } from '../../lib/ship/zone.ts'

const column = (name: string, type = 'varchar(100)'): Column => {
  const [, width] = /^varchar\((\d+)\)$/.exec(type) ?? []
  return { name, type, width: width === undefined ? undefined : Number(width), isCounter: false }
}
const line = (text: string): ShippedLine => {
  const bytes = Buffer.from(text)
  return { pbx: 'pbx7', bytes, fields: readQueueLogLine(bytes) as QueueLogFields, file: '5-abc', byte: 42 }
}
const WORDS = ['callid', 'queuename', 'agent', 'event', 'data1', 'data2', 'data3', 'data4', 'data5']

function shapeOf(columns: readonly Column[], dialect: Dialect = 'asterisk', zone = 'UTC'): RowShape | string {
  return RowShape.of(columns, { dialect, zone: new Zone(zone), partition: 'P001', serverid: 's1' })
}

/** The row of a line by its columns, and what was cut. */
function rowOf(
  text: string,
  columns: readonly Column[],
  dialect: Dialect = 'asterisk',
  zone = 'UTC',
): { row: Record<string, string>; cut: [string, number][] } {
  const shape = shapeOf(columns, dialect, zone)
  assert.ok(typeof shape === 'object', String(shape))
  const cut = new Map<string, number>()
  const cells = shape.rowOf(line(text), { cut }) ?? []
  return { row: Object.fromEntries(shape.columns.map(({ name }, n) => [name, cells[n] ?? ''])), cut: [...cut] }
}

describe('the row of a line', () => {
  it('has the fifth column of data take the rest, and empty ones where there is none', () => {
    const columns = [column('time', 'datetime(6)'), ...WORDS.map((name) => column(name))]
    const { row } = rowOf('1795000001|1.1|q|a|E|1|2|3|4|5|6||8\n', columns)
    assert.deepEqual(row, {
      time: '2026-11-18 11:06:41.000000',
      ...{ callid: '1.1', queuename: 'q', agent: 'a', event: 'E' },
      ...{ data1: '1', data2: '2', data3: '3', data4: '4', data5: '5|6||8' },
    })
    assert.equal(rowOf('1795000001|1.1|q|a|E|\n', columns).row.data1, '')
  })

  it('has all data in one column where the table has only that, and names in any case', () => {
    const columns = [column('Time', 'datetime'), ...WORDS.slice(0, 4).map((name) => column(name)), column('data')]
    const { row } = rowOf('1795000001|1.1|q|a|E|1|2\n', columns)
    assert.equal(row.data, '1|2')
    assert.equal(row.Time, '2026-11-18 11:06:41.000000')
  })

  it('has its time as the column takes it: of the zone, of UTC, or in epoch seconds', () => {
    const timeIn = (type: string): string | undefined =>
      rowOf(
        '1795000001.25|1|q|a|E|\n',
        [column('time', type), ...WORDS.map((name) => column(name))],
        'asterisk',
        'Asia/Kolkata',
      ).row.time
    assert.equal(timeIn('datetime(6)'), '2026-11-18 16:36:41.250000')
    assert.equal(timeIn('timestamp without time zone'), '2026-11-18 16:36:41.250000')
    assert.equal(timeIn('varchar(26)'), '2026-11-18 16:36:41.250000')
    assert.equal(timeIn('varchar(19)'), '2026-11-18 16:36:41')
    assert.equal(timeIn('timestamp(6)'), '2026-11-18 11:06:41.250000')
    assert.equal(timeIn('timestamp with time zone'), '2026-11-18 11:06:41.250000+00')
    assert.equal(timeIn('bigint'), '1795000001')
  })

  it('is cut by letters, not by bytes, and that is counted by columns', () => {
    const columns = [column('time', 'datetime'), ...WORDS.map((name) => column(name, 'varchar(3)'))]
    const { row, cut } = rowOf('1|ab😀|äöüß|a|E|long\n', columns)
    assert.equal(row.callid, 'ab😀')
    assert.equal(row.queuename, 'äöü')
    assert.deepEqual(cut, [
      ['queuename', 1],
      ['data1', 1],
    ])
  })

  it('is one of QueueMetrics, with the partition and the server', () => {
    const names = ['partition', 'call_id', 'queue', 'agent', 'verb', ...WORDS.slice(4), 'serverid']
    const { row } = rowOf(
      '5|1|q|a|E|x\n',
      [column('time_id', 'int unsigned'), ...names.map((name) => column(name))],
      'queuemetrics',
    )
    assert.deepEqual(
      [row.partition, row.time_id, row.call_id, row.queue, row.verb, row.data1, row.serverid],
      ['P001', '5', '1', 'q', 'E', 'x', 's1'],
    )
  })

  it('is one of our own, with the PBX and the place of the line', () => {
    const names = ['time_ms', 'pbx', ...WORDS, 'file', 'byte']
    const { row } = rowOf(
      '5.5|1|q|a|E|\n',
      names.map((name) => column(name)),
      'plain',
    )
    assert.deepEqual([row.time_ms, row.pbx, row.file, row.byte], ['5500', 'pbx7', '5-abc', '42'])
  })

  it('cannot be made for a table of another dialect: the columns that are missing are named', () => {
    assert.equal(shapeOf([column('id'), column('time')]), `missing columns: ${WORDS.join(', ')}`)
    assert.match(String(shapeOf([column('time')], 'plain')), /missing columns: time_ms, pbx/)
  })
})

describe('a time zone', () => {
  it('shows what its clocks show, also where summer time begins and ends', () => {
    const berlin = new Zone('Europe/Berlin')
    const at = (iso: string): number => Date.parse(iso) / 1000
    assert.equal(berlin.civil(at('2026-03-29T00:59:59Z')), '2026-03-29 01:59:59.000000')
    assert.equal(berlin.civil(at('2026-03-29T01:00:00Z')), '2026-03-29 03:00:00.000000')
    assert.equal(berlin.civil(at('2026-10-25T00:59:59Z')), '2026-10-25 02:59:59.000000')
    assert.equal(berlin.civil(at('2026-10-25T01:00:00Z')), '2026-10-25 02:00:00.000000')
    assert.equal(new Zone('Asia/Kathmandu').civil(at('2026-01-01T00:00:00Z')), '2026-01-01 05:45:00.000000')
    assert.equal(utc(0.000001), '1970-01-01 00:00:00.000001')
  })
})
