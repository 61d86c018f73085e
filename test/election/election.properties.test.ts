import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { GRACE_MS } from '../../lib/election/election.ts'
import { runsOf } from '../support/sample.ts'
import { LINE_EVERY_MS, type Life, type ServerLife, simulate } from './simulation.ts'

const DURATION_MS = 30_000
/** From here on nothing begins to happen to anybody, and what has begun ends within so many ms. */
const QUIET_FROM_MS = 20_000
const LONGEST_MS = 4000
const NEVER = Number.POSITIVE_INFINITY

const moment = fc.integer({ min: 0, max: QUIET_FROM_MS })
const span = fc.record({ from: moment, ms: fc.integer({ min: 100, max: LONGEST_MS }) })
const spans = fc.array(span, { maxLength: 2 })
const upTo = (max: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 0, max }), { minLength: 1, maxLength: 5 })

/** @param delay how long the network takes at most */
const life = (delay: number): fc.Arbitrary<Life> =>
  fc.record({
    begins: moment,
    ends: fc.oneof(fc.constant(NEVER), moment),
    leaves: fc.oneof(fc.constant(NEVER), moment),
    standstills: spans,
    pauses: spans,
    gaps: spans,
    delaysOut: upTo(delay),
    delaysIn: upTo(delay),
    busy: upTo(200),
    isBlind: fc.constant(false),
  })
const lives = (delay: number): fc.Arbitrary<Life[]> =>
  fc.array(life(delay), { minLength: 1, maxLength: 3 }).filter((all) => !all.some((one) => comesInABadMoment(one, all)))
/** Set back amid misfortunes, it makes trackers write lines twice: docs/reliability.md says so. */
const server: fc.Arbitrary<ServerLife> = fc.record(
  {
    clockSet: fc.record({ at: moment, by: fc.integer({ min: 0, max: 600_000 }) }),
    quiet: fc.record({ from: moment, ms: fc.integer({ min: 5000, max: 15_000 }) }),
  },
  { requiredKeys: [] },
)

/**
 * Whether one comes in a moment of which it cannot know to whom it belongs (docs/reliability.md): as another ends or goes
 * away, before it was told who writes, or in the time that is still that one's, should it be back.
 */
function comesInABadMoment(one: Life, all: readonly Life[]): boolean {
  const way = Math.max(...all.flatMap(({ delaysIn, delaysOut, busy }) => [...delaysIn, ...delaysOut, ...busy]))
  const comes = [one.begins, ...spansOf(one).map(({ from, ms }) => from + ms)]
  const isBad = (goes: number, ms: number): boolean => comes.some((begin) => goes - ms <= begin && begin <= goes + ms)
  return all.some((other) => {
    const ends = [other.ends, other.leaves].some((goes) => isBad(goes, 4 * way + 100))
    return ends || spansOf(other).some(({ from }) => isBad(from, 4 * way + 100 + GRACE_MS))
  })
}

function spansOf({ standstills, pauses, gaps }: Life): readonly { from: number; ms: number }[] {
  return [...standstills, ...pauses, ...gaps]
}

const undisturbed: Life = {
  begins: 0,
  ends: NEVER,
  leaves: NEVER,
  standstills: [],
  pauses: [],
  gaps: [],
  delaysOut: [1],
  delaysIn: [1],
  busy: [0],
  isBlind: false,
}
const slow: Life = { ...undisturbed, delaysOut: [900], delaysIn: [700, 1100] }

function missing(written: readonly number[], from: number, to = DURATION_MS - 4000): number[] {
  const there = new Set(written)
  const all = Array.from({ length: Math.ceil(DURATION_MS / LINE_EVERY_MS) }, (_, n) => n * LINE_EVERY_MS)
  return all.filter((line) => line >= from && line < to && !there.has(line))
}

function assertOnce(written: readonly number[]): void {
  const twice = written.filter((line, index) => written.indexOf(line) !== index)
  assert.deepEqual(twice, [], 'lines that were written twice')
}

describe('trackers on one Asterisk', () => {
  it('write no line twice, whoever is killed, busy, stands still, is paused, cut off or leaves', () => {
    fc.assert(
      fc.property(lives(100), server, (all, ofServer) => assertOnce(simulate(all, DURATION_MS, ofServer))),
      { numRuns: runsOf(400) },
    )
  })

  it('write no line twice on a network that takes seconds', () => {
    fc.assert(
      fc.property(lives(1500), (all) => assertOnce(simulate(all, DURATION_MS))),
      { numRuns: 200 },
    )
  })

  it('write every line from five seconds after the last misfortune on, if any of them is left', () => {
    fc.assert(
      fc.property(lives(100), (all) => {
        const written = simulate([{ ...undisturbed, begins: 10_000 }, ...all], DURATION_MS)
        assert.deepEqual(missing(written, QUIET_FROM_MS + LONGEST_MS + 5000, DURATION_MS - 1000), [])
      }),
      { numRuns: 200 },
    )
  })

  it('lose only the lines of less than two seconds when the one that writes is killed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8000, max: 12_000 }), fc.integer({ min: 0, max: 100 }), (ends, delay) => {
        const standby = { ...undisturbed, begins: 4000, delaysIn: [delay], delaysOut: [delay] }
        const written = simulate([{ ...undisturbed, ends }, standby], DURATION_MS)
        const lost = missing(written, 1000)
        assert.ok(
          lost.every((line) => line > ends - 500 && line < ends + 1500),
          `${lost} of ${ends}`,
        )
        assertOnce(written)
      }),
    )
  })

  it('write no line twice, and lose none but in a moment, when the one that writes hangs or is cut off and is back', () => {
    const hangs = fc.constantFrom('standstills', 'pauses', 'gaps')
    const network = fc.record({ delaysIn: upTo(100), delaysOut: upTo(100), busy: upTo(700) })
    const hanging = fc.record({ from: fc.integer({ min: 9000, max: 11_000 }), ms: fc.integer({ min: 100, max: 5000 }) })
    fc.assert(
      fc.property(hangs, hanging, network, network, (what, hang, ofFirst, ofSecond) => {
        const first = { ...undisturbed, ...ofFirst, [what]: [hang] }
        const written = simulate([first, { ...undisturbed, ...ofSecond, begins: 4000 }], DURATION_MS)
        assertOnce(written)
        assert.deepEqual(missing(written, 1000, hang.from - 2000), [])
        assert.deepEqual(missing(written, hang.from + hang.ms + 4000), [])
      }),
      { numRuns: runsOf(300) },
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
    assert.ok(missing(written, 1000).length <= 1, String(missing(written, 1000)))
    assertOnce(written)
  })

  it('lose nothing when the server is restarted, whoever is back first', () => {
    for (const ms of [1000, 1500, 3000]) {
      for (const later of [0, 1]) {
        const gap = { from: 10_000, ms: ms + 2000 }
        const trackers = [undisturbed, { ...undisturbed, begins: 4000 }]
        const all = trackers.map((one, index) => (index === later ? { ...one, gaps: [gap] } : one))
        const written = simulate(all, DURATION_MS, { restart: { from: 10_000, ms } })
        assertOnce(written)
        // Nothing happens on a server that is down, and of what happens on it first nobody is told.
        assert.deepEqual(missing(written, 1000, 10_000), [])
        assert.deepEqual(missing(written, 10_000 + ms + 100), [], `${later} came ${ms} ms later`)
      }
    }
  })

  it('lose nothing when all of them are cut off for a while, and the one that wrote is back as the others are', () => {
    const all = [undisturbed, { ...undisturbed, begins: 4000 }].map((one) => ({
      ...one,
      gaps: [{ from: 10_000, ms: 900 }],
    }))
    const written = simulate(all, DURATION_MS)
    assertOnce(written)
    assert.deepEqual(missing(written, 11_000), [])
  })

  it('write over a network that takes seconds, though another one stands by', () => {
    const written = simulate([slow, { ...undisturbed, begins: 10_000 }], DURATION_MS)
    assertOnce(written)
    assert.deepEqual(missing(written, 8000), [])
  })

  it('write no line twice while what one of them sends is held up for long', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4000, max: 14_000 }), fc.integer({ min: 500, max: 9000 }), (begins, delay) => {
        const heldUp = { ...undisturbed, begins, delaysOut: [delay, 0] }
        const written = simulate([undisturbed, heldUp], DURATION_MS)
        assertOnce(written)
        assert.deepEqual(missing(written, 1000), [])
      }),
    )
  })

  it('write no line twice though one of them stands still while it is being told who writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 100, max: 12_000 }), (after, ms) => {
        const busy = { ...undisturbed, begins: 5000, standstills: [{ from: 5000 + after, ms }], delaysIn: [40] }
        const written = simulate([undisturbed, busy], DURATION_MS)
        assertOnce(written)
        assert.deepEqual(missing(written, 1000), [])
      }),
    )
  })

  it('write every line once where nothing happens for long, and others come meanwhile', () => {
    const network = fc.record({ delaysIn: upTo(100), delaysOut: upTo(100), busy: upTo(200) })
    const comes = fc.integer({ min: 2000, max: 24_000 })
    fc.assert(
      fc.property(network, fc.array(fc.tuple(comes, network), { maxLength: 2 }), (ofFirst, others) => {
        const quiet = { from: 3000, ms: 15_000 }
        const all = others.map(([begins, ofOther]) => ({ ...undisturbed, ...ofOther, begins }))
        const written = simulate([{ ...undisturbed, ...ofFirst }, ...all], DURATION_MS, { quiet })
        assertOnce(written)
        assert.deepEqual(missing(written, 1000, quiet.from), [])
        assert.deepEqual(missing(written, quiet.from + quiet.ms), [])
      }),
      { numRuns: runsOf(300) },
    )
  })

  it('go on while the clock of the server is set', () => {
    for (const by of [-600_000, 600_000]) {
      const trackers = [
        { ...undisturbed, ends: 20_000 },
        { ...undisturbed, begins: 4000 },
      ]
      const written = simulate(trackers, DURATION_MS, { clockSet: { at: 12_000, by } })
      assertOnce(written)
      assert.deepEqual(missing(written, 1000, 19_500), [])
      assert.deepEqual(missing(written, 23_000), [])
    }
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
    assert.deepEqual(missing(written, 12_000), [])
  })

  it('write no line twice where one is killed or stopped and started again, however soon, beside others', () => {
    const restart = fc.record({ ends: moment, isStopped: fc.boolean(), after: fc.integer({ min: 0, max: 4000 }) })
    fc.assert(
      fc.property(life(50), restart, fc.array(life(50), { maxLength: 2 }), server, (one, again, others, serverLife) => {
        const first = {
          ...one,
          ends: again.ends + (again.isStopped ? 200 : 0),
          leaves: again.isStopped ? again.ends : NEVER,
        }
        const second: Life = { ...undisturbed, follows: 0, begins: first.ends + again.after }
        const all = [first, second, ...others]
        fc.pre(!others.some((other) => comesInABadMoment(other, all)) && !comesInABadMoment(first, others))
        assertOnce(simulate(all, DURATION_MS, serverLife))
      }),
    )
  })

  it('lose no more than what happened meanwhile where the one that writes is started again at once', () => {
    for (const isStopped of [false, true]) {
      for (let after = 0; after <= 700; after += 20) {
        const ends = 10_000
        const first: Life = { ...undisturbed, ends, leaves: isStopped ? ends - 40 : NEVER }
        const written = simulate([first, { ...undisturbed, follows: 0, begins: ends + after }], DURATION_MS)
        assertOnce(written)
        assert.deepEqual(missing(written, 2000, ends - 100), [])
        assert.deepEqual(missing(written, ends + after + 100), [], `after ${after} ms`)
        const firstOfSecond = written.find((line) => line >= ends + after)
        assert.ok(firstOfSecond !== undefined && firstOfSecond < ends + after + 100)
      }
    }
  })
})
