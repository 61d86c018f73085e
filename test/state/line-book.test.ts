import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { QueueLogFields } from '../../lib/queue-log/record.ts'
import { LineBook } from '../../lib/state/line-book.ts'
import { OwnClock } from '../support/own-clock.ts'

const line = (time: number, callid = '1.1'): QueueLogFields => {
  return { time, callid, queuename: 'Köln', agent: 'PJSIP/1001', event: 'CONNECT', data: ['2', 'é', ''] }
}

/** A book that knows what the entries of another tell. */
function restored(entries: Iterable<string>): LineBook {
  const book = new LineBook()
  for (const entry of entries) book.restore(entry)
  return book
}

const numbers = (records: LineBook['unsettled']): (number | undefined)[] => records.map(({ number }) => number)

describe('the lines of a state', () => {
  let clock: OwnClock
  beforeEach(() => {
    clock = new OwnClock()
  })
  afterEach(() => clock.release())

  it('are known again from their entries: fields, numbers, which are on their way and which are settled', () => {
    const book = new LineBook()
    const entries = [book.add([line(1), line(2, '1.2')]).entry, book.send(0), book.add([line(3)]).entry]
    entries.push(book.send(1), book.settle(0))
    const again = restored(entries)
    for (const one of [book, again]) {
      assert.deepEqual(numbers(one.unsettled), [1, 2])
      assert.deepEqual(numbers(one.settled), [0])
      assert.deepEqual(
        [0, 1, 2].map((number) => one.wasSent(number)),
        [false, true, false],
      )
      assert.equal(one.lastTime, 3)
    }
    const { time, callid, queuename, agent, event, data } = again.unsettled[0] as QueueLogFields
    assert.deepEqual({ time, callid, queuename, agent, event, data }, line(2, '1.2'))
    assert.deepEqual(numbers(again.add([line(4)]).records), [3])
  })

  it('have the time of the last line, also where an entry tells of none', () => {
    const book = new LineBook()
    assert.equal(book.lastTime, 0)
    const entries = [book.add([line(5)]).entry, book.add([]).entry]
    assert.equal(book.lastTime, 5)
    assert.equal(restored(entries.slice(1)).lastTime, 5)
  })

  it('an entry tells whether the events before it have given all their lines, and an event tells nothing of lines', () => {
    const book = new LineBook()
    assert.equal(book.restore(new LineBook().add([line(1)]).entry), true)
    assert.equal(book.restore('#sent 0'), false)
    assert.equal(book.restore('#settled 0'), false)
    assert.equal(book.restore('{"Event":"Hold"}'), undefined)
  })

  it('of a snapshot are those that wait, those settled last, and the number of the next', () => {
    const book = new LineBook()
    book.add([line(1), line(2), line(3)])
    book.send(1)
    book.settle(0)
    const { entries, hasSettled } = book.snapshot()
    const again = restored(entries)
    assert.equal(hasSettled, true)
    assert.deepEqual([numbers(again.unsettled), numbers(again.settled)], [[1, 2], [0]])
    assert.deepEqual([again.wasSent(1), again.wasSent(2), again.lastTime], [true, false, 3])
    assert.deepEqual(numbers(again.add([line(4)]).records), [3])
  })

  it('of a snapshot are as they were when it was asked for, whatever comes while it is written', () => {
    const book = new LineBook()
    book.add([line(1), line(2)])
    const { entries } = book.snapshot()
    book.send(0)
    book.settle(1)
    book.add([line(9)])
    const again = restored(entries)
    assert.deepEqual([numbers(again.unsettled), again.wasSent(0), again.lastTime], [[0, 1], false, 2])
    assert.deepEqual(numbers(again.add([line(9)]).records), [2])
  })

  it('that are settled are kept for 10 s, and while others wait that may have the same words', () => {
    const book = new LineBook()
    book.add([line(1), line(1)])
    book.settle(0)
    clock.now += 60_000
    assert.equal(book.snapshot().hasSettled, true)
    book.settle(1)
    clock.now += 9_999
    assert.deepEqual(numbers(restored(book.snapshot().entries).settled), [1], 'the first is settled for long')
    clock.now += 1
    assert.equal(book.snapshot().hasSettled, false)
    assert.deepEqual(book.settled, [])
  })

  it('that are settled are kept up to 1000, and 2000 between two snapshots', () => {
    const book = new LineBook()
    book.add(Array.from({ length: 3500 }, () => line(1)))
    for (let number = 0; number < 3500; number++) {
      book.settle(number)
      assert.ok(book.settled.length < 2000)
    }
    book.snapshot()
    assert.equal(book.settled.length, 1000)
    assert.deepEqual(numbers(book.settled.slice(-1)), [3499])
    assert.deepEqual(numbers(book.settled.slice(0, 1)), [2500])
  })

  it('keep their numbers where they come several at a time', () => {
    const book = new LineBook()
    const entries = [book.add([line(1), line(1)]).entry, book.add([line(2), line(3), line(4)]).entry]
    assert.deepEqual(numbers(restored(entries).unsettled), [0, 1, 2, 3, 4])
  })

  it('that are settled twice count once, and one that nobody knows is none', () => {
    const book = new LineBook()
    book.add([line(1)])
    book.settle(0)
    book.settle(0)
    book.settle(7)
    assert.deepEqual(numbers(book.settled), [0])
  })
})
