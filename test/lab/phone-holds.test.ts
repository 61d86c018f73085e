import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { PhoneHolds } from './phone-holds.ts'

const atOnce = async (): Promise<void> => {}

/** What phones do, each at its second. */
async function played(
  acts: readonly (readonly [at: number, act: (holds: PhoneHolds) => Promise<void>])[],
): Promise<PhoneHolds> {
  let now = 0
  const holds = new PhoneHolds(() => now * 1000)
  for (const [at, act] of acts) {
    now = at
    await act(holds)
  }
  return holds
}

const line = (time: number, event: string, callid = '17.2'): string => `${time}|${callid}|support|PJSIP/1001|${event}|`
const hold = (from: number, to: number, callid?: string): string[] => [
  line(from, 'CALLERONHOLD', callid),
  line(to, 'CALLEROFFHOLD', callid),
]

const agent = 'the call of a phone'
const heldFrom10To13 = await played([
  [10.2, (holds) => holds.begin(agent, atOnce)],
  [13.4, (holds) => holds.resume(agent, atOnce)],
])

describe('the holds that phones made', () => {
  it('account for lines within a second of them', async () => {
    assert.deepEqual(heldFrom10To13.faultsOf(hold(10, 13)), [])
    assert.deepEqual(heldFrom10To13.faultsOf(hold(11, 14)), [])
    assert.deepEqual(heldFrom10To13.faultsOf(hold(9, 12)), [])
  })

  it('do not account for a hold of 0 s, nor for one that ends late or begins early', async () => {
    assert.match(
      heldFrom10To13.faultsOf(hold(10, 10)).join(),
      /no phone ended .* 10\|17\.2\|support.*10\.20….* to 13\.40/,
    )
    assert.equal(heldFrom10To13.faultsOf(hold(10, 15)).length, 1)
    assert.match(heldFrom10To13.faultsOf(hold(8, 13)).join(), /no phone began/)
  })

  it('account for lines that are late, where those may be', async () => {
    assert.equal(heldFrom10To13.faultsOf(hold(12, 15)).length, 1)
    assert.deepEqual(heldFrom10To13.faultsOf(hold(12, 15), 2000), [])
    assert.equal(heldFrom10To13.faultsOf(hold(10, 11), 2000).length, 1)
  })

  it('account for one hold each: of one that is logged as two the second is nobody’s', async () => {
    assert.equal(heldFrom10To13.faultsOf([...hold(10, 13), ...hold(10, 13)]).length, 1)
    const two = await played([
      [10, (holds) => holds.begin(agent, atOnce)],
      [10.5, (holds) => holds.begin('another', atOnce)],
      [12, (holds) => holds.resume('another', atOnce)],
      [15, (holds) => holds.resume(agent, atOnce)],
    ])
    assert.deepEqual(two.faultsOf([...hold(10, 12, '17.5'), ...hold(10, 15)]), [])
  })

  it('may end otherwise, by who hangs up or transfers in them', async () => {
    const hungUp = await played([
      [10, (holds) => holds.begin(agent, atOnce)],
      [12.8, (holds) => holds.mayEnd(atOnce)],
    ])
    assert.deepEqual(hungUp.faultsOf(hold(10, 13)), [])
    assert.equal(hungUp.faultsOf(hold(10, 10)).length, 1)
    assert.deepEqual(hungUp.faultsOf([line(10, 'CALLERONHOLD')]), [])
  })

  it('do not end by what was done before them, or after their resume', async () => {
    const early = await played([
      [9.9, (holds) => holds.mayEnd(atOnce)],
      [10, (holds) => holds.begin(agent, atOnce)],
      [13, (holds) => holds.resume(agent, atOnce)],
      [16, (holds) => holds.mayEnd(atOnce)],
    ])
    assert.equal(early.faultsOf(hold(10, 10)).length, 1)
    assert.equal(early.faultsOf(hold(10, 16)).length, 1)
  })

  it('account for lines that came while Asterisk had not answered yet', async () => {
    let now = 10_000
    const holds = new PhoneHolds(() => now)
    await holds.begin(agent, async () => {
      now = 15_000
    })
    assert.deepEqual(holds.faultsOf([line(12, 'CALLERONHOLD')]), [])
    assert.equal(holds.faultsOf([line(8, 'CALLERONHOLD')]).length, 1)
  })

  it('last until they are resumed, or until their phone leaves the call', async () => {
    const holds = await played([
      [10, (holds) => holds.begin(agent, atOnce)],
      [11, (holds) => holds.begin('another', atOnce)],
      [12, (holds) => holds.resume(agent, atOnce)],
      [13, async (holds) => holds.leave(agent)],
      [14, (holds) => holds.begin('a third', atOnce)],
      [15, async (holds) => holds.leave('another')],
      [16, async (holds) => holds.leave('another')],
    ])
    assert.deepEqual(holds.all, [
      { began: 10_000, ended: 12_000 },
      { began: 11_000, ended: 15_000 },
      { began: 14_000, ended: undefined },
    ])
  })

  it('must be there for every line', async () => {
    assert.match(new PhoneHolds().faultsOf(hold(10, 13)).join(), /the phones held from nothing/)
  })
})
