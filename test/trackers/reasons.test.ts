import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { Scene } from '../support/scene.ts'
import { trackingOf } from '../support/tracking.ts'

const AGENT = 'PJSIP/1001-1'
const TRUNK = 'PJSIP/trunk-2'

/** Asserts the reasons why a tracker writes no line, in their order, each behind the channel of which it is one. */
function assertReasons(program: string, scene: Scene, expected: [channel: string, reason: string][]): void {
  const tracking = trackingOf(program)
  const found: [string, string][] = []
  for (const tracker of tracking.trackers) tracker.onUnwritten = (uniqueid, reason) => found.push([uniqueid, reason])
  tracking.pass(scene.records)
  tracking.end()
  assert.deepEqual(
    found,
    expected.map(([channel, reason]) => [channel === '' ? '' : scene.uniqueid(channel), reason]),
  )
}

describe('a person who wonders why there is no line of a hold', () => {
  const direct = (): Scene => new Scene().at(0).connected('caller', AGENT, 'Jane')
  /** An outbound call of which an earlier tracker has told. */
  const tracked = (): Scene => {
    const scene = new Scene().at(0).enter('out', AGENT).enter('out', TRUNK)
    return scene.line(`:${scene.uniqueid(AGENT)}`, 'q-a', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid(TRUNK), '1')
  }
  const assertNoHold = (scene: Scene, ...expected: [string, string][]): void =>
    assertReasons('track-moh', scene.at(50).event('Tick'), expected)
  const CALLER_HOLDS = 'no hold: the caller put the call on hold, and only holds by the agent are logged'
  const HEARS = 'no hold: the agent hears the music'

  it('is told that it is the caller who holds, or the agent who hears the music', () => {
    assertNoHold(direct().at(1).hold('caller'), ['caller', CALLER_HOLDS])
    assertNoHold(direct().at(1).music(AGENT), [AGENT, HEARS])
    assertNoHold(tracked().at(1).hold(TRUNK), [TRUNK, CALLER_HOLDS])
    assertNoHold(tracked().at(1).music(AGENT), [AGENT, HEARS])
  })

  it('is told that it is of no connected call', () => {
    const two = (): Scene => new Scene().at(0).enter('b', 'one').enter('b', 'two').at(1)
    assertNoHold(two().hold('one'), ['one', 'no hold: the channel is not the agent of a connected call'])
    assertNoHold(two().music('one'), ['one', 'no hold: the channel does not talk to the agent of a connected call'])
    const away = tracked().leave('out', TRUNK).enter('b', TRUNK).enter('b', 'other').at(1)
    assertNoHold(away.hold('other'), ['other', 'no hold: the channel is not the agent of a connected call'])
  })

  it('is told that a party has asked to hang up, or that the hold ended with the call', () => {
    const asked = direct().at(1).hangupRequest('caller').hold(AGENT)
    assertNoHold(asked, [AGENT, 'no hold: a party of the call is hanging up'])
    const ends = 'no CALLEROFFHOLD: the hold ends with the call, and Asterisk has already written the end of the call'
    const complete = (scene: Scene): Scene => scene.agentComplete('caller', 'Jane')
    assertNoHold(complete(direct().at(1).hold(AGENT).at(2)), ['caller', ends])
    assertNoHold(complete(direct().at(1).hold(AGENT).at(2).hangupRequest('caller').unhold(AGENT)), ['caller', ends])
    assertNoHold(complete(direct().at(1).hold(AGENT).at(2).unhold(AGENT)))
  })

  it('is told what the music was: a conference, a way into a lot, or heard alone', () => {
    const conference = direct().enter('queue', 'third', { BridgeTechnology: 'softmix' }).at(1).hold(AGENT)
    assertNoHold(conference, [AGENT, 'no hold: the channel is in a conference, and the others continue to talk'])
    const moved = direct().at(1).music('caller').leave('queue', 'caller').enterLot('lot', 'caller')
    assertNoHold(moved, [
      'caller',
      'no hold: the music began when the channel left its bridge, perhaps for a parking lot',
    ])
    const alone = new Scene().at(0).enter('b', 'one').at(1).music('one')
    assertNoHold(alone, [
      'one',
      'no hold: the channel hears the music alone, in a queue, in a parking lot or in the dialplan',
    ])
  })
})

describe('a person who wonders why there is no line of an outbound call', () => {
  const dialled = (): Scene => new Scene().at(0).create(AGENT).dial(AGENT, TRUNK)
  const assertNoCall = (scene: Scene, ...expected: [string, string][]): void =>
    assertReasons('track-outbound', scene, expected)

  it('is told what came before the threshold', () => {
    const early = (what: string): [string, string] => [
      AGENT,
      `no outbound call: ${what} after 200 ms, before the threshold of 300 ms`,
    ]
    assertNoCall(dialled().at(0.2).answered(AGENT, TRUNK), early('it was answered'))
    assertNoCall(dialled().at(0.2).dialEnd(AGENT, TRUNK, 'BUSY'), early('the dial ended (BUSY)'))
    assertNoCall(dialled().at(0.2).hangup(TRUNK), early('the ringing phone hung up'))
    assertNoCall(dialled().at(0.2).hangup(AGENT), early('it ended unanswered'))
    assertNoCall(dialled().at(0.2).event('Tick'), early('the stream ended'))
    assertNoCall(dialled().at(0.4).event('Tick'))
  })

  it('is told that the dial is none of a call that begins with it', () => {
    const going =
      'no outbound call: the channel is or was in a queue or in a parking lot, and this dial belongs to that call'
    assertNoCall(new Scene().create(AGENT).queueCallerJoin(AGENT).dial(AGENT, TRUNK), [AGENT, going])
    assertNoCall(new Scene().create(AGENT).parking('ParkedCall', AGENT).dial(AGENT, TRUNK), [AGENT, going])
    const again = dialled().at(2).answered(AGENT, TRUNK).at(5).hangup(TRUNK).at(6).dial(AGENT, 'PJSIP/other-3')
    const over = 'no new outbound call: the call of this channel was already answered, or is over'
    assertNoCall(again, [AGENT, over])
    const called = dialled().at(2).answered(AGENT, TRUNK).at(5).hangup(AGENT).at(6).dial(TRUNK, 'PJSIP/other-3')
    assertNoCall(called, [TRUNK, 'no outbound call: the channel that dials was itself dialled by another channel'])
    const unseen = new Scene().enter('b', AGENT).dial(AGENT, TRUNK)
    assertNoCall(unseen, [AGENT, 'no outbound call: ami-track did not see the beginning of the channel that dials'])
    const half = new Scene().create('Local/1@x-1;2').dial('Local/1@x-1;2', TRUNK)
    const local = 'no outbound call: a Local channel dials, and it belongs to no outbound call that ami-track knows'
    assertNoCall(half, ['Local/1@x-1;2', local])
  })
})

describe('a person who wonders why there is no line', () => {
  it('of a parked call is told that its parking was not seen', () => {
    const unseen = 'no parked call: ami-track did not see when it was parked'
    const scene = new Scene().enter('b', TRUNK).parking('ParkedCallGiveUp', TRUNK)
    assertReasons('track-parked', scene.retrieve(TRUNK, AGENT), [
      [TRUNK, unseen],
      [TRUNK, unseen],
    ])
  })

  it('of a member is told that it has no name besides its interface', () => {
    const member = { Queue: 'sales', MemberName: 'PJSIP/1', Interface: 'PJSIP/1' }
    const reason = 'no hotdesking: the member of sales has no name besides its interface PJSIP/1'
    assertReasons('track-hotdesking', new Scene().event('QueueMemberAdded', member), [['', reason]])
    const noQueue = { MemberName: 'Jane', Interface: 'PJSIP/1' }
    const none = 'no hotdesking: the member of  has no name besides its interface PJSIP/1'
    assertReasons('track-hotdesking', new Scene().event('QueueMemberRemoved', noQueue), [['', none]])
    const named = { Queue: 'sales', MemberName: 'Jane', Interface: 'PJSIP/1' }
    assertReasons('track-hotdesking', new Scene().event('QueueMemberAdded', named), [])
  })

  it('is told nothing by a tracker of what another one follows', () => {
    const scene = new Scene().create(AGENT).queueCallerJoin(AGENT).dial(AGENT, TRUNK)
    scene.parking('ParkedCallGiveUp', TRUNK).enter('b', AGENT).at(1).music(AGENT).at(2).event('Tick')
    const tracking = new Tracking(trackers)
    const found: string[] = []
    for (const [n, tracker] of tracking.trackers.entries()) {
      tracker.onUnwritten = (_, reason) => found.push(`${trackers[n]?.program}: ${reason.split(':')[0]}`)
    }
    tracking.pass(scene.records)
    assert.deepEqual(found, ['track-outbound: no outbound call', 'track-parked: no parked call', 'track-moh: no hold'])
  })
})
