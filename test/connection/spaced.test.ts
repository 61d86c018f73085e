import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { Spaced } from '../../lib/connection/spaced.ts'

describe('what may not happen too often', () => {
  it('happens at once, and once more at the end of the time if it was wanted meanwhile', ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    let count = 0
    const spaced = new Spaced(10_000, () => count++)
    for (let n = 0; n < 5; n++) spaced.want()
    assert.equal(count, 1)
    mock.timers.tick(9999)
    assert.equal(count, 1)
    mock.timers.tick(1)
    assert.equal(count, 2)
    spaced.want()
    assert.equal(count, 2)
    mock.timers.tick(10_000)
    assert.equal(count, 3)
  })

  it('happens at once again after a time in which it was not wanted', ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    let count = 0
    const spaced = new Spaced(10_000, () => count++)
    spaced.want()
    mock.timers.tick(10_000)
    assert.equal(count, 1)
    spaced.want()
    assert.equal(count, 2)
  })

  it('happens no more once it has ended', ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] })
    let count = 0
    const spaced = new Spaced(10_000, () => count++)
    spaced.want()
    spaced.want()
    spaced.end()
    mock.timers.tick(20_000)
    assert.equal(count, 1)
  })
})
