import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { PhoneHolds } from './phone-holds.ts'

/** What phones do, each at its second. */
function played(acts: readonly (readonly [at: number, act: (holds: PhoneHolds) => void])[]): PhoneHolds {
  let now = 0
  const holds = new PhoneHolds(() => now * 1000)
  for (const [at, act] of acts) {
    now = at
    act(holds)
  }
  return holds
}

const line = (time: number, event: string, callid = '17.2'): string => `${time}|${callid}|support|PJSIP/1001|${event}|`
const hold = (from: number, to: number, callid?: string): string[] => [
  line(from, 'CALLERONHOLD', callid),
  line(to, 'CALLEROFFHOLD', callid),
]

const agent = 'the call of a phone'
const heldFrom10To13 = played([
  [10.2, (holds) => holds.begin(agent)],
  [13.4, (holds) => holds.resume(agent)],
])

describe('the holds that phones made', () => {
  it('account for lines within a second of them', () => {
    assert.deepEqual(heldFrom10To13.faultsOf(hold(10, 13)), [])
    assert.deepEqual(heldFrom10To13.faultsOf(hold(11, 14)), [])
    assert.deepEqual(heldFrom10To13.faultsOf(hold(9, 12)), [])
  })

  it('do not account for a hold of 0 s, nor for one that ends late or begins early', () => {
    assert.match(heldFrom10To13.faultsOf(hold(10, 10)).join(), /no phone ended .* 10\|17\.2\|support.*10\.20 to 13\.40/)
    assert.equal(heldFrom10To13.faultsOf(hold(10, 15)).length, 1)
    assert.match(heldFrom10To13.faultsOf(hold(8, 13)).join(), /no phone began/)
  })

  it('account for lines that are late, where those may be', () => {
    assert.equal(heldFrom10To13.faultsOf(hold(12, 15)).length, 1)
    assert.deepEqual(heldFrom10To13.faultsOf(hold(12, 15), 2000), [])
    assert.equal(heldFrom10To13.faultsOf(hold(10, 11), 2000).length, 1)
  })

  it('account for one hold each: of one that is logged as two the second is nobody’s', () => {
    assert.equal(heldFrom10To13.faultsOf([...hold(10, 13), ...hold(10, 13)]).length, 1)
    const two = played([
      [10, (holds) => holds.begin(agent)],
      [10.5, (holds) => holds.begin('another')],
      [12, (holds) => holds.resume('another')],
      [15, (holds) => holds.resume(agent)],
    ])
    assert.deepEqual(two.faultsOf([...hold(10, 12, '17.5'), ...hold(10, 15)]), [])
  })

  it('may end otherwise, by who hangs up or transfers in them', () => {
    const hungUp = played([
      [10, (holds) => holds.begin(agent)],
      [12.8, (holds) => holds.mayEnd()],
    ])
    assert.deepEqual(hungUp.faultsOf(hold(10, 13)), [])
    assert.equal(hungUp.faultsOf(hold(10, 10)).length, 1)
    assert.deepEqual(hungUp.faultsOf([line(10, 'CALLERONHOLD')]), [])
  })

  it('do not end by what was done before them, or after their resume', () => {
    const early = played([
      [9.9, (holds) => holds.mayEnd()],
      [10, (holds) => holds.begin(agent)],
      [13, (holds) => holds.resume(agent)],
      [16, (holds) => holds.mayEnd()],
    ])
    assert.equal(early.faultsOf(hold(10, 10)).length, 1)
    assert.equal(early.faultsOf(hold(10, 16)).length, 1)
  })

  it('must be there for every line', () => {
    assert.match(new PhoneHolds().faultsOf(hold(10, 13)).join(), /the phones held from nothing/)
  })
})
