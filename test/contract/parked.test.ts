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

  const OTHER = 'PJSIP/other-00000005'
  const otherEntered = (time: number): string => `${time}|:<${OTHER}>|pk-default|NONE|ENTERQUEUE||702-5551000|1`
  /** Another call is parked, of which nothing is waited for. */
  const parkOther = (scene: Scene): Scene =>
    scene.enter('x', OTHER).parking('ParkedCall', OTHER, { ParkingSpace: '702' })
  const overAll = (scene: Scene): Scene => {
    scene.parking('ParkedCallGiveUp', PARKEE).parking('ParkedCallGiveUp', OTHER, { ParkingSpace: '702' })
    return scene.hangup(PARKEE, OTHER, 'agent')
  }
  const otherLeft = (time: number, wait: number): string => `${time}|:<${OTHER}>|pk-default|NONE|ABANDON|1|1|${wait}`
  /** An outbound call of an earlier tracker. */
  const tracked = (other = PARKEE, ...seen: string[]): Scene => {
    const scene = new Scene().at(0).enter('near', 'agent').enter('near', PARKEE)
    for (const channel of seen) scene.enter('near', channel)
    const peer = other === '' ? '' : scene.uniqueid(other)
    return scene.line(`:${scene.uniqueid('agent')}`, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', peer, '1')
  }
  const TRACKED = `0|:<agent>|q-acme|PJSIP/1001|CONNECT|1|<${PARKEE}>|1`
  const close = (scene: Scene): Scene => {
    scene.line(`:${scene.uniqueid('agent')}`, 'q-acme', 'PJSIP/1001', 'COMPLETEAGENT', '1', '2', '1')
    return scene.line('MANAGER', 'q-acme', 'PJSIP/1001', 'REMOVEMEMBER')
  }
  const closed = (time: number): string[] => [
    `${time}|:<agent>|q-acme|PJSIP/1001|COMPLETEAGENT|1|2|1`,
    `${time}|MANAGER|q-acme|PJSIP/1001|REMOVEMEMBER|`,
  ]

  it('and then nothing is waited for any more: a later parking stands behind', async () => {
    const ofQueue = new Scene().at(0).connected(PARKEE, 'agent').at(2).parking('ParkedCall', PARKEE).at(2.2)
    parkOther(ofQueue.agentComplete(PARKEE, 'agent').at(2.4))
    await assertParkings(overAll(ofQueue.at(6)), [entered(2), otherEntered(2), left(6, 'ABANDON', 4), otherLeft(6, 4)])
    const ofTracked = close(tracked().at(2).parking('ParkedCall', PARKEE).at(2.2))
    await assertParkings(overAll(parkOther(ofTracked.at(2.4)).at(6)), [
      TRACKED,
      ...closed(2),
      entered(2),
      otherEntered(2),
      left(6, 'ABANDON', 4),
      otherLeft(6, 4),
    ])
  })

  it('also where one of its channels has hung up already, and not where neither is of it', async () => {
    const scene = close(tracked().at(1.9).hangup('agent').at(2).parking('ParkedCall', PARKEE).at(2.2)).at(6)
    await assertParkings(scene.parking('ParkedCallGiveUp', PARKEE).hangup(PARKEE), [
      TRACKED,
      ...closed(2),
      entered(2),
      left(6, 'ABANDON', 4),
    ])
    const unknown = parkOther(tracked('').at(2).parking('ParkedCall', PARKEE).at(2.2))
    await assertParkings(overAll(unknown.at(6)), [
      TRACKED.replace(`<${PARKEE}>`, ''),
      entered(2),
      otherEntered(2),
      left(6, 'ABANDON', 4),
      otherLeft(6, 4),
    ])
  })

  it('and is not waited for by a Local half whose other half is of no call', async () => {
    const half = 'Local/5@x-1;2'
    const scene = new Scene().at(0).localBridge('Local/5@x-1').enter('a', 'Local/5@x-1;1').enter('a', 'stranger').at(2)
    parkOther(scene.parking('ParkedCall', half).at(2.2)).at(6).parking('ParkedCallGiveUp', half)
    scene.parking('ParkedCallGiveUp', OTHER, { ParkingSpace: '702' }).hangup(half, 'Local/5@x-1;1', OTHER)
    await assertParkings(scene.hangup('stranger'), [
      entered(2).replace(PARKEE, half),
      otherEntered(2),
      left(6, 'ABANDON', 4).replace(PARKEE, half),
      otherLeft(6, 4),
    ])
  })

  it('where the other half of the parked one is a party, and has left its bridge', async () => {
    const half = 'Local/5@x-1;2'
    const scene = new Scene().at(0).localBridge('Local/5@x-1').enter('near', 'agent').enter('near', 'Local/5@x-1;1')
    const peer = scene.uniqueid('Local/5@x-1;1')
    scene.line(`:${scene.uniqueid('agent')}`, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', peer, '1').at(2)
    close(scene.leave('near', 'Local/5@x-1;1').parking('ParkedCall', half).at(2.2)).at(6)
    scene.parking('ParkedCallGiveUp', half).hangup(half, 'Local/5@x-1;1', 'agent')
    await assertParkings(scene, [
      TRACKED.replace(PARKEE, 'Local/5@x-1;1'),
      ...closed(2),
      entered(2).replace(PARKEE, half),
      left(6, 'ABANDON', 4).replace(PARKEE, half),
    ])
  })

  it('and is waited for no longer than the next event of the parking: one that takes its place, too', async () => {
    const half = 'Local/_attended@x-1;2'
    const scene = tracked().at(2).parking('ParkedCall', PARKEE).at(2.1).parking('ParkedCallSwap', half).at(2.2)
    close(parkOther(scene).at(2.4)).at(6).parking('ParkedCallGiveUp', half)
    scene.parking('ParkedCallGiveUp', OTHER, { ParkingSpace: '702' }).hangup(half, PARKEE, OTHER, 'agent')
    await assertParkings(scene, [
      TRACKED,
      entered(2),
      otherEntered(2),
      ...closed(2),
      left(6, 'ABANDON', 4),
      otherLeft(6, 4),
    ])
  })

  it('of a call that is connected twice, as in a dump that holds it twice, is remembered once', async () => {
    const scene = tracked('other').line(`:${new Scene().uniqueid('agent')}`, 'q-acme', 'PJSIP/1001', 'CONNECT')
    await assertParkings(scene.at(9).hangup('agent', PARKEE, 'other'), [
      TRACKED.replace(PARKEE, 'other'),
      '0|:<agent>|q-acme|PJSIP/1001|CONNECT|',
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
