import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { assertLinesAfterLoss, ResyncScene } from '../support/resync-scene.ts'

import { trackingOf } from '../support/tracking.ts'

const CALLER = 'PJSIP/trunk-00000001'
const AGENT = 'PJSIP/1001-00000002'
const OTHER = 'PJSIP/1002-00000003'
const CALLED = 'PJSIP/trunk-00000004'
const PARKEE = 'PJSIP/trunk-00000005'
const RETRIEVER = 'PJSIP/1003-00000006'

const hold = (time: number, verb: string): string => `${time}|<${CALLER}>|support|Jane|${verb}|`
const queueCall = (): ResyncScene => new ResyncScene().at(0).connected(CALLER, AGENT, 'Jane')
/** The two of a queue call as they are listed while it goes on. */
const queueCallThere = (scene: ResyncScene, isHeld: boolean): ResyncScene =>
  scene
    .there(CALLER, { bridge: 'queue', application: 'Queue', data: 'support,tT', onHold: isHeld })
    .there(AGENT, { bridge: 'queue', application: 'AppQueue', data: '(Outgoing Line)' })
const queueCallEnds = (scene: ResyncScene): ResyncScene =>
  scene.agentComplete(CALLER, 'Jane').leave('queue', CALLER).leave('queue', AGENT).hangup(CALLER, AGENT)

describe('a queue call, when the connection is lost', () => {
  it('that ended meanwhile is forgotten, and a hold in it gets no end: Asterisk has ended the call', async () => {
    const scene = queueCall().at(2).hold(AGENT).music(CALLER).lost().at(10).lists()
    await assertLinesAfterLoss(scene, [hold(2, 'CALLERONHOLD')])
  })

  it('that was on hold and still is goes on as it was', async () => {
    const scene = queueCallThere(queueCall().at(2).hold(AGENT).music(CALLER).lost().at(10), true).lists()
    scene.at(15).unhold(AGENT).silence(CALLER).at(20)
    await assertLinesAfterLoss(queueCallEnds(scene), [hold(2, 'CALLERONHOLD'), hold(15, 'CALLEROFFHOLD')])
  })

  it('that was on hold and is no longer gets the end of the hold', async () => {
    const scene = queueCallThere(queueCall().at(2).hold(AGENT).music(CALLER).lost().at(10), false).lists().at(20)
    await assertLinesAfterLoss(queueCallEnds(scene), [hold(2, 'CALLERONHOLD'), hold(10, 'CALLEROFFHOLD')])
  })

  it('of which but the Hold was seen gets the end of the hold when nobody hears music any more', async () => {
    const scene = queueCallThere(queueCall().at(2).hold(AGENT).lost().at(10), false).lists().at(20)
    await assertLinesAfterLoss(queueCallEnds(scene), [hold(2, 'CALLERONHOLD'), hold(10, 'CALLEROFFHOLD')])
  })

  it('that was put on hold meanwhile is on hold from the resynchronisation on', async () => {
    const scene = queueCallThere(queueCall().lost().at(10), true).lists().at(15).unhold(AGENT).silence(CALLER).at(20)
    await assertLinesAfterLoss(queueCallEnds(scene), [hold(10, 'CALLERONHOLD'), hold(15, 'CALLEROFFHOLD')])
  })

  it('that was transferred meanwhile is over, and a hold by who has it now is none on the queue', async () => {
    const scene = queueCall().at(2).hold(AGENT).music(CALLER).lost().at(10)
    scene.there(CALLER, { bridge: 'b', application: 'Dial' }).there(OTHER, { bridge: 'b', application: 'AppDial' })
    scene.lists().at(12).hold(OTHER).music(CALLER).at(14).unhold(OTHER).silence(CALLER)
    scene.at(20).leave('b', CALLER).leave('b', OTHER).hangup(CALLER, OTHER)
    await assertLinesAfterLoss(scene, [hold(2, 'CALLERONHOLD')])
  })

  it('that was transferred meanwhile to another member of the queue, who was not given it by the queue, is over', async () => {
    const scene = queueCall().lost().at(10)
    scene.there(CALLER, { bridge: 'b', application: 'Queue', data: 'support' })
    scene.there(OTHER, { bridge: 'b', application: 'AppDial' })
    scene.pbx.members = [{ queue: 'support', name: 'John', location: 'PJSIP/1002', inCall: false }]
    scene.lists().at(12).hold(OTHER).music(CALLER).at(14).unhold(OTHER).silence(CALLER)
    scene.at(20).leave('b', CALLER).leave('b', OTHER).hangup(CALLER, OTHER)
    await assertLinesAfterLoss(scene, [])
  })

  it('that ended, and another member has its caller on hold now, is two calls', async () => {
    const scene = queueCall().at(2).hold(AGENT).music(CALLER).lost().at(10)
    scene.there(CALLER, { bridge: 'b', application: 'Queue', data: 'support', onHold: true })
    scene.there(OTHER, { bridge: 'b', application: 'AppQueue' })
    scene.pbx.members = [{ queue: 'support', name: 'John', location: 'PJSIP/1002' }]
    scene.lists().at(12).unhold(OTHER).silence(CALLER).at(20).agentComplete(CALLER, 'John').hangup(CALLER, OTHER)
    const next = (time: number, verb: string): string => `${time}|<${CALLER}>|support|John|${verb}|`
    await assertLinesAfterLoss(scene, [hold(2, 'CALLERONHOLD'), next(10, 'CALLERONHOLD'), next(12, 'CALLEROFFHOLD')])
  })

  it('that began meanwhile is adopted under the name of its member: its later holds are logged', async () => {
    const scene = queueCallThere(new ResyncScene().lost().at(10), false)
    scene.pbx.members = [{ queue: 'support', name: 'Jane', location: 'PJSIP/1001' }]
    scene.lists().at(12).hold(AGENT).music(CALLER).at(14).unhold(AGENT).silence(CALLER).at(20)
    await assertLinesAfterLoss(queueCallEnds(scene), [hold(12, 'CALLERONHOLD'), hold(14, 'CALLEROFFHOLD')])
  })

  it('that began meanwhile with a Local member is adopted: a hold by the phone behind it is logged', async () => {
    const MEMBER = 'Local/1002@agents-00000001'
    const scene = new ResyncScene().lost().at(10)
    scene.there(CALLER, { bridge: 'queue', application: 'Queue', data: 'support' })
    scene.there(`${MEMBER};1`, { bridge: 'queue', application: 'AppQueue' })
    scene.there(`${MEMBER};2`, { bridge: 'phone', application: 'Dial' })
    scene.there(OTHER, { bridge: 'phone', application: 'AppDial' })
    scene.pbx.members = [{ queue: 'support', name: 'Jane', location: 'Local/1002@agents/n' }]
    scene.lists().at(12).hold(OTHER).music(`${MEMBER};2`).at(14).unhold(OTHER).silence(`${MEMBER};2`)
    scene.at(20).agentComplete(CALLER, 'Jane').hangup(CALLER, `${MEMBER};1`, `${MEMBER};2`, OTHER)
    await assertLinesAfterLoss(scene, [hold(12, 'CALLERONHOLD'), hold(14, 'CALLEROFFHOLD')])
  })

  for (const [inCall, verb] of [
    [true, 'is adopted by its StateInterface'],
    [false, 'is none: who is not in a call of the queue was called by somebody else'],
  ] as const) {
    it(`that began meanwhile with a Local member that was optimised away ${verb}`, async () => {
      const scene = new ResyncScene().lost().at(10)
      scene.there(CALLER, { bridge: 'b', application: 'Queue', data: 'support' })
      scene.there(OTHER, { bridge: 'b', application: 'AppDial' })
      const location = 'Local/1002@agents'
      scene.pbx.members = [{ queue: 'support', name: 'Jane', location, stateInterface: 'PJSIP/1002', inCall }]
      scene.lists().at(12).hold(OTHER).music(CALLER).at(14).unhold(OTHER).silence(CALLER)
      scene.at(20).agentComplete(CALLER, 'Jane').hangup(CALLER, OTHER)
      await assertLinesAfterLoss(scene, inCall ? [hold(12, 'CALLERONHOLD'), hold(14, 'CALLEROFFHOLD')] : [])
    })
  }

  it('that began meanwhile with an agent of app_agent_pool is adopted by the StateInterface Agent:1001', async () => {
    const scene = new ResyncScene().lost().at(10)
    scene.there(CALLER, { bridge: 'b', application: 'Queue', data: 'support' })
    scene.there(OTHER, { bridge: 'b', application: 'AgentLogin', data: '1001,s' })
    const member = { queue: 'support', name: 'Jane', location: 'Local/1001@agents' }
    scene.pbx.members = [{ ...member, stateInterface: 'Agent:1001' }]
    scene.lists().at(12).hold(OTHER).music(CALLER).at(14).unhold(OTHER).silence(CALLER)
    scene.at(20).agentComplete(CALLER, 'Jane').hangup(CALLER, OTHER)
    await assertLinesAfterLoss(scene, [hold(12, 'CALLERONHOLD'), hold(14, 'CALLEROFFHOLD')])
  })

  it('that is told by an event between the lists as well is one call', async () => {
    const scene = queueCallThere(new ResyncScene().lost().at(10), false)
    scene.pbx.members = [{ queue: 'support', name: 'Jane', location: 'PJSIP/1001' }]
    scene.lists().connected(CALLER, AGENT, 'Jane').at(12).hold(AGENT).at(14).unhold(AGENT)
    const tracking = trackingOf('track-moh')
    tracking.pass(scene.records)
    assert.equal(tracking.trackers[0]?.openCalls().length, 1)
    scene.at(20)
    await assertLinesAfterLoss(queueCallEnds(scene), [hold(12, 'CALLERONHOLD'), hold(14, 'CALLEROFFHOLD')])
  })

  it('of which a Local pair was optimised away meanwhile goes on with the phone', async () => {
    const MEMBER = 'Local/1002@agents-00000001'
    const scene = new ResyncScene().at(0).connectedThroughLocal(CALLER, MEMBER, OTHER).lost().at(10)
    scene.there(CALLER, { bridge: 'queue', application: 'Queue', data: 'support' })
    scene.there(OTHER, { bridge: 'queue', application: 'AppDial' })
    scene.lists().at(12).hold(OTHER).music(CALLER).at(14).unhold(OTHER).silence(CALLER)
    scene.at(20).agentComplete(CALLER, MEMBER).hangup(CALLER, OTHER)
    const line = (time: number, verb: string): string => `${time}|<${CALLER}>|support|${MEMBER}|${verb}|`
    await assertLinesAfterLoss(scene, [line(12, 'CALLERONHOLD'), line(14, 'CALLEROFFHOLD')])
  })
})

const outbound = (time: number, rest: string): string => `${time}|:<${AGENT}>|q-outbound|PJSIP/1001|${rest}`
const member = (time: number, verb: string): string => `${time}|MANAGER|q-outbound|PJSIP/1001|${verb}|`
const ANNOUNCED = [member(1, 'ADDMEMBER'), outbound(1, 'CALLOUTBOUND||5550001')]
const ringing = (): ResyncScene =>
  new ResyncScene().at(1).create(AGENT).dial(AGENT, CALLED).at(2).up(OTHER).hangup(OTHER)
const talking = (): ResyncScene => ringing().at(4).answered(AGENT, CALLED)
const CONNECTED = [...ANNOUNCED, outbound(4, `CONNECT|3|<${CALLED}>|3`)]

describe('an outbound call, when the connection is lost', () => {
  it('that ended meanwhile ends with COMPLETECALLER, as nobody knows who ended it', async () => {
    const scene = talking().at(6).lost().at(10).lists()
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETECALLER|3|6|1'), member(10, 'REMOVEMEMBER')])
  })

  it('that somebody had asked to hang up ends with the verb of that side', async () => {
    const scene = talking().at(6).hangupRequest(AGENT).lost().at(10).lists()
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETEAGENT|3|6|1'), member(10, 'REMOVEMEMBER')])
  })

  it('that ended on hold gets the end of the hold before its own', async () => {
    const scene = talking().at(6).hold(AGENT).music(CALLED).lost().at(10).lists()
    await assertLinesAfterLoss(scene, [
      ...CONNECTED,
      outbound(6, 'CALLERONHOLD|'),
      outbound(10, 'CALLEROFFHOLD|'),
      outbound(10, 'COMPLETECALLER|3|6|1'),
      member(10, 'REMOVEMEMBER'),
    ])
  })

  it('that goes on is kept, and ends when it ends', async () => {
    const scene = talking()
      .at(6)
      .lost()
      .at(10)
      .there(AGENT, { bridge: 'talk' })
      .there(CALLED, { bridge: 'talk' })
      .lists()
    scene.at(20).hangupRequest(CALLED).leave('talk', CALLED).leave('talk', AGENT).hangup(CALLED, AGENT)
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(20, 'COMPLETECALLER|3|16|1'), member(20, 'REMOVEMEMBER')])
  })

  it('of which the agent is gone and the called party talks to another one ended by the agent', async () => {
    const scene = talking().at(6).lost().at(10)
    scene.there(CALLED, { bridge: 'b' }).there(OTHER, { bridge: 'b' }).lists().at(12).event('Tick')
    scene.at(20).hangup(CALLED, OTHER)
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETEAGENT|3|6|1'), member(10, 'REMOVEMEMBER')])
  })

  it('that entered a queue meanwhile is closed, and the call of its member is none', async () => {
    const scene = talking().at(6).lost().at(10).there(AGENT, { application: 'Queue', data: 'support' }).there(CALLED)
    scene.pbx.waiting = [{ queue: 'support', uniqueid: scene.uniqueid(AGENT) }]
    scene.lists().at(11).dial(AGENT, OTHER).at(12).up(OTHER).hangup(AGENT, CALLED, OTHER)
    await assertLinesAfterLoss(scene, [...CONNECTED, outbound(10, 'COMPLETEAGENT|3|6|1'), member(10, 'REMOVEMEMBER')])
  })

  it('that rang and is gone was abandoned', async () => {
    const scene = ringing().lost().at(10).lists()
    await assertLinesAfterLoss(scene, [...ANNOUNCED, outbound(10, 'ABANDON|1|1|9'), member(10, 'REMOVEMEMBER')])
  })

  it('that had not reached its threshold and is gone is nothing', async () => {
    const scene = new ResyncScene().at(1).create(AGENT).dial(AGENT, CALLED).lost().at(10).lists().at(20).event('Tick')
    await assertLinesAfterLoss(scene, [])
  })

  it('that had not reached its threshold and still rings is tracked once that is known', async () => {
    const scene = new ResyncScene().at(1).create(AGENT).dial(AGENT, CALLED).lost().at(10).there(AGENT).there(CALLED)
    scene.pbx.channels.forEach((channel) => {
      channel.isRinging = true
    })
    scene.lists().at(12).dialEnd(AGENT, CALLED, 'BUSY').hangup(CALLED, AGENT)
    await assertLinesAfterLoss(scene, [...ANNOUNCED, outbound(12, 'ABANDON|1|1|11'), member(12, 'REMOVEMEMBER')])
  })

  it('that rang and was answered meanwhile is connected from the resynchronisation on', async () => {
    const scene = ringing().lost().at(10).there(AGENT, { bridge: 'talk' }).there(CALLED, { bridge: 'talk' }).lists()
    scene.at(20).hangupRequest(AGENT).hangup(AGENT, CALLED)
    await assertLinesAfterLoss(scene, [
      ...ANNOUNCED,
      outbound(10, `CONNECT|9|<${CALLED}>|9`),
      outbound(20, 'COMPLETEAGENT|9|10|1'),
      member(20, 'REMOVEMEMBER'),
    ])
  })

  it('that rang through a Local pair and was answered meanwhile is connected with the channel behind it', async () => {
    const PAIR = 'Local/5550001@out-00000001'
    // The two dials are told by threads of their own, in either order.
    for (const [isOptimised, isHalfFirst] of [false, true].flatMap((one) =>
      [false, true].map((other) => [one, other]),
    )) {
      const scene = new ResyncScene().at(1).create(AGENT).localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
      if (isHalfFirst) scene.create(CALLED).dial(`${PAIR};2`, CALLED)
      scene.dial(AGENT, `${PAIR};1`)
      if (!isHalfFirst) scene.dial(`${PAIR};2`, CALLED)
      scene.at(2).event('Tick').lost().at(10).there(AGENT, { bridge: 'talk', application: 'Dial' })
      scene.there(CALLED, { bridge: isOptimised ? 'talk' : 'behind', application: 'AppDial' })
      if (!isOptimised) scene.there(`${PAIR};1`, { bridge: 'talk' }).there(`${PAIR};2`, { bridge: 'behind' })
      scene.lists().at(20).hangupRequest(AGENT).hangup(AGENT, `${PAIR};1`, `${PAIR};2`, CALLED)
      await assertLinesAfterLoss(scene, [
        ...ANNOUNCED,
        outbound(10, `CONNECT|9|<${CALLED}>|9`),
        outbound(20, 'COMPLETEAGENT|9|10|1'),
        member(20, 'REMOVEMEMBER'),
      ])
    }
  })

  it('that rang and was taken meanwhile by another phone, or over another trunk, is connected with that', async () => {
    const scene = ringing().lost().at(10).there(AGENT, { bridge: 'talk', application: 'Dial' })
    scene.there(RETRIEVER, { bridge: 'talk', application: 'AppDial' }).lists()
    scene.at(20).hangupRequest(RETRIEVER).hangup(AGENT, RETRIEVER)
    await assertLinesAfterLoss(scene, [
      ...ANNOUNCED,
      outbound(10, `CONNECT|9|<${RETRIEVER}>|9`),
      outbound(20, 'COMPLETECALLER|9|10|1'),
      member(20, 'REMOVEMEMBER'),
    ])
  })

  it('that rang, and whose caller talks to a member of a queue since, was abandoned', async () => {
    const scene = ringing().lost().at(10).there(AGENT, { bridge: 'b', application: 'Queue', data: 'support' })
    scene.there(RETRIEVER, { bridge: 'b', application: 'AppQueue' }).lists().at(20).hangup(AGENT, RETRIEVER)
    await assertLinesAfterLoss(scene, [...ANNOUNCED, outbound(10, 'ABANDON|1|1|9'), member(10, 'REMOVEMEMBER')])
  })

  it('that rang and was taken by the voicemail meanwhile was abandoned', async () => {
    const scene = ringing().lost().at(10).there(AGENT, { application: 'VoiceMail' }).lists().at(20).hangup(AGENT)
    await assertLinesAfterLoss(scene, [...ANNOUNCED, outbound(10, 'ABANDON|1|1|9'), member(10, 'REMOVEMEMBER')])
  })

  it('of which nothing was seen before is none, whatever it does', async () => {
    const scene = new ResyncScene().lost().at(10).there(AGENT, { bridge: 'b' }).there(CALLED, { bridge: 'b' }).lists()
    scene.at(12).hold(AGENT).music(CALLED).at(14).unhold(AGENT).silence(CALLED).at(15).dial(AGENT, OTHER).at(20)
    await assertLinesAfterLoss(scene.hangup(AGENT, CALLED, OTHER), [])
  })
})

const parking = (time: number, rest: string): string => `${time}|:<${PARKEE}>|pk-default|NONE|${rest}`
const picked = (time: number, wait: number): string[] => [
  `${time}|MANAGER|pk-default|PJSIP/1003|ADDMEMBER|`,
  `${time}|:<${PARKEE}>|pk-default|PJSIP/1003|CONNECT|${wait}|<${RETRIEVER}>|0`,
]
const pickedEnds = (time: number, rest: string): string[] => [
  `${time}|:<${PARKEE}>|pk-default|PJSIP/1003|${rest}`,
  `${time}|MANAGER|pk-default|PJSIP/1003|REMOVEMEMBER|`,
]
const ENTERED = parking(1, 'ENTERQUEUE||701-5551000|1')
const parked = (): ResyncScene => new ResyncScene().at(1).parking('ParkedCall', PARKEE).enterLot('lot', PARKEE)
const pickedUp = (scene: ResyncScene): ResyncScene =>
  scene.retrieve(PARKEE, RETRIEVER).leave('lot', PARKEE).enter('talk', PARKEE).enter('talk', RETRIEVER)

describe('a parked call, when the connection is lost', () => {
  it('that is gone was abandoned', async () => {
    await assertLinesAfterLoss(parked().lost().at(10).lists(), [ENTERED, parking(10, 'ABANDON|1|1|9')])
  })

  it('that is still parked goes on', async () => {
    const scene = pickedUp(parked().lost().at(10).thereParked(PARKEE).lists().at(12))
    scene.at(20).hangupRequest(RETRIEVER).hangup(RETRIEVER, PARKEE)
    await assertLinesAfterLoss(scene, [ENTERED, ...picked(12, 11), ...pickedEnds(20, 'COMPLETEAGENT|11|8|1')])
  })

  it('that was picked up meanwhile is connected from the resynchronisation on', async () => {
    const scene = parked().lost().at(10).there(PARKEE, { bridge: 'b', application: 'Queue', data: 'support' })
    scene.there(RETRIEVER, { bridge: 'b', application: 'ParkedCall' }).lists()
    scene.at(20).hangupRequest(PARKEE).hangup(PARKEE, RETRIEVER)
    await assertLinesAfterLoss(scene, [ENTERED, ...picked(10, 9), ...pickedEnds(20, 'COMPLETECALLER|9|10|1')])
  })

  it('that was picked up meanwhile, and is over before all lists have come, is connected and ends', async () => {
    const both: readonly string[] = [PARKEE, RETRIEVER]
    for (const [gone, verb] of [
      [both, 'COMPLETECALLER'],
      [both.toReversed(), 'COMPLETECALLER'],
      [[PARKEE], 'COMPLETECALLER'],
      [[RETRIEVER], 'COMPLETEAGENT'],
    ] as const) {
      const scene = parked().lost().at(10).there(PARKEE, { bridge: 'b', application: 'Queue', data: 'support' })
      scene.there(RETRIEVER, { bridge: 'b', application: 'ParkedCall' }).lists()
      const [end] = scene.records.splice(-1)
      scene.hangup(...gone)
      if (end !== undefined) scene.records.push(end)
      scene.at(13).hangup(...both.filter((one) => !(gone as readonly string[]).includes(one)))
      await assertLinesAfterLoss(scene, [ENTERED, ...picked(10, 9), ...pickedEnds(10, `${verb}|9|0|1`)])
    }
  })

  it('that went back to the one who parked it ran out of time', async () => {
    const scene = parked().lost().at(10).there(PARKEE, { bridge: 'b', application: 'Dial' })
    scene.there(AGENT, { bridge: 'b', application: 'AppDial' }).lists().at(20).hangup(PARKEE, AGENT)
    await assertLinesAfterLoss(scene, [ENTERED, parking(10, 'EXITWITHTIMEOUT|1|1|9')])
  })

  it('that was parked meanwhile is adopted: its past is not written, its pick-up is, its wait counts from the parking', async () => {
    const scene = pickedUp(new ResyncScene().lost().at(10).thereParked(PARKEE, {}, 4).lists().at(12))
    scene.at(20).hangupRequest(RETRIEVER).hangup(RETRIEVER, PARKEE)
    await assertLinesAfterLoss(scene, [...picked(12, 6), ...pickedEnds(20, 'COMPLETEAGENT|6|8|1')])
  })

  it('that was an outbound call before the gap is closed as such first, however soon it is picked up', async () => {
    const scene = new ResyncScene().at(1).create(AGENT).dial(AGENT, PARKEE).at(2).event('Tick')
    scene.at(4).answered(AGENT, PARKEE).at(6).lost().at(10).thereParked(PARKEE, {}, 2).lists().at(10.02)
    pickedUp(scene).at(20).hangupRequest(PARKEE).hangup(PARKEE, RETRIEVER)
    await assertLinesAfterLoss(scene, [
      ...ANNOUNCED,
      outbound(4, `CONNECT|3|<${PARKEE}>|3`),
      outbound(10, 'COMPLETEAGENT|3|6|1'),
      member(10, 'REMOVEMEMBER'),
      ...picked(10, 2),
      ...pickedEnds(20, 'COMPLETECALLER|2|10|1'),
    ])
  })

  it('that was picked up before and has ended meanwhile ends with COMPLETECALLER', async () => {
    const scene = pickedUp(parked().at(4)).lost().at(10).lists()
    await assertLinesAfterLoss(scene, [ENTERED, ...picked(4, 3), ...pickedEnds(10, 'COMPLETECALLER|3|6|1')])
  })
})
