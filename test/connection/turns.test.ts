import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { RawStream } from '../../lib/connection/raw-stream.ts'
import { Turns } from '../../lib/connection/turns.ts'
import { WaitingPool } from '../../lib/connection/waiting-pool.ts'

const never = new AbortController().signal

describe('turns', () => {
  it('let one after the other go on in the order in which they came, the gap apart', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const turns = new Turns(20)
    const order: number[] = []
    for (const n of [0, 1, 2]) void turns.next(never).then(() => order.push(n))
    const orderAfter = async (ms: number): Promise<number[]> => {
      t.mock.timers.tick(ms)
      await new Promise((turn) => setImmediate(turn))
      return order
    }
    assert.deepEqual(await orderAfter(0), [0])
    assert.deepEqual(await orderAfter(19), [0])
    assert.deepEqual(await orderAfter(1), [0, 1])
    assert.deepEqual(await orderAfter(20), [0, 1, 2])
  })

  it('are not taken by one who has given up waiting', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const turns = new Turns(20)
    const stopping = new AbortController()
    const waited = [turns.next(never), turns.next(stopping.signal), turns.next(stopping.signal)]
    const last = turns.next(never)
    stopping.abort()
    await Promise.all(waited)
    t.mock.timers.tick(20)
    await last
  })
})

describe('what may wait for slow readers', () => {
  it('is bounded for all together, but for a little that each has for itself', () => {
    const pool = new WaitingPool(100, 10)
    const streams = [0, 1, 2].map(() => new RawStream(1000, pool))
    const [first, second, third] = streams as [RawStream, RawStream, RawStream]
    assert.ok(first.offer(Buffer.alloc(80)))
    assert.ok(second.offer(Buffer.alloc(40)))
    assert.ok(!third.offer(Buffer.alloc(11)), 'all that is shared is taken')
    assert.ok(third.offer(Buffer.alloc(10)), 'its own is left')
    first.read()
    assert.ok(third.offer(Buffer.alloc(60)), 'what was read makes room for others')
  })

  it('goes on a chunk in each turn of the loop, so that others have theirs in between', async () => {
    const stream = new RawStream(10_000_000)
    for (let n = 0; n < 64; n++) stream.offer(Buffer.alloc(16 * 1024))
    let [read, most] = [0, 0]
    stream.on('data', (chunk: Buffer) => {
      read += chunk.length
    })
    stream.finish()
    const looking = setInterval(() => {}, 1000)
    for (let before = 0; read < 64 * 16 * 1024; before = read) {
      await new Promise((turn) => setImmediate(turn))
      most = Math.max(most, read - before)
    }
    clearInterval(looking)
    assert.ok(most <= 2 * 64 * 1024, `${most} bytes in one turn`)
  })
})
