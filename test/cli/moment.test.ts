import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { moment } from '../../lib/options/moment.ts'

const { read } = moment()
const secondsOf = (text: string): number | undefined => read('since', text)
const refused = (text: string): void =>
  assert.throws(() => secondsOf(text), /^UsageError: --since takes a time such as /)

describe('a moment on a command line', () => {
  it('is ISO 8601 with a zone, or seconds since the epoch', () => {
    const at = Date.UTC(2026, 10, 22, 18, 49, 20) / 1000
    for (const text of [
      String(at),
      '2026-11-22T18:49:20Z',
      '2026-11-22 18:49:20z',
      '2026-11-22T18:49:20 Z',
      '2026-11-22T19:49:20+01:00',
      '2026-11-22T19:49:20+01',
      '2026-11-22T12:19:20-0630',
    ]) {
      assert.equal(secondsOf(text), at, text)
    }
    assert.equal(secondsOf('1795373360.148'), 1795373360.148)
    assert.equal(secondsOf('2026-11-22T18:49:20.148Z'), at + 0.148)
    assert.equal(secondsOf('2026-11-22T18:49Z'), at - 20)
    assert.equal(secondsOf('0'), 0)
  })

  it('without a zone is that of this machine, also a day alone', () => {
    assert.equal(secondsOf('2026-11-22T18:49:20'), new Date(2026, 10, 22, 18, 49, 20).getTime() / 1000)
    assert.equal(secondsOf('2026-11-22'), new Date(2026, 10, 22).getTime() / 1000)
  })

  it('is refused if there is none like it', () => {
    for (const text of [
      '',
      'yesterday',
      '18:49',
      '22.11.2026',
      '2026-11',
      '2026-02-30',
      '2026-13-01',
      '2026-11-22T24:01',
      '2026-11-22T18:61',
      '2026-11-22T18',
      '2026-11-22Z',
      '-1',
      '1e9',
      '0x5',
    ]) {
      refused(text)
    }
    assert.throws(() => secondsOf('1795373360148'), /, in seconds, not "1795373360148"$/)
  })
})
