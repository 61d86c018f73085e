import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { TakingTurns } from '../../lib/state/taking-turns.ts'

describe('taking turns', () => {
  it('begins at once where few go on, and lets the others wait in their order', async () => {
    const turns = new TakingTurns(2)
    const ends: (() => void)[] = []
    const begun: number[] = []
    const all = [0, 1, 2, 3].map((n) =>
      turns.run(() => {
        begun.push(n)
        return new Promise<number>((resolve) => ends.push(() => resolve(n)))
      }),
    )
    assert.deepEqual(begun, [0, 1], 'in the same turn')
    ends[0]?.()
    await all[0]
    await new Promise((turn) => setImmediate(turn))
    assert.deepEqual(begun, [0, 1, 2])
    for (let n = 1; n < 4; n++) {
      ends[n]?.()
      await all[n]
      await new Promise((turn) => setImmediate(turn))
    }
    assert.deepEqual(await Promise.all(all), [0, 1, 2, 3])
  })

  it('goes on with the next where one fails', async () => {
    const turns = new TakingTurns(1)
    await assert.rejects(
      turns.run(() => Promise.reject(new Error('full'))),
      /full/,
    )
    assert.equal(await turns.run(async () => 'next'), 'next')
  })
})
