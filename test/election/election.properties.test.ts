import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LINE_EVERY_MS, type Life, simulate } from './simulation.ts'

const DURATION_MS = 30_000
/** From here on nothing happens to anybody. */
const QUIET_FROM_MS = 20_000
const NEVER = Number.POSITIVE_INFINITY

const moment = fc.integer({ min: 0, max: QUIET_FROM_MS })
const spans = fc.array(fc.record({ from: moment, ms: fc.integer({ min: 100, max: 4000 }) }), { maxLength: 2 })
const life = (delays: fc.Arbitrary<number>): fc.Arbitrary<Life> =>
  fc.record({
    begins: moment,
    ends: fc.oneof(fc.constant(NEVER), moment),
    leaves: fc.oneof(fc.constant(NEVER), moment),
    standstills: spans,
    gaps: spans,
    delays: fc.array(delays, { minLength: 1, maxLength: 5 }),
    isBlind: fc.constant(false),
  })
const lives = (delays: fc.Arbitrary<number>): fc.Arbitrary<Life[]> =>
  fc
    .array(life(delays), { minLength: 1, maxLength: 3 })
    .filter((all) => !all.some((one) => comesInABadMoment(one, all)))
/**
 * Whether one comes in the moment in which another ends, or goes again: it takes a way to the server and back to tell it
 * who writes.
 */
function comesInABadMoment(one: Life, all: readonly Life[]): boolean {
  const there = 8 * Math.max(...all.flatMap(({ delays }) => delays)) + 100
  const comes = [one.begins, ...[...one.gaps, ...one.standstills].map(({ from, ms }) => from + ms)]
  const goes = all.flatMap(({ ends, leaves, standstills, gaps }) => [
    ends,
    leaves,
    ...[...standstills, ...gaps].map(({ from }) => from),
  ])
  return goes.some((end) => comes.some((begin) => begin <= end && end < begin + there))
}

const quick = fc.integer({ min: 0, max: 100 })

const undisturbed: Life = {
  begins: 0,
  ends: NEVER,
  leaves: NEVER,
  standstills: [],
  gaps: [],
  delays: [1],
  isBlind: false,
}
const linesOf = (from: number, to: number): number[] =>
  Array.from({ length: Math.ceil(DURATION_MS / LINE_EVERY_MS) }, (_, n) => n * LINE_EVERY_MS).filter(
    (line) => line >= from && line < to,
  )
const missing = (written: readonly number[], from: number, to: number): number[] =>
  linesOf(from, to).filter((line) => !written.includes(line))

describe('trackers on one Asterisk', () => {
  it('write no line twice, whoever is killed, stands still, is cut off or leaves', () => {
    fc.assert(
      fc.property(lives(quick), (all) => {
        const written = simulate(all, DURATION_MS)
        assert.equal(new Set(written).size, written.length)
      }),
      { numRuns: 400 },
    )
  })

  it('write no line twice on a network that takes seconds', () => {
    fc.assert(
      fc.property(lives(fc.integer({ min: 0, max: 2000 })), (all) => {
        const written = simulate(all, DURATION_MS)
        assert.equal(new Set(written).size, written.length)
      }),
      { numRuns: 400 },
    )
  })

  it('write every line from five seconds after the last misfortune on, if any of them is left', () => {
    fc.assert(
      fc.property(lives(quick), (all) => {
        const written = simulate([{ ...undisturbed, begins: 10_000 }, ...all], DURATION_MS)
        assert.deepEqual(missing(written, QUIET_FROM_MS + 4000 + 5000, DURATION_MS - 1000), [])
      }),
      { numRuns: 200 },
    )
  })

  it('lose only the lines of less than two seconds when the one that writes is killed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8000, max: 12_000 }), quick, (ends, delay) => {
        const written = simulate(
          [
            { ...undisturbed, ends },
            { ...undisturbed, begins: 4000, delays: [delay] },
          ],
          DURATION_MS,
        )
        const lost = missing(written, 1000, DURATION_MS - 1000)
        assert.ok(
          lost.every((line) => line > ends - 500 && line < ends + 1500),
          `${lost} of ${ends}`,
        )
        assert.equal(new Set(written).size, written.length)
      }),
    )
  })

  it('lose nothing but the lines of a moment when the one that writes leaves', () => {
    const written = simulate(
      [
        { ...undisturbed, leaves: 10_000 },
        { ...undisturbed, begins: 4000 },
      ],
      DURATION_MS,
    )
    const lost = missing(written, 1000, DURATION_MS - 1000)
    assert.ok(lost.length <= 1, String(lost))
    assert.equal(new Set(written).size, written.length)
  })

  it('give way to one that cannot see them', () => {
    const blind = { ...undisturbed, begins: 5000, isBlind: true }
    const written = simulate([undisturbed, blind], DURATION_MS)
    const twice = written.filter((line, index) => written.indexOf(line) !== index)
    assert.ok(twice.length > 0, 'that it writes beside the other for a while cannot be helped')
    assert.ok(
      twice.every((line) => line < 5000 + 5000),
      `${twice.at(-1)}`,
    )
    assert.deepEqual(missing(written, 12_000, DURATION_MS - 1000), [])
  })
})
