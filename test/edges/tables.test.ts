import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { Scene } from '../support/scene.ts'

/** So many calls of one agent in one bridge: looking through all of them for each of all would take minutes. */
const MANY = 1200

describe('the tables of the model and of all trackers', () => {
  it('are empty where the successor of an optimised Local half hangs up before the half leaves', () => {
    const scene = new Scene().at(0).connectedThroughLocal('caller', 'Local/1002@q-1', 'phone')
    scene.swap('queue', 'Local/1002@q-1;1', 'phone').hangup('caller', 'phone').leave('phone', 'Local/1002@q-1;2')
    scene.leave('queue', 'Local/1002@q-1;1').hangup('Local/1002@q-1;1', 'Local/1002@q-1;2').at(5).event('Tick')
    const tracking = new Tracking(trackers)
    tracking.pass(scene.records)
    assert.equal(tracking.size, 0)
  })

  it('hold very many queue calls of one agent in one bridge, and are empty when they are over', () => {
    const scene = new Scene().at(0).enter('queue', 'PJSIP/1001')
    for (let n = 0; n < MANY; n++) scene.agentConnect(`caller${n}`, 'PJSIP/1001').enter('queue', `caller${n}`)
    scene.at(1).hold('PJSIP/1001').at(2).unhold('PJSIP/1001')
    for (let n = 0; n < MANY; n++) scene.hangupRequest(`caller${n}`).leave('queue', `caller${n}`)
    scene.at(3).hangup('PJSIP/1001')
    for (let n = 0; n < MANY; n++) scene.hangup(`caller${n}`)
    const tracking = new Tracking(trackers)
    const out = tracking.pass(scene.at(9).event('Tick').records)
    const verbs = out.flatMap((record) => (record.kind === 'queue_log' ? [record.event] : []))
    assert.deepEqual(verbs, ['CALLERONHOLD', 'CALLEROFFHOLD'])
    assert.equal(tracking.size, 0)
  })
})

describe('a stream with a gap', () => {
  it('leaves no agent logged in whose call ended in it: one whose name another channel has now, or at the end', () => {
    for (const again of [true, false]) {
      const scene = new Scene().at(0).create('PJSIP/1001').dial('PJSIP/1001', 'PJSIP/trunk')
      scene.at(2).answered('PJSIP/1001', 'PJSIP/trunk').at(10).event('Gap').at(60)
      if (again) scene.event('Newchannel', { Channel: 'PJSIP/trunk', Uniqueid: '1800000060.9', ChannelState: '0' })
      const tracking = new Tracking(trackers)
      const out = [...tracking.pass(scene.at(70).event('Tick').records), ...tracking.end()]
      const lines = out.flatMap((record) => (record.kind === 'queue_log' ? [`${record.event} ${record.data}`] : []))
      assert.deepEqual(lines, [
        'ADDMEMBER ',
        'CALLOUTBOUND ,5550001',
        'CONNECT 2,1800000000.1,2',
        'COMPLETECALLER 2,8,1',
        'REMOVEMEMBER ',
      ])
    }
  })

  it('does not end a call of which something is told after it', () => {
    const scene = new Scene().at(0).create('PJSIP/1001').dial('PJSIP/1001', 'PJSIP/trunk').at(2)
    scene
      .answered('PJSIP/1001', 'PJSIP/trunk')
      .at(10)
      .event('Gap')
      .at(60)
      .hold('PJSIP/1001')
      .unhold('PJSIP/trunk')
      .at(90)
    scene.hangupRequest('PJSIP/1001').hangup('PJSIP/1001', 'PJSIP/trunk')
    const tracking = new Tracking(trackers)
    const out = [...tracking.pass(scene.records), ...tracking.end()]
    const last = out.findLast((record) => record.kind === 'queue_log' && record.event.startsWith('COMPLETE'))
    assert.deepEqual(last?.kind === 'queue_log' && [last.event, last.data], ['COMPLETEAGENT', ['2', '88', '1']])
  })
})
