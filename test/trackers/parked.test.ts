import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const PARKEE = 'PJSIP/anonymous-00000001'
const RETRIEVER = 'PJSIP/1002-00000003'

async function assertParkings(scene: Scene, expected: string[], rewriteUniqueids = true): Promise<void> {
  const tracker = await assertLines(
    () => trackingOf('track-parked', { rewriteuniqueids: rewriteUniqueids }),
    scene,
    expected,
  )
  assert.equal(tracker.size, 0, 'entries left')
}

const entered = (time: number, label = '701-5551000', lot = 'default', parkee = PARKEE): string =>
  `${time}|:<${parkee}>|pk-${lot}|NONE|ENTERQUEUE||${label}|1`
const left = (time: number, rest: string, lot = 'default', parkee = PARKEE): string =>
  `${time}|:<${parkee}>|pk-${lot}|NONE|${rest}`
const picked = (time: number, wait: number, lot = 'default', parkee = PARKEE): string[] => [
  `${time}|MANAGER|pk-${lot}|PJSIP/1002|ADDMEMBER|`,
  `${time}|:<${parkee}>|pk-${lot}|PJSIP/1002|CONNECT|${wait}|<${RETRIEVER}>|0`,
]
const ended = (time: number, rest: string, lot = 'default', parkee = PARKEE): string[] => [
  `${time}|:<${parkee}>|pk-${lot}|PJSIP/1002|${rest}`,
  `${time}|MANAGER|pk-${lot}|PJSIP/1002|REMOVEMEMBER|`,
]

const parked = (more: Record<string, string> = {}): Scene =>
  new Scene().at(1).parking('ParkedCall', PARKEE, more).enterLot('lot', PARKEE)
const retrieved = (scene = parked()): Scene =>
  scene.at(4).retrieve(PARKEE, RETRIEVER).leave('lot', PARKEE).enter('talk', PARKEE).enter('talk', RETRIEVER)
const hungUp = (scene: Scene): Scene => scene.leave('talk', PARKEE).leave('talk', RETRIEVER).hangup(PARKEE, RETRIEVER)

describe('track-parked: a parked call', () => {
  it('that an agent picks up and ends, or the caller ends', async () => {
    for (const [channel, verb] of [
      [RETRIEVER, 'COMPLETEAGENT'],
      [PARKEE, 'COMPLETECALLER'],
    ] as const) {
      const expected = [entered(1), ...picked(4, 3), ...ended(9, `${verb}|3|5|1`)]
      await assertParkings(hungUp(retrieved().at(9).hangupRequest(channel)), expected)
    }
  })

  it('that gives up, and one whose time runs out', async () => {
    const gaveUp = parked().at(5).hangupRequest(PARKEE).parking('ParkedCallGiveUp', PARKEE).leave('lot', PARKEE)
    await assertParkings(gaveUp.hangup(PARKEE), [entered(1), left(5, 'ABANDON|1|1|4')])
    const timedOut = parked().at(46).parking('ParkedCallTimeOut', PARKEE).leave('lot', PARKEE).at(50).hangup(PARKEE)
    await assertParkings(timedOut, [entered(1), left(46, 'EXITWITHTIMEOUT|1|1|45')])
  })

  it('that hangs up before the event that says it gave up, or without any', async () => {
    const late = parked().at(5).leave('lot', PARKEE).hangup(PARKEE).parking('ParkedCallGiveUp', PARKEE)
    await assertParkings(late, [entered(1), left(5, 'ABANDON|1|1|4')])
    const never = parked().at(5).leave('lot', PARKEE).hangup(PARKEE).at(9).event('Newchannel')
    await assertParkings(never, [entered(1), left(5, 'ABANDON|1|1|4')])
  })

  it('without a caller number is labelled with its space alone', async () => {
    for (const number of ['', '<unknown>']) {
      const scene = parked({ ParkeeCallerIDNum: number }).at(2).parking('ParkedCallGiveUp', PARKEE).hangup(PARKEE)
      await assertParkings(scene, [entered(1, '701'), left(2, 'ABANDON|1|1|1')])
    }
  })

  it('cannot forge a column by its number', async () => {
    const scene = parked({ ParkeeCallerIDNum: '5|x\ny' }).at(2).parking('ParkedCallGiveUp', PARKEE).hangup(PARKEE)
    await assertParkings(scene, [entered(1, '701-5_x_y'), left(2, 'ABANDON|1|1|1')])
  })

  it('is written without the colon if so wished', async () => {
    const scene = parked().at(2).parking('ParkedCallGiveUp', PARKEE).hangup(PARKEE)
    const lines = [entered(1), left(2, 'ABANDON|1|1|1')].map((line) => line.replace('|:', '|'))
    await assertParkings(scene, lines, false)
  })

  it('is none where it is an item of a list that somebody asked for', async () => {
    const item = { ActionID: '7' }
    const scene = new Scene().parking('ParkedCall', PARKEE, item).retrieve(PARKEE, RETRIEVER, item)
    await assertParkings(scene.hangup(PARKEE, RETRIEVER), [])
  })

  it('of which the parking was not seen gets no lines', async () => {
    await assertParkings(hungUp(retrieved(new Scene()).at(6).hangupRequest(RETRIEVER)), [])
  })

  it('is the same however its events of one millisecond are ordered', async () => {
    const steps: ((scene: Scene) => Scene)[] = [
      (scene) => scene.retrieve(PARKEE, RETRIEVER),
      (scene) => scene.leave('lot', PARKEE).enter('talk', PARKEE),
      (scene) => scene.enter('talk', RETRIEVER),
    ]
    for (const [a, b, c] of [
      [0, 1, 2],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
    ] as const) {
      const scene = parked().at(4)
      for (const step of [a, b, c]) steps[step]?.(scene)
      const expected = [entered(1), ...picked(4, 3), ...ended(9, 'COMPLETEAGENT|3|5|1')]
      await assertParkings(hungUp(scene.at(9).hangupRequest(RETRIEVER)), expected)
    }
  })
})

describe('track-parked: what a picked-up call becomes', () => {
  it('is parked again, in the same lot or another: its closure first, whichever event comes first', async () => {
    for (const lot of ['default', 'vip']) {
      for (const parkedFirst of [true, false]) {
        const scene = retrieved().at(7)
        const park = (): Scene => scene.parking('ParkedCall', PARKEE, { Parkinglot: lot, ParkingSpace: '702' })
        const transfer = (): Scene => scene.blindTransfer(RETRIEVER, PARKEE, '700')
        if (parkedFirst) park()
        transfer()
        if (!parkedFirst) park()
        scene.leave('talk', PARKEE).leave('talk', RETRIEVER).enterLot('lot', PARKEE).hangup(RETRIEVER).at(9)
        scene.parking('ParkedCallGiveUp', PARKEE, { Parkinglot: lot, ParkingSpace: '702' }).hangup(PARKEE)
        await assertParkings(scene, [
          entered(1),
          ...picked(4, 3),
          ...ended(7, 'BLINDTRANSFER|700|from-internal|3|3|1'),
          entered(7, '702-5551000', lot),
          left(9, 'ABANDON|1|1|2', lot),
        ])
      }
    }
  })

  it('is parked again by one touch: closed as the agent’s', async () => {
    const scene = retrieved().at(7).parking('ParkedCall', PARKEE, { ParkingSpace: '702' }).leave('talk', PARKEE)
    scene.leave('talk', RETRIEVER).hangup(RETRIEVER).at(9).parking('ParkedCallGiveUp', PARKEE, { ParkingSpace: '702' })
    await assertParkings(scene.hangup(PARKEE), [
      entered(1),
      ...picked(4, 3),
      ...ended(7, 'COMPLETEAGENT|3|3|1'),
      entered(7, '702-5551000'),
      left(9, 'ABANDON|1|1|2'),
    ])
  })

  it('is transferred, or enters a queue', async () => {
    const blind = retrieved().at(6).blindTransfer(RETRIEVER, PARKEE, '1003')
    const blindLines = ended(6, 'BLINDTRANSFER|1003|from-internal|3|2|1')
    await assertParkings(hungUp(blind), [entered(1), ...picked(4, 3), ...blindLines])
    const queued = retrieved().at(6).leave('talk', PARKEE).queueCallerJoin(PARKEE).hangup(PARKEE, RETRIEVER)
    await assertParkings(queued, [entered(1), ...picked(4, 3), ...ended(6, 'COMPLETEAGENT|3|2|1')])
  })

  it('goes on through a transfer that fails', async () => {
    const scene = retrieved().at(6).blindTransfer(RETRIEVER, PARKEE, '1', 'Failure').at(8).hangupRequest(PARKEE)
    await assertParkings(hungUp(scene), [entered(1), ...picked(4, 3), ...ended(8, 'COMPLETECALLER|3|4|1')])
  })

  it('is ended by the caller behind the Local half that was parked', async () => {
    const half = 'Local/1002@q-1;2'
    const scene = new Scene().localBridge('Local/1002@q-1').enter('queue', 'Local/1002@q-1;1').enter('queue', 'caller')
    scene.at(1).parking('ParkedCall', half).enterLot('lot', half).at(4).retrieve(half, RETRIEVER).leave('lot', half)
    scene.enter('talk', half).enter('talk', RETRIEVER).at(9).hangupRequest('caller').leave('queue', 'caller')
    scene.leave('queue', 'Local/1002@q-1;1').leave('talk', half).leave('talk', RETRIEVER)
    scene.hangup(half, 'Local/1002@q-1;1', RETRIEVER, 'caller')
    await assertParkings(scene, [
      entered(1, '701-5551000', 'default', half),
      ...picked(4, 3, 'default', half),
      ...ended(9, 'COMPLETECALLER|3|5|1', 'default', half),
    ])
  })

  it('is picked up twice by one agent at once: added at the first, removed after the last', async () => {
    const scene = parked().parking('ParkedCall', 'b', { ParkingSpace: '702' }).at(4).retrieve(PARKEE, RETRIEVER)
    scene.retrieve('b', 'PJSIP/1002-00000009', { ParkingSpace: '702' }).at(5).hangup(PARKEE, RETRIEVER).at(6)
    scene.hangupRequest('b').hangup('b', 'PJSIP/1002-00000009')
    await assertParkings(scene, [
      entered(1),
      entered(1, '702-5551000', 'default', 'b'),
      ...picked(4, 3),
      '4|:<b>|pk-default|PJSIP/1002|CONNECT|3|<PJSIP/1002-00000009>|0',
      `5|:<${PARKEE}>|pk-default|PJSIP/1002|COMPLETECALLER|3|1|1`,
      '6|:<b>|pk-default|PJSIP/1002|COMPLETECALLER|3|2|1',
      '6|MANAGER|pk-default|PJSIP/1002|REMOVEMEMBER|',
    ])
  })
})

describe('track-parked: the closure of the call before', () => {
  const ofQueue = (): Scene => new Scene().at(0).connected(PARKEE, 'PJSIP/1001').at(1)
  const end = (scene: Scene): Scene => scene.at(9).parking('ParkedCallGiveUp', PARKEE).hangup(PARKEE, 'PJSIP/1001')

  it('comes first: ParkedCall before and after AgentComplete', async () => {
    const before = ofQueue().parking('ParkedCall', PARKEE).at(1.5).agentComplete(PARKEE, 'PJSIP/1001')
    await assertParkings(end(before), [entered(1), left(9, 'ABANDON|1|1|8')])
    const after = ofQueue().agentComplete(PARKEE, 'PJSIP/1001').parking('ParkedCall', PARKEE)
    await assertParkings(end(after), [entered(1), left(9, 'ABANDON|1|1|8')])
  })

  it('is waited for one second, and no longer than the next event of the parking', async () => {
    // Another parking in between shows when the first was written.
    const waited = ofQueue().parking('ParkedCall', PARKEE).at(1.9).parking('ParkedCall', 'b', { ParkingSpace: '702' })
    waited
      .at(2)
      .parking('ParkedCall', 'c', { ParkingSpace: '703' })
      .at(3)
      .parking('ParkedCallGiveUp', 'b', { ParkingSpace: '702' })
    waited.parking('ParkedCallGiveUp', 'c', { ParkingSpace: '703' }).hangup('b', 'c')
    await assertParkings(end(waited), [
      entered(1, '702-5551000', 'default', 'b'),
      entered(1),
      entered(2, '703-5551000', 'default', 'c'),
      left(3, 'ABANDON|1|1|2', 'default', 'b'),
      left(3, 'ABANDON|1|1|1', 'default', 'c'),
      left(9, 'ABANDON|1|1|8'),
    ])
    const cut = ofQueue().parking('ParkedCall', PARKEE).at(1.2).parking('ParkedCallGiveUp', PARKEE)
    await assertParkings(cut.hangup(PARKEE, 'PJSIP/1001'), [entered(1), left(1, 'ABANDON|1|1|0')])
  })

  it('is not invented where none comes; a parking held back at the end of a dump is written', async () => {
    const scene = ofQueue().parking('ParkedCall', PARKEE)
    const tracker = await assertLines(() => trackingOf('track-parked'), scene, [entered(1)])
    assert.notEqual(tracker.size, 0)
  })

  it('of a tracked call is its end line and the REMOVEMEMBER behind it', async () => {
    const scene = new Scene().enter('out', 'agent').enter('out', PARKEE)
    const callid = `:${scene.uniqueid('agent')}`
    const own = (event: string, ...data: string[]): Scene => scene.line(callid, 'q-acme', 'PJSIP/1001', event, ...data)
    own('CONNECT', '1', scene.uniqueid(PARKEE), '1').at(1).parking('ParkedCall', PARKEE).at(1.1)
    own('COMPLETEAGENT', '1', '1', '1').line('MANAGER', 'q-acme', 'PJSIP/1001', 'REMOVEMEMBER').at(9)
    scene.parking('ParkedCallGiveUp', PARKEE).hangup('agent', PARKEE)
    await assertParkings(scene, [
      `0|${callid}|q-acme|PJSIP/1001|CONNECT|1|<${PARKEE}>|1`,
      `1|${callid}|q-acme|PJSIP/1001|COMPLETEAGENT|1|1|1`,
      '1|MANAGER|q-acme|PJSIP/1001|REMOVEMEMBER|',
      entered(1),
      left(9, 'ABANDON|1|1|8'),
    ])
  })
})

describe('track-parked: what comes late or is not seen', () => {
  it('waits for the closure of a tracked call of which the Local half between its parties is parked', async () => {
    const half = 'Local/x@ctx-00000009;1'
    const scene = new Scene().localBridge('Local/x@ctx-00000009').enter('near', 'agent').enter('near', half)
    scene.enter('far', 'Local/x@ctx-00000009;2').enter('far', 'peer')
    const callid = `:${scene.uniqueid('agent')}`
    const own = (event: string, ...data: string[]): Scene => scene.line(callid, 'q-acme', 'PJSIP/1001', event, ...data)
    own('CONNECT', '1', scene.uniqueid('peer'), '1').at(1).parking('ParkedCall', half).at(1.1)
    own('COMPLETEAGENT', '1', '1', '1').at(9).parking('ParkedCallGiveUp', half)
    scene.hangup('agent', half, 'Local/x@ctx-00000009;2', 'peer')
    await assertParkings(scene, [
      `0|${callid}|q-acme|PJSIP/1001|CONNECT|1|<peer>|1`,
      `1|${callid}|q-acme|PJSIP/1001|COMPLETEAGENT|1|1|1`,
      entered(1, '701-5551000', 'default', half),
      left(9, 'ABANDON|1|1|8', 'default', half),
    ])
  })

  it('remembers nothing of a parking whose events come after the Hangup', async () => {
    const late = new Scene().at(1).enter('talk', PARKEE).hangup(PARKEE).parking('ParkedCall', PARKEE)
    await assertParkings(late.parking('ParkedCallGiveUp', PARKEE), [])
    const retriever = parked().at(4).enter('talk', RETRIEVER).hangup(RETRIEVER).retrieve(PARKEE, RETRIEVER).at(5)
    await assertParkings(retriever.leave('lot', PARKEE).hangup(PARKEE), [entered(1), left(5, 'ABANDON|1|1|4')])
  })

  it('writes at the end of a dump that a caller gave up who hung up without an event that says so', async () => {
    await assertParkings(parked().at(5).hangup(PARKEE), [entered(1), left(5, 'ABANDON|1|1|4')])
  })
})

describe('track-parked: an attended transfer into a lot', () => {
  it('moves the parked call to the channel that takes the parker’s place; callid and label stay', async () => {
    const scene = new Scene().at(1).parking('ParkedCall', 'parker', { ParkeeCallerIDNum: '1001' }).at(4)
    scene.parking('ParkedCallSwap', 'Local/_attended@transfer-1;2').hangup('parker').at(8)
    scene.parking('ParkedCallGiveUp', 'Local/_attended@transfer-1;2').hangup('Local/_attended@transfer-1;2')
    await assertParkings(scene, [
      entered(1, '701-1001', 'default', 'parker'),
      left(8, 'ABANDON|1|1|7', 'default', 'parker'),
    ])
  })

  it('does so where the parker hangs up a moment before the swap', async () => {
    const scene = new Scene().at(1).parking('ParkedCall', 'parker').at(4).hangup('parker')
    scene.parking('ParkedCallSwap', PARKEE).at(8).retrieve(PARKEE, RETRIEVER).enter('talk', PARKEE)
    scene.enter('talk', RETRIEVER).at(9).hangupRequest(RETRIEVER)
    await assertParkings(hungUp(scene), [
      entered(1, '701-5551000', 'default', 'parker'),
      ...picked(8, 7, 'default', 'parker'),
      ...ended(9, 'COMPLETEAGENT|7|1|1', 'default', 'parker'),
    ])
  })
})
