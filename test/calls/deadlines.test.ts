import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import { type DeadlineOptions, Deadlines } from '../../lib/calls/deadlines.ts'

let deadlines: Deadlines
let done: string[]
beforeEach(() => {
  deadlines = new Deadlines()
  done = []
})
const after = (ms: number, name: string, options?: DeadlineOptions): ReturnType<Deadlines['after']> =>
  deadlines.after(ms, () => done.push(`${name} at ${deadlines.now}`), options)
const pass = (time: number): string[] => {
  deadlines.pass(time, () => done.push('.'))
  return done.splice(0)
}

describe('What waits for time to pass', () => {
  it('happens in the order of its time, each at its own, and no earlier', () => {
    after(20, 'b')
    after(10, 'a')
    after(30, 'c')
    assert.deepEqual(pass(9), [])
    assert.deepEqual(pass(20), ['a at 10', '.', 'b at 20', '.'])
    assert.equal(deadlines.now, 20)
    assert.deepEqual(pass(100), ['c at 30', '.'])
    assert.equal(deadlines.now, 100)
  })

  it('at the same time is that of the lowest rank first, and of one rank that which waited first', () => {
    after(10, 'third', { rank: 2 })
    after(10, 'first')
    after(10, 'second', { rank: 1 })
    after(10, 'fourth', { rank: 2 })
    after(10, 'next to first')
    assert.deepEqual(
      pass(10).filter((text) => text !== '.'),
      ['first', 'next to first', 'second', 'third', 'fourth'].map((name) => `${name} at 10`),
    )
  })

  it('may wait anew, in its own time', () => {
    deadlines.after(10, () => after(5, 'later'))
    assert.deepEqual(pass(14), ['.'])
    assert.deepEqual(pass(15), ['later at 15', '.'])
  })

  it('does not happen where it is cancelled, and counts no more', () => {
    const first = after(10, 'a')
    const second = after(20, 'b')
    assert.deepEqual([deadlines.size, deadlines.next], [2, 10])
    first.cancel()
    first.cancel()
    assert.deepEqual([deadlines.size, deadlines.next], [1, 20])
    assert.deepEqual(pass(15), [])
    second.cancel()
    assert.deepEqual([deadlines.size, deadlines.next], [0, undefined])
    assert.deepEqual(pass(30), [])
  })

  it('that has happened can be cancelled, which is nothing', () => {
    const one = after(10, 'a')
    pass(10)
    one.cancel()
    assert.equal(deadlines.size, 0)
  })

  it('happens at the end as if its time had come, but for what does not', () => {
    after(20, 'b')
    after(10, 'a')
    after(15, 'never', { happensAtEnd: false })
    after(12, 'cancelled').cancel()
    deadlines.end(() => done.push('.'))
    assert.deepEqual(done, ['a at 10', '.', 'b at 20', '.'])
    assert.equal(deadlines.size, 0)
  })

  it('of a time that is over does not set the clock back', () => {
    pass(100)
    after(-50, 'late')
    assert.deepEqual(pass(100), ['late at 100', '.'])
    assert.equal(deadlines.now, 100)
  })
})
