import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { Scene, T0 } from '../support/scene.ts'

/** The calls that are open behind a scene, by the programs of their trackers; times are seconds since its beginning. */
function openCalls(scene: Scene): Record<string, string[]> {
  const tracking = new Tracking(trackers)
  tracking.pass(scene.records)
  const found = tracking.trackers.map((tracker, n): [string, string[]] => {
    const calls = tracker.openCalls().map(({ callid, queuename, agent, state, since }) => {
      return `${callid} ${queuename} ${agent} ${state} ${since / 1000 - T0}`
    })
    return [trackers[n]?.program ?? '', calls]
  })
  return Object.fromEntries(found.filter(([, calls]) => calls.length > 0))
}

const AGENT = 'PJSIP/1001-1'
const TRUNK = 'PJSIP/trunk-2'

describe('a person who asks which calls are open', () => {
  it('is told that nothing is open where nothing is', () => {
    const added = { Queue: 'q', MemberName: 'Jane', Interface: 'PJSIP/1' }
    assert.deepEqual(openCalls(new Scene().at(1).event('QueueMemberAdded', added)), {})
  })

  it('is told of an outbound call whether it is but dialled, rings, or is connected, and since when', () => {
    const scene = new Scene().at(1).create(AGENT).dial(AGENT, TRUNK, { AccountCode: 'acme' }).at(1.2).event('Tick')
    const call = `:${scene.uniqueid(AGENT)} q-acme PJSIP/1001`
    assert.deepEqual(openCalls(scene), { 'track-outbound': [`${call} dialling 1`] })
    assert.deepEqual(openCalls(scene.at(2).event('Tick')), { 'track-outbound': [`${call} ringing 1`] })
    const talking = { 'track-outbound': [`${call} connected 5`], 'track-moh': [`${call} connected 5`] }
    assert.deepEqual(openCalls(scene.at(5).answered(AGENT, TRUNK)), talking)
    const held = { ...talking, 'track-moh': [`${call} on hold 7`] }
    assert.deepEqual(openCalls(scene.at(7).hold(AGENT).at(8).event('Tick')), held)
    assert.deepEqual(openCalls(scene.at(9).unhold(AGENT)), talking)
    assert.deepEqual(openCalls(scene.at(11).hangup(AGENT, TRUNK).at(20).event('Tick')), {})
  })

  it('is told of a parked call whether it waits in the lot or was picked up, by whom, and since when', () => {
    const scene = new Scene().at(1).parking('ParkedCall', TRUNK)
    const call = `:${scene.uniqueid(TRUNK)} pk-default`
    assert.deepEqual(openCalls(scene), { 'track-parked': [`${call} NONE parked 1`] })
    scene.at(4).retrieve(TRUNK, AGENT).enter('pick', AGENT).enter('pick', TRUNK)
    const open = [`${call} PJSIP/1001 connected 4`]
    assert.deepEqual(openCalls(scene), { 'track-parked': open, 'track-moh': open })
  })

  it('is told of a call of one of Asterisk’s queues whether it is on hold, and since when', () => {
    const scene = new Scene().at(1).connected('caller', AGENT, 'Jane')
    const call = `${scene.uniqueid('caller')} support Jane`
    assert.deepEqual(openCalls(scene), { 'track-moh': [`${call} connected 1`] })
    assert.deepEqual(openCalls(scene.at(3).hold(AGENT)), { 'track-moh': [`${call} on hold 3`] })
  })
})
