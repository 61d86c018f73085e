import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CompactionSchedule } from '../../lib/state/compaction-schedule.ts'
import { OwnClock } from '../support/own-clock.ts'

const OPTIONS = { compactedFromBytes: 1000, tidyMs: 30_000 }

describe('a journal is compacted', () => {
  let clock: OwnClock
  beforeEach(() => {
    clock = new OwnClock()
  })
  afterEach(() => clock.release())

  /** A compaction that takes a while. */
  const take = (schedule: CompactionSchedule, ms: number, bytes: number, isMade: boolean, isUntidy = false): void => {
    schedule.begin()
    clock.now += ms
    schedule.end(bytes, isMade, isUntidy)
  }

  it('when it has 1.75 times the size that was left, from a least size on', () => {
    const small = new CompactionSchedule(OPTIONS, 100)
    assert.deepEqual([small.isLong(999), small.isLong(1000)], [false, true])
    const large = new CompactionSchedule(OPTIONS, 4000)
    assert.deepEqual([large.isLong(6999), large.isLong(7000)], [false, true])
    take(large, 0, 800, true)
    assert.deepEqual([large.isLong(1399), large.isLong(1400)], [false, true])
  })

  it('when it is 1.2 times as long again, where that did not succeed', () => {
    const schedule = new CompactionSchedule(OPTIONS, 0)
    take(schedule, 0, 10_000, false)
    assert.deepEqual([schedule.isLong(11_999), schedule.isLong(12_000)], [false, true])
  })

  it('at once at the start, and then 20 s after the last time, if anything came that may be dropped one day', () => {
    const schedule = new CompactionSchedule(OPTIONS, 0)
    assert.equal(schedule.isDue, true)
    take(schedule, 0, 0, true)
    schedule.touch()
    assert.equal(schedule.isDue, false)
    clock.now += 19_999
    assert.equal(schedule.isDue, false)
    clock.now += 1
    assert.equal(schedule.isDue, true)
  })

  it('not while nothing comes, unless something was left that may be dropped soon', () => {
    for (const isUntidy of [false, true]) {
      const schedule = new CompactionSchedule(OPTIONS, 0)
      take(schedule, 0, 0, true, isUntidy)
      clock.now += 1e6
      assert.equal(schedule.isDue, isUntidy)
    }
  })

  it('also of what came while it was being compacted', () => {
    const schedule = new CompactionSchedule(OPTIONS, 0)
    schedule.begin()
    schedule.touch()
    schedule.end(0, true, false)
    clock.now += 20_000
    assert.equal(schedule.isDue, true)
  })

  it('in no more than one part of 20 of all time, but at the latest after 20 times as long as is usual', () => {
    for (const [tookMs, waitMs] of [
      [2000, 40_000],
      [1e6, 600_000],
    ] as const) {
      const schedule = new CompactionSchedule(OPTIONS, 0)
      take(schedule, tookMs, 0, true, true)
      clock.now += waitMs - 1
      assert.equal(schedule.isDue, false)
      clock.now += 1
      assert.equal(schedule.isDue, true)
    }
  })
})
