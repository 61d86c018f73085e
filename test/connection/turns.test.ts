import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { RawStream } from '../../lib/connection/raw-stream.ts'
import { Turns } from '../../lib/connection/turns.ts'
import { WaitingPool } from '../../lib/connection/waiting-pool.ts'

const never = new AbortController().signal

describe('turns', () => {
  it('let one after the other go on in the order in which they came, at least the gap apart', async () => {
    const turns = new Turns(20)
    const times: number[] = []
    const order: number[] = []
    await Promise.all(
      [0, 1, 2, 3].map(async (n) => {
        await turns.next(never)
        order.push(n)
        times.push(performance.now())
      }),
    )
    assert.deepEqual(order, [0, 1, 2, 3])
    for (const [n, time] of times.slice(1).entries()) assert.ok(time - (times[n] as number) >= 19, String(times))
  })

  it('are not taken by one who has given up waiting', async () => {
    const turns = new Turns(20)
    const stopping = new AbortController()
    const waited = [turns.next(never), turns.next(stopping.signal), turns.next(stopping.signal)]
    const last = turns.next(never)
    stopping.abort()
    await Promise.all(waited)
    const began = performance.now()
    await last
    assert.ok(performance.now() - began < 39, 'two of those before have taken a turn')
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
