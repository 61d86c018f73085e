import { strict as assert } from 'node:assert'
import { appendFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FileTail } from '../../lib/queue-log/file-tail.ts'
import type { QueueLogFields } from '../../lib/queue-log/record.ts'
import { type FoundLines, lookUp, sinceOf } from '../../lib/queue-log/tail.ts'
import { folderOfEachTest } from '../support/each-test.ts'

const file = folderOfEachTest('tail')

const T0 = 1_800_000_000
const at = (time: number, callid = '1.2'): QueueLogFields => {
  return { time, callid, queuename: 'support', agent: 'Jane', event: 'CALLERONHOLD', data: [] }
}
const text = (time: number, callid = '1.2'): string => `${time}|${callid}|support|Jane|CALLERONHOLD|\n`

/** So many lines of others, one a second. */
const others = (from: number, count: number, length = 400): string =>
  Array.from({ length: count }, (_, n) => `${from + n}|${'9'.repeat(length)}|support|Joe|COMPLETECALLER|1|2|3\n`).join(
    '',
  )

function read(wanted: QueueLogFields[], isStampedByAsterisk = true): Promise<FoundLines> {
  return new FileTail(file('queue_log'), { isStampedByAsterisk }).read({ wanted, since: sinceOf(wanted) })
}

function write(name: string, content: string, writtenAt: number): void {
  writeFileSync(file(name), content)
  utimesSync(file(name), writtenAt, writtenAt)
}

describe('a line that is looked up in queue_log', () => {
  it('is found behind megabytes that were written since', async () => {
    writeFileSync(file('queue_log'), others(T0 - 500, 500) + text(T0) + others(T0, 20_000))
    assert.equal((await read([at(T0)])).take(at(T0)), true)
  })

  it('is found once as often as it is there', async () => {
    writeFileSync(file('queue_log'), text(T0) + text(T0 + 1) + others(T0, 10))
    const tail = await read([at(T0)])
    assert.deepEqual([tail.take(at(T0)), tail.take(at(T0)), tail.take(at(T0))], [true, true, false])
  })

  it('is not one of the same words from before its time, but for clocks that differ by 2 s', async () => {
    writeFileSync(file('queue_log'), text(T0 - 3))
    assert.equal((await read([at(T0)])).take(at(T0)), false)
    appendFileSync(file('queue_log'), text(T0 - 2))
    assert.equal((await read([at(T0)])).take(at(T0)), true)
  })

  it('has its own time where this program wrote it itself', async () => {
    writeFileSync(file('queue_log'), text(T0 + 1) + text(T0 - 1))
    assert.equal((await read([at(T0)], false)).take(at(T0)), false)
    appendFileSync(file('queue_log'), text(T0))
    assert.equal((await read([at(T0 + 0.7)], false)).take(at(T0 + 0.7)), true)
  })

  it('is found in the files into which queue_log was rotated, however they are called', async () => {
    for (const name of ['queue_log.0', 'queue_log.17', `queue_log.${T0}`, 'queue_log-20270115', 'queue_log.1']) {
      write('queue_log', others(T0 + 5000, 10), T0 + 6000)
      write(name, others(T0 - 100, 100) + text(T0) + others(T0, 100), T0 + 100)
      assert.equal((await read([at(T0)])).take(at(T0)), true, name)
      write(name, others(T0 - 100, 100), T0 + 100)
      assert.equal((await read([at(T0)])).take(at(T0)), false, name)
      rmSync(file(name))
    }
  })

  it('is found two rotations ago', async () => {
    write('queue_log', '', T0 + 6000)
    write('queue_log.1', others(T0 + 1000, 100), T0 + 1100)
    write('queue_log.0', text(T0), T0 + 900)
    assert.equal((await read([at(T0)])).take(at(T0)), true)
  })

  it('is unknown where what came before is compressed', async () => {
    write('queue_log', others(T0 + 5000, 10), T0 + 6000)
    write('queue_log.1.gz', '', T0 + 100)
    assert.equal((await read([at(T0)])).take(at(T0)), undefined)
    assert.equal((await read([at(T0 + 5005)])).take(at(T0 + 5005)), false)
    write('queue_log.1.gz', '', T0 - 100)
    assert.equal((await read([at(T0)])).take(at(T0)), false)
  })

  it('is not looked for beyond a block of lines that are older', async () => {
    // It would be found there, had anybody looked.
    writeFileSync(file('queue_log'), text(T0) + others(T0 - 10_000, 8000))
    assert.equal((await read([at(T0)])).take(at(T0)), false)
  })

  it('is found wherever blocks are cut, between lines of any length and letters', async () => {
    const long = fc.tuple(fc.constantFrom('x', 'ä', '😀'), fc.integer({ min: 0, max: 400_000 }))
    const property = fc.asyncProperty(
      fc.array(long, { maxLength: 4 }),
      fc.array(long, { maxLength: 4 }),
      async (before, behind) => {
        const lines = (parts: [string, number][]): string =>
          parts.map(([letter, n]) => `${T0}|${letter.repeat(n)}\n`).join('')
        writeFileSync(file('queue_log'), `${lines(before)}${text(T0, '1.ä')}${lines(behind)}`)
        assert.equal((await read([at(T0, '1.ä')])).take(at(T0, '1.ä')), true)
      },
    )
    await fc.assert(property, { numRuns: 30 })
  })

  it('is found behind a line that is longer than all that is held', async () => {
    writeFileSync(file('queue_log'), `${text(T0)}${T0}|${'x'.repeat(5_000_000)}\n${others(T0, 10)}`)
    assert.equal((await read([at(T0)])).take(at(T0)), true)
  })

  it('is an error where the file is missing', async () => {
    await assert.rejects(read([at(T0)]), /ENOENT/)
  })

  it('is none of those of the same words that are known to be there', async () => {
    writeFileSync(file('queue_log'), text(T0) + text(T0 + 10))
    const tail = new FileTail(file('queue_log'), { isStampedByAsterisk: true })
    const isThere = await lookUp(tail, [at(T0 + 5)], [at(T0), at(T0 + 6)])
    assert.equal(isThere(at(T0 + 5)), false)
    const isAlsoThere = await lookUp(tail, [at(T0 + 5)], [at(T0), at(T0, '7.7')])
    assert.equal(isAlsoThere(at(T0 + 5)), true)
  })
})
