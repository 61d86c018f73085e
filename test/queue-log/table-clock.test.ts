import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type StampedCall, TableClock } from '../../lib/queue-log/table-clock.ts'

const T0 = 1_800_000_000
const HOUR_S = 3600

/** As a table tells a time that is ahead of UTC. */
function shown(time: number, aheadS: number): string {
  return new Date((time + aheadS) * 1000).toISOString().replace('T', ' ').replace('Z', '000')
}

/** Rows of calls: each that many seconds after its channel was made. */
function rows(aheadS: number, ages: readonly number[], from = T0): StampedCall[] {
  return ages.map((age, n) => ({ time: shown(from + n, aheadS), callid: `pbx-${from + n - age}.${n}` }))
}

describe('the clock of a table', () => {
  it('is learned of the calls in any zone, if only some of them are young', () => {
    const zone = fc.integer({ min: -48, max: 56 }).map((quarters) => quarters * 900)
    const ages = fc.tuple(
      fc.array(fc.integer({ min: 0, max: 800 }), { minLength: 5, maxLength: 9 }),
      fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 50 }),
    )
    // Later than all rows: of those at the beginning that no zone could explain, nothing is learned.
    const later = fc.integer({ min: 60, max: 40_000 })
    const property = fc.property(zone, ages, later, (aheadS, [young, old], passed) => {
      const clock = TableClock.learnedOf(rows(aheadS, [...old, ...young]))
      const moment = clock.momentOf(shown(T0 + passed, aheadS))
      assert.deepEqual(moment, { from: T0 + passed, to: T0 + passed })
    })
    fc.assert(property, { examples: [[46_800, [[0, 0, 0, 0, 0], [7141]], 60]] })
  })

  it('never puts a row later than it can have been written, however old all calls are', () => {
    const zone = fc.integer({ min: -48, max: 56 }).map((quarters) => quarters * 900)
    const property = fc.property(
      zone,
      fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 4 }),
      (aheadS, ages) => {
        const { from, to } = TableClock.learnedOf(rows(aheadS, ages)).momentOf(shown(T0 + 60, aheadS))
        assert.ok(from <= T0 + 60 && T0 + 60 <= to, `${from} ${to}`)
      },
    )
    fc.assert(property)
  })

  it('is not put wrong by a clock that was set back by seconds, or by what is no Uniqueid', () => {
    const odd = [
      { time: shown(T0, HOUR_S), callid: `${T0 + 3}.1` },
      { time: shown(T0, HOUR_S), callid: 'NONE' },
      { time: null, callid: `${T0}.2` },
      { time: shown(T0, HOUR_S), callid: '9999999999.1' },
    ]
    const clock = TableClock.learnedOf([...odd, ...rows(HOUR_S, [1, 2, 3, 4, 5])])
    assert.deepEqual(clock.momentOf(shown(T0 + 9, HOUR_S)), { from: T0 + 9, to: T0 + 9 })
  })

  it('allows for summer time in rows that are older than those that tell it, unless older ones tell it as well', () => {
    const young = rows(HOUR_S, [1, 2, 3, 4, 5])
    const before = T0 - 10_000
    const time = shown(before, HOUR_S)
    assert.deepEqual(TableClock.learnedOf(young).momentOf(time), { from: before - HOUR_S, to: before + HOUR_S })
    const same = rows(HOUR_S, [1, 2, 3, 4, 5], before - 60)
    assert.deepEqual(TableClock.learnedOf(young, same).momentOf(time), { from: before, to: before })
    const winter = rows(0, [1, 2, 3, 4, 5], before - 60)
    assert.deepEqual(TableClock.learnedOf(young, winter).momentOf(time), { from: before, to: before + HOUR_S })
  })

  it('is that of the epoch where that stands in the table, and knows nothing of what is no time', () => {
    const clock = TableClock.learnedOf([])
    assert.deepEqual(clock.momentOf('1800000000'), { from: T0, to: T0 })
    for (const time of [null, '', '2027-01-15', 'yesterday', '18000000001234']) {
      assert.deepEqual(clock.momentOf(time), { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY })
    }
  })
})
