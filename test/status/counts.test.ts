import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { decodeHeaders } from '../../lib/ami/decode.ts'
import { HeaderMessage } from '../../lib/ami/message.ts'
import { EventCounts } from '../../lib/status/event-counts.ts'
import { LineCounts } from '../../lib/status/line-counts.ts'
import { allFixtures, goldenOf } from '../support/fixtures.ts'

const message = (text: string) => new HeaderMessage(decodeHeaders(`${text}\r\n`, '\r\n'))
const line = (event: string) => ({ time: 1, callid: '1.1', queuename: 'q', agent: 'a', event, data: [] })

describe('the lines that were written', () => {
  it('are counted by their verbs, of all lines that are in a recording', () => {
    const counts = new LineCounts()
    const verbs = allFixtures().flatMap((one) => {
      return goldenOf(one)
        .split('\n')
        .flatMap((text) => text.split('|')[4] ?? [])
    })
    assert.ok(new Set(verbs).size > 10)
    for (const verb of verbs) counts.count(line(verb), 'written')
    for (const [verb, count] of counts.byVerb()) {
      assert.equal(count, verbs.filter((one) => one === verb).length, verb)
    }
  })

  it('are others where the verb is none of a tracker, and not among those that were not written', () => {
    const counts = new LineCounts()
    counts.count(line('__proto__'), 'written')
    counts.count(line('CONNECT'), 'refused')
    assert.deepEqual(
      [...counts.byVerb()].filter(([, count]) => count > 0),
      [['other', 1]],
    )
    assert.deepEqual(counts.byReason(), [
      ['refused', 1],
      ['unanswered', 0],
      ['theirs', 0],
      ['late', 0],
    ])
  })
})

describe('the lines of today', () => {
  it('are counted from the start of the process, then from midnight to midnight, also of a day of 25 hours', () => {
    const at = (text: string): number => new Date(text).getTime()
    let now = at('2026-10-24T23:59:59')
    const counts = new LineCounts(() => now)
    const countOne = (): unknown => {
      counts.count(line('CONNECT'), 'written')
      return counts.writtenToday()
    }
    assert.deepEqual(countOne(), { since: now, byVerb: { CONNECT: 1 } })
    assert.deepEqual(countOne(), { since: now, byVerb: { CONNECT: 2 } })
    // The last Sunday of October, where clocks are set back at night.
    now = at('2026-10-25T00:00:00')
    assert.deepEqual(countOne(), { since: now, byVerb: { CONNECT: 1 } })
    now = at('2026-10-25T23:59:59')
    assert.deepEqual(countOne(), { since: at('2026-10-25T00:00:00'), byVerb: { CONNECT: 2 } })
    now = at('2026-10-26T00:00:00')
    assert.deepEqual(countOne(), { since: now, byVerb: { CONNECT: 1 } })
  })
})

describe('the lag', () => {
  it('is that of the last event that has a time, and grows while further ones wait', () => {
    const counts = new EventCounts()
    assert.equal(counts.lagMs(true), undefined)
    const minuteAgo = Date.now() - 60_000
    counts.handedOn([message(`Event: Hold\r\nTimestamp: ${minuteAgo / 1000}`), message('Event: Status')])
    const atOnce = counts.lagMs(false) ?? 0
    assert.ok(atOnce >= 60_000)
    assert.ok((counts.lagMs(true) ?? 0) >= atOnce)
    assert.equal(counts.lagMs(false), atOnce)
  })

  it('shows for half a minute that the loop stood still, though all is caught up since', () => {
    let now = 1_800_000_000_000
    const counts = new EventCounts(() => now)
    const handOn = (...times: number[]): void =>
      counts.handedOn(times.map((time) => message(`Event: Hold\r\nTimestamp: ${time / 1000}`)))
    handOn(now)
    assert.equal(counts.lagMs(false), 0)
    now += 5000
    handOn(now - 4000, now)
    for (const _ of [1, 2, 3]) {
      assert.equal(counts.lagMs(false), 4000)
      now += 10_000
      handOn(now)
    }
    now += 60_000
    handOn(now)
    assert.equal(counts.lagMs(false), 0)
  })
})
