import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const PARKEE = 'PJSIP/anonymous-00000001'
const entered = (time: number, space = '701'): string =>
  `${time}|:<${PARKEE}>|pk-default|NONE|ENTERQUEUE||${space}-5551000|1`
const left = (time: number, verb: string, wait: number): string =>
  `${time}|:<${PARKEE}>|pk-default|NONE|${verb}|1|1|${wait}`

async function assertParkings(scene: Scene, expected: string[]): Promise<void> {
  const tracking = await assertLines(() => trackingOf('track-parked'), scene, expected)
  assert.equal(tracking.size, 0, 'entries left')
}

describe('A parked call', () => {
  it('that is parked elsewhere although nothing told that it was fetched has an end for each ENTERQUEUE', async () => {
    const scene = new Scene().at(1).parking('ParkedCall', PARKEE).at(9)
    scene
      .parking('ParkedCall', PARKEE, { ParkingSpace: '702' })
      .at(12)
      .parking('ParkedCallGiveUp', PARKEE, { ParkingSpace: '702' })
    await assertParkings(scene.hangup(PARKEE), [
      entered(1),
      left(9, 'EXITWITHTIMEOUT', 8),
      entered(9, '702'),
      left(12, 'ABANDON', 3),
    ])
  })

  it('of which the same event comes twice is one', async () => {
    const scene = new Scene().at(1).parking('ParkedCall', PARKEE).parking('ParkedCall', PARKEE).at(3)
    await assertParkings(scene.parking('ParkedCallGiveUp', PARKEE).hangup(PARKEE), [entered(1), left(3, 'ABANDON', 2)])
  })

  it('that has hung up is found by its place, if that is its own', async () => {
    const scene = new Scene().at(1).parking('ParkedCall', PARKEE).at(3).hangup(PARKEE).at(3.1)
    scene.parking('ParkedCallGiveUp', 'PJSIP/other-00000009').at(3.5).parking('ParkedCallTimeOut', PARKEE)
    await assertParkings(scene, [entered(1), left(3, 'EXITWITHTIMEOUT', 2)])
  })

  it('whose place another takes by ParkedCallSwap after it hung up goes on, whatever time passes', async () => {
    const scene = new Scene().at(1).parking('ParkedCall', PARKEE).at(3).hangup(PARKEE).at(3.1)
    scene.parking('ParkedCallSwap', 'Local/_attended@x-1;2').at(20).parking('ParkedCallGiveUp', 'Local/_attended@x-1;2')
    await assertParkings(scene.hangup('Local/_attended@x-1;2'), [entered(1), left(20, 'ABANDON', 19)])
  })
})

describe('A parked call that is picked up', () => {
  it('is the agent’s that takes the place of the Local half which picked it up', async () => {
    const half = 'Local/1003@x-1;1'
    const scene = new Scene().at(1).localBridge('Local/1003@x-1').enterLot('lot', PARKEE).parking('ParkedCall', PARKEE)
    scene.enter('far', 'phone').enter('far', 'Local/1003@x-1;2').at(3).retrieve(PARKEE, half).enter('pick', half)
    scene.enter('pick', PARKEE).at(4).leave('far', 'phone').swap('pick', half, 'phone').leave('pick', half)
    scene.leave('far', 'Local/1003@x-1;2').hangup(half, 'Local/1003@x-1;2').at(8).hangupRequest('phone').hangup('phone')
    await assertParkings(scene.hangup(PARKEE), [
      entered(1),
      '3|MANAGER|pk-default|Local/1003@x|ADDMEMBER|',
      `3|:<${PARKEE}>|pk-default|Local/1003@x|CONNECT|2|<${half}>|0`,
      `8|:<${PARKEE}>|pk-default|Local/1003@x|COMPLETEAGENT|2|5|1`,
      '8|MANAGER|pk-default|Local/1003@x|REMOVEMEMBER|',
    ])
  })
})

describe('The closure of the call before comes first', () => {
  /** An outbound call of an earlier tracker, the parked one behind a Local half that is optimised away. */
  const behindHalf = (): Scene => {
    const scene = new Scene().at(0).localBridge('L').enter('near', 'agent').enter('near', 'L;1').enter('far', 'L;2')
    scene
      .enter('far', PARKEE)
      .line(`:${scene.uniqueid('agent')}`, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('L;1'), '1')
    return scene.swap('near', 'L;1', PARKEE).leave('near', 'L;1').leave('far', 'L;2').hangup('L;1', 'L;2')
  }

  it('also where the parked channel took the place of a Local half in an earlier tracker’s call', async () => {
    const scene = behindHalf().at(2).parking('ParkedCall', PARKEE)
    scene.at(2.5).line(`:${scene.uniqueid('agent')}`, 'q-acme', 'PJSIP/1001', 'COMPLETEAGENT', '1', '2', '1')
    scene.line('MANAGER', 'q-acme', 'PJSIP/1001', 'REMOVEMEMBER').at(4).parking('ParkedCallGiveUp', PARKEE)
    await assertParkings(scene.hangup(PARKEE, 'agent'), [
      '0|:<agent>|q-acme|PJSIP/1001|CONNECT|1|<L;1>|1',
      '2|:<agent>|q-acme|PJSIP/1001|COMPLETEAGENT|1|2|1',
      '2|MANAGER|q-acme|PJSIP/1001|REMOVEMEMBER|',
      entered(2),
      left(4, 'ABANDON', 2),
    ])
  })

  it('and an earlier tracker’s call of which every channel is gone holds nothing back', async () => {
    const scene = behindHalf().at(2).hangup('agent', PARKEE).at(3).create(PARKEE).parking('ParkedCall', PARKEE)
    await assertParkings(scene.at(5).parking('ParkedCallGiveUp', PARKEE).hangup(PARKEE), [
      '0|:<agent>|q-acme|PJSIP/1001|CONNECT|1|<L;1>|1',
      entered(3),
      left(5, 'ABANDON', 2),
    ])
  })
})
