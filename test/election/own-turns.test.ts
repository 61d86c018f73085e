import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { OwnTurns } from '../../lib/election/own-turns.ts'

const includes = (turns: OwnTurns, ...times: number[]): boolean[] => times.map((time) => turns.includes(time))

describe('the turns of a tracker', () => {
  it('are the times from which to which it is proven to write, the last excluded', () => {
    const turns = new OwnTurns()
    turns.goOn(50, 150)
    assert.equal(turns.isEmpty, true, 'none has begun that could go on')
    turns.begin(100, 110)
    assert.deepEqual(includes(turns, 99, 100, 109, 110), [false, true, true, false])
    turns.goOn(150, 250)
    assert.deepEqual(includes(turns, 99, 100, 249, 250), [false, true, true, false])
    turns.begin(400, 500)
    assert.deepEqual(includes(turns, 100, 249, 250, 399, 400, 499, 500), [true, true, false, false, true, true, false])
  })

  it('are remembered up to eight: a tracker that takes turns for years must not grow', () => {
    const turns = new OwnTurns()
    for (let n = 0; n < 100; n++) turns.begin(n * 10, n * 10 + 5)
    assert.deepEqual(includes(turns, 915, 910, 920, 990), [false, false, true, true])
    assert.equal(Array.from({ length: 1000 }, (_, time) => time).filter((time) => turns.includes(time)).length, 8 * 5)
  })

  it('have no beginning once the clock of the server was set back in them: nothing of before is told by its time', () => {
    const turns = new OwnTurns()
    turns.begin(1000, 1100)
    turns.goOn(500, 600)
    assert.deepEqual(includes(turns, 0, 599, 600), [true, true, false])
    const slightly = new OwnTurns()
    slightly.begin(1000, 1100)
    slightly.goOn(1000, 1200)
    assert.deepEqual(includes(slightly, 999, 1000), [false, true])
  })
})
