import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { expectedOf } from '../run-flow.ts'
import {
  faultOf,
  holdsOff,
  isClosedLate,
  isHoldEndedByTransfer,
  isTouched,
  loggedInForEver,
  missingOf,
  unbalanced,
} from './judge.ts'
import { chosen, mix } from './mix.ts'

const expected = expectedOf(`
  {caller}|support|NONE|ENTERQUEUE||5551000|1
  {caller}|support|{agent}|CONNECT|#wait|{leg}|#
  + {caller}|support|{agent}|CALLERONHOLD|
  + {caller}|support|{agent}|CALLEROFFHOLD|
  {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1

  + MANAGER|q-acme|{agent}|ADDMEMBER|
  + MANAGER|q-acme|{agent}|REMOVEMEMBER|`)
const [enter, connect, on, off, end, added, removed] = [
  '1.1|support|NONE|ENTERQUEUE||5551000|1',
  '1.1|support|PJSIP/1001|CONNECT|2|1.2|1',
  '1.1|support|PJSIP/1001|CALLERONHOLD|',
  '1.1|support|PJSIP/1001|CALLEROFFHOLD|',
  '1.1|support|PJSIP/1001|COMPLETEAGENT|2|3|1',
  'MANAGER|q-acme|PJSIP/1001|ADDMEMBER|',
  'MANAGER|q-acme|PJSIP/1001|REMOVEMEMBER|',
]

describe('a soak finds', () => {
  it('nothing in the lines that are expected', () => {
    assert.equal(faultOf([enter, connect, added, on, off, removed, end], expected), undefined)
  })
  it('a line that is missing, outside a restart', () => {
    const lines = [enter, connect, added, on, removed, end]
    assert.equal(faultOf(lines, expected), 'missing')
    assert.equal(faultOf(lines, expected, true), undefined)
    assert.equal(missingOf(lines, expected), 1)
  })
  it('a line that is there twice, also in a restart', () => {
    for (const mayMiss of [false, true]) {
      assert.equal(faultOf([enter, connect, added, on, off, off, removed, end], expected, mayMiss), 'doubled')
    }
  })
  it('a hold behind the end of its call, also in a restart', () => {
    for (const mayMiss of [false, true]) {
      assert.equal(faultOf([enter, connect, added, on, removed, end, off], expected, mayMiss), 'behind the end')
    }
  })
  it('a line that stands elsewhere', () => {
    assert.equal(faultOf([enter, connect, removed, on, off, added, end], expected), 'out of place')
  })
  it('no fault in a hold that a transfer ended in the same moment, and one where no transfer did', () => {
    const transferred = expectedOf(`
      {caller}|support|{agent}|CONNECT|#wait|{leg}|#
      + {caller}|support|{agent}|CALLERONHOLD|
      {caller}|support|{agent}|ATTENDEDTRANSFER|BRIDGE|*|#wait|#|1

      + {caller}|support|{agent}|CALLEROFFHOLD|`)
    const transfer = '1.1|support|PJSIP/1001|ATTENDEDTRANSFER|BRIDGE|b|2|3|1'
    assert.equal(isHoldEndedByTransfer([connect, on, transfer], transferred), true)
    assert.equal(isHoldEndedByTransfer([connect, transfer], transferred), false)
    assert.equal(isHoldEndedByTransfer([enter, connect, added, on, removed, end], expected), false)
  })
  it('an end of a transfer that Asterisk wrote late, which is not ami-track’s fault, but no other end', () => {
    const parked = expectedOf(`
      {caller}|support|{agent}|BLINDTRANSFER|700|from-internal|#wait|#|1
      + :{caller}|pk-default|NONE|ENTERQUEUE||701-5551000|1`)
    const ours = ':1.1|pk-default|NONE|ENTERQUEUE||701-5551000|1'
    for (const rest of ['BLINDTRANSFER|700|from-internal|2|3|1', 'COMPLETECALLER|2|3|1']) {
      const late = [ours, `1.1|support|PJSIP/1001|${rest}`]
      assert.equal(faultOf(late, parked) !== undefined && isClosedLate(late, parked), true)
    }
    assert.equal(isClosedLate([ours], parked), false)
    assert.equal(isClosedLate([enter, connect, removed, on, off, added, end], expected), false)
  })
  it('a hold of another length than that at the phone', () => {
    const line = (time: number, plain: string) => ({ index: 0, line: `${time}|${plain}`, time, plain })
    const held = [{ began: 10_900, ended: 12_400 }]
    const [rounded, late, nobodys] = [
      holdsOff([line(10, on), line(12, off)], held),
      holdsOff([line(10, on), line(14, off)], held),
      holdsOff([line(20, on), line(22, off)], held),
    ].map(([hold]) => hold?.seconds)
    assert.equal(rounded, 0.5)
    assert.equal(late, 2.5)
    assert.equal(nobodys, Number.POSITIVE_INFINITY)
  })
  it('a member that stays logged in, and one that is removed twice', () => {
    assert.deepEqual(loggedInForEver([`1|${added}`]), ['q-acme|PJSIP/1001'])
    assert.deepEqual(loggedInForEver(['1|REALTIME|realtime|PJSIP/1002|ADDMEMBER|']), [])
    assert.deepEqual(unbalanced([`1|${added}`, `1|${removed}`, `1|${removed}`]), ['q-acme|PJSIP/1001'])
    assert.deepEqual(unbalanced([`1|${added}`, `1|${removed}`]), [])
  })
})

it('a call is touched by a restart that it goes on in', () => {
  const windows = [{ what: 'SIGTERM', isTakeOver: false, began: 100, ended: 200 }]
  assert.equal(isTouched({ began: 50, ended: 99 }, windows), false)
  assert.equal(isTouched({ began: 50, ended: 100 }, windows), true)
  assert.equal(isTouched({ began: 150, ended: 160 }, windows), true)
  assert.equal(isTouched({ began: 201, ended: 300 }, windows), false)
})

it('each kind of call comes as often as its weight says', () => {
  const all = mix.reduce((sum, { weight }) => sum + weight, 0)
  const counts = new Map<string, number>()
  for (let at = 0; at < all; at++) {
    const { name } = chosen((at + 0.5) / all)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  assert.deepEqual(Object.fromEntries(counts), Object.fromEntries(mix.map(({ weight, flow }) => [flow.name, weight])))
})
