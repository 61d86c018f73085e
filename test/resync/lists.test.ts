import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { assertLinesAfterLoss, ResyncScene } from '../support/resync-scene.ts'

const AGENT = 'PJSIP/1001-00000002'
const CALLED = 'PJSIP/trunk-00000004'
const PARKEE = 'PJSIP/trunk-00000005'
const CALLER = 'PJSIP/trunk-00000001'

const outbound = (time: number, rest: string): string => `${time}|:<${AGENT}>|q-outbound|PJSIP/1001|${rest}`
const member = (time: number, verb: string): string => `${time}|MANAGER|q-outbound|PJSIP/1001|${verb}|`
const CONNECTED = [member(1, 'ADDMEMBER'), outbound(1, 'CALLOUTBOUND||5550001'), outbound(4, `CONNECT|3|<${CALLED}>|3`)]
const talking = (scene = new ResyncScene()): ResyncScene =>
  scene.at(1).create(AGENT).dial(AGENT, CALLED).at(4).answered(AGENT, CALLED)

/** The events that a scene's lists put in, and the model after them. */
function putIn(scene: ResyncScene): { events: string[]; tracking: Tracking } {
  const tracking = new Tracking([])
  const out = tracking.pass(scene.records).filter((record): record is AmiMessage => record.kind === 'ami')
  const events = out.filter((message) => message.get('Resync') !== undefined).map(({ event }) => event)
  return { events, tracking }
}

describe('the resynchronisation', () => {
  it('tells every call to be over when the server was restarted', async () => {
    const scene = talking()
    scene.there(AGENT, { bridge: 'talk' }).there(CALLED, { bridge: 'talk' }).lost().lists().at(6).lost().at(10)
    scene.pbx.startTime = '09:00:00'
    // Not even what it lists is what it was: a channel of the same Uniqueid is another one.
    await assertLinesAfterLoss(scene.lists(), [
      ...CONNECTED,
      outbound(10, 'COMPLETECALLER|3|6|1'),
      member(10, 'REMOVEMEMBER'),
    ])
  })

  it('puts nothing in where everything is as it was known', () => {
    const scene = talking().connected(CALLER, 'PJSIP/1002-00000007', 'Jane').parking('ParkedCall', PARKEE)
    scene.enterLot('lot', PARKEE).hold('PJSIP/1002-00000007').music(CALLER).lost().at(10)
    scene.there(AGENT, { bridge: 'talk' }).there(CALLED, { bridge: 'talk' }).thereParked(PARKEE)
    scene.there(CALLER, { bridge: 'queue', application: 'Queue', data: 'support', onHold: true })
    scene.there('PJSIP/1002-00000007', { bridge: 'queue', application: 'AppQueue' }).lists()
    assert.deepEqual(
      putIn(scene).events.filter((event) => event !== 'Newstate'),
      [],
    )
  })

  it('puts nothing in twice', () => {
    const scene = new ResyncScene().lost().thereParked(PARKEE)
    scene.there(CALLER, { bridge: 'queue', application: 'Queue', data: 'support', onHold: true })
    scene.there(AGENT, { bridge: 'queue', application: 'AppQueue' }).lists()
    const once = putIn(scene).events
    assert.deepEqual(once, [
      'BridgeEnter',
      'BridgeEnter',
      'BridgeEnter',
      'ParkedCall',
      'AgentConnect',
      'MusicOnHoldStart',
    ])
    assert.deepEqual(putIn(scene.at(5).lost().lists()).events, once)
  })

  it('remembers nothing of a server without calls', () => {
    const scene = talking().connected(CALLER, 'PJSIP/1002-00000007').parking('ParkedCall', PARKEE).queueCallerJoin('x')
    assert.notEqual(putIn(scene).tracking.size, 0)
    assert.equal(putIn(scene.lost().lists()).tracking.size, 0)
  })

  it('leaves to Asterisk what it tells itself after the login', async () => {
    // The channel is not listed any more, and its Hangup is on its way.
    const scene = talking().lost().at(10).hangupRequest(CALLED).leave('talk', CALLED).lists()
    scene.leave('talk', AGENT).hangup(CALLED, AGENT)
    assert.deepEqual(putIn(scene).events, ['BridgeLeave', 'Hangup'])
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETECALLER|3|6|1'), member(10, 'REMOVEMEMBER')])
  })

  it('keeps a channel that was created while the lists came', async () => {
    const scene = new ResyncScene().lost().lists().lost().at(1).create(AGENT).dial(AGENT, CALLED).lists()
    scene.at(4).answered(AGENT, CALLED).at(10).hangupRequest(AGENT).hangup(AGENT, CALLED)
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETEAGENT|3|6|1'), member(10, 'REMOVEMEMBER')])
  })

  it('does not begin before all lists are whole, and begins anew with the next session', async () => {
    const scene = talking().lost().at(8).there(AGENT, { bridge: 'talk' }).lost().at(9)
    scene.there(CALLED, { bridge: 'talk' }).lists().at(20).hangupRequest(AGENT).hangup(AGENT, CALLED)
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(20, 'COMPLETEAGENT|3|16|1'), member(20, 'REMOVEMEMBER')])
  })

  it('heeds no list that another client asked for', async () => {
    const scene = talking().lost().at(10)
    scene.event('CoreShowChannel', { ActionID: '7', Channel: 'x', Uniqueid: '1.1', BridgeId: 'b' })
    scene.event('ParkedCall', { ActionID: '7', ParkeeChannel: 'y', ParkeeUniqueid: '1.2', ParkingSpace: '701' }).lists()
    assert.ok(!putIn(scene).events.includes('ParkedCall'))
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETECALLER|3|6|1'), member(10, 'REMOVEMEMBER')])
  })
})

describe('the resynchronisation, where privileges lack', () => {
  const noChannels = (scene: ResyncScene): ResyncScene => {
    for (const name of ['CoreStatus', 'CoreShowChannels', 'Status', 'ParkedCalls']) scene.pbx.refused.add(name)
    return scene
  }

  it('takes a call for over when its channels are in no bridge any more', async () => {
    const scene = noChannels(talking().lost().at(10)).lists()
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETECALLER|3|6|1'), member(10, 'REMOVEMEMBER')])
  })

  it('keeps a call whose channels BridgeInfo names', async () => {
    const scene = noChannels(talking().lost().at(10)).there(AGENT, { bridge: 'talk' }).there(CALLED, { bridge: 'talk' })
    scene.lists().at(20).hangupRequest(AGENT).hangup(AGENT, CALLED)
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(20, 'COMPLETEAGENT|3|16|1'), member(20, 'REMOVEMEMBER')])
  })

  it('needs either list of channels, not both', async () => {
    for (const name of ['CoreShowChannels', 'Status']) {
      const scene = talking().lost().at(10)
      scene.pbx.refused.add(name)
      const end = [outbound(10, 'COMPLETECALLER|3|6|1'), member(10, 'REMOVEMEMBER')]
      await assertLinesAfterLoss(scene.lists(), [...CONNECTED, ...end])
    }
  })

  it('leaves a hold as it was where Status may not be asked', async () => {
    const scene = talking().at(5).hold(AGENT).music(CALLED).lost().at(10)
    scene.pbx.refused.add('Status')
    scene
      .there(AGENT, { bridge: 'talk' })
      .there(CALLED, { bridge: 'talk' })
      .lists()
      .at(12)
      .unhold(AGENT)
      .silence(CALLED)
    scene.at(20).hangupRequest(AGENT).hangup(AGENT, CALLED)
    await assertLinesAfterLoss(scene, [
      ...CONNECTED,
      outbound(5, 'CALLERONHOLD|'),
      outbound(12, 'CALLEROFFHOLD|'),
      outbound(20, 'COMPLETEAGENT|3|16|1'),
      member(20, 'REMOVEMEMBER'),
    ])
  })

  it('sees by the numbers of new channels that Asterisk was restarted', async () => {
    const ringing = new ResyncScene()
    for (let n = 0; n < 10_100; n++) ringing.uniqueid(`earlier-${n}`)
    const first = ringing.uniqueid('earlier-0')
    ringing.at(1).create(AGENT).dial(AGENT, CALLED).at(2).event('Tick')
    noChannels(ringing.lost().at(10)).lists()
    // The sequence begins anew, some seconds later.
    ringing
      .at(12)
      .event('Newchannel', { Channel: 'n', Uniqueid: first.replace(/^\d+/, (epoch) => String(Number(epoch) + 11)) })
    await assertLinesAfterLoss(
      ringing,
      [
        member(1, 'ADDMEMBER'),
        outbound(1, 'CALLOUTBOUND||5550001'),
        outbound(12, 'ABANDON|1|1|11'),
        member(12, 'REMOVEMEMBER'),
      ],
      false,
    )
  })

  it('knows by the bridges alone that a parked call was picked up', async () => {
    const scene = new ResyncScene().at(1).parking('ParkedCall', PARKEE).enterLot('lot', PARKEE)
    noChannels(scene.lost().at(10)).there(PARKEE, { bridge: 'b' }).there(AGENT, { bridge: 'b' }).lists()
    scene.at(20).hangupRequest(AGENT).hangup(AGENT, PARKEE)
    const line = (time: number, agent: string, rest: string): string =>
      `${time}|:<${PARKEE}>|pk-default|${agent}|${rest}`
    await assertLinesAfterLoss(scene, [
      line(1, 'NONE', 'ENTERQUEUE||701-5551000|1'),
      '10|MANAGER|pk-default|PJSIP/1001|ADDMEMBER|',
      line(10, 'PJSIP/1001', `CONNECT|9|<${AGENT}>|0`),
      line(20, 'PJSIP/1001', 'COMPLETEAGENT|9|10|1'),
      '20|MANAGER|pk-default|PJSIP/1001|REMOVEMEMBER|',
    ])
  })
})
