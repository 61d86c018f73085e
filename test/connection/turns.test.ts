import { strict as assert } from 'node:assert'
import { getEventListeners } from 'node:events'
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

  it('leave no listener behind', async () => {
    const turns = new Turns(0)
    const { signal } = new AbortController()
    for (let n = 0; n < 20; n++) await turns.next(signal)
    assert.equal(getEventListeners(signal, 'abort').length, 0)
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

  it('has been read, with what follows from it in the next turn, when it is waited for', async () => {
    for (const count of [1, 4, 5, 9, 64]) {
      const stream = new RawStream(10_000_000)
      let [read, followed] = [0, 0]
      stream.on('data', (chunk: Buffer) => {
        read += chunk.length
        setImmediate(() => {
          followed += chunk.length
        })
      })
      await new Promise((turn) => setImmediate(turn))
      for (let n = 0; n < count; n++) stream.offer(Buffer.alloc(16 * 1024))
      await stream.handedOn()
      assert.deepEqual([read, followed], [count * 16 * 1024, count * 16 * 1024], `${count} pieces`)
    }
  })

  it('is not waited for where its reader takes nothing', async () => {
    const stream = new RawStream(10_000_000)
    stream.offer(Buffer.alloc(16 * 1024))
    await stream.handedOn()
    assert.equal(stream.depth, 16 * 1024)
  })

  it('is given back where nobody will read it any more', () => {
    const pool = new WaitingPool(100, 10)
    const [first, second] = [new RawStream(1000, pool), new RawStream(1000, pool)]
    assert.ok(first.offer(Buffer.alloc(100)))
    assert.ok(!second.offer(Buffer.alloc(60)))
    first.destroy()
    assert.ok(second.offer(Buffer.alloc(60)))
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
