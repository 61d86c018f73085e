import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { liveCalls } from '../../lib/live/live-call.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { Scene } from '../support/scene.ts'

/** The calls that are shown behind a scene: `CALLID|QUEUE AGENT NUMBER SPACE STATE`. */
function shown(scene: Scene): string[] {
  const tracking = new Tracking(trackers)
  tracking.pass(scene.records)
  return liveCalls(tracking.trackers, 'north').map(({ id, pbx, callid, queue, agent, number, space, state }) => {
    assert.equal(id, [pbx, callid, queue].join('|'))
    assert.equal(pbx, 'north')
    return [`${callid}|${queue}`, agent, number, space, state].join(' ')
  })
}

const AGENT = 'PJSIP/1001-1'
const TRUNK = 'PJSIP/trunk-2'

describe('a call that is shown while it is open', () => {
  it('has the number that was dialled from the moment it rings, and keeps it while it is held', () => {
    const scene = new Scene().at(1).create(AGENT, '5551000')
    scene.dial(AGENT, TRUNK, { AccountCode: 'acme', DialString: 'trunk/5551000' }).at(2).event('Tick')
    const call = `:${scene.uniqueid(AGENT)}|q-acme PJSIP/1001 5551000`
    assert.deepEqual(shown(scene), [`${call}  ringing`])
    assert.deepEqual(shown(scene.at(5).answered(AGENT, TRUNK)), [`${call}  connected`])
    assert.deepEqual(shown(scene.at(7).hold(AGENT).at(8).event('Tick')), [`${call}  on hold`])
  })

  it('has its parking space while it is parked, and the number of the one who is parked', () => {
    const scene = new Scene().at(1).parking('ParkedCall', TRUNK, { ParkingSpace: '701', ParkeeCallerIDNum: '5552000' })
    const call = `:${scene.uniqueid(TRUNK)}|pk-default`
    assert.deepEqual(shown(scene), [`${call} NONE 5552000 701 parked`])
    scene.at(4).retrieve(TRUNK, AGENT).enter('pick', AGENT).enter('pick', TRUNK)
    assert.deepEqual(shown(scene), [`${call} PJSIP/1001 5552000  connected`])
  })

  it('has the number of the caller of a queue, and none where Asterisk says that it is unknown', () => {
    for (const [told, number] of [
      ['5553000', '5553000'],
      ['<unknown>', ''],
    ] as const) {
      const scene = new Scene().at(1).connected('caller', AGENT, 'Jane', { CallerIDNum: told })
      assert.deepEqual(shown(scene), [`${scene.uniqueid('caller')}|support Jane ${number}  connected`])
    }
  })

  it('cannot steer what shows it by the name of an agent or a number', () => {
    const scene = new Scene().at(1).connected('caller', AGENT, 'Ja|ne\u001b[2J\n', { CallerIDNum: '5\n\u202e|' })
    assert.deepEqual(shown(scene), [`${scene.uniqueid('caller')}|support Ja_ne_[2J_ 5\ufffd\ufffd|  connected`])
  })
})
