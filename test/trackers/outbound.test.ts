import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { compilePattern } from '../../lib/options/kinds.ts'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const AGENT = 'PJSIP/1001-00000001'
const TRUNK = 'PJSIP/trunk-00000002'

/** Asserts the lines of a scene, and that nothing is remembered once its channels have hung up. */
async function assertCalls(
  scene: Scene,
  expected: string[],
  options: Parameters<typeof trackingOf>[1] = {},
): Promise<void> {
  const tracker = await assertLines(() => trackingOf('track-outbound', options), scene, expected)
  assert.equal(tracker.size, 0, 'entries left')
}

const line = (time: number, rest: string, queue = 'q-acme', agent = 'PJSIP/1001'): string => {
  const [event, ...data] = rest.split('|')
  return `${time}|:<${AGENT}>|${queue}|${agent}|${[event, ...data].join('|')}`
}
const add = (time: number, queue = 'q-acme'): string => `${time}|MANAGER|${queue}|PJSIP/1001|ADDMEMBER|`
const remove = (time: number, queue = 'q-acme'): string => `${time}|MANAGER|${queue}|PJSIP/1001|REMOVEMEMBER|`

/** 1001 dials out at 0, the dial's account code acme. */
const dialled = (): Scene => new Scene().at(0).create(AGENT, '95550001').dial(AGENT, TRUNK, { AccountCode: 'acme' })
const connected = (): Scene => dialled().at(2).answered(AGENT, TRUNK)
const BEGUN = [add(0), line(0, 'CALLOUTBOUND||95550001')]
const CONNECTED = [...BEGUN, line(2, `CONNECT|2|<${TRUNK}>|2`)]
const gone = (scene: Scene, ...channels: string[]): Scene =>
  scene.hangup(...(channels.length > 0 ? channels : [AGENT, TRUNK]))

describe('track-outbound: a call', () => {
  it('that the agent ends', async () => {
    const scene = connected().at(5).hangupRequest(AGENT).leave('talk', AGENT).leave('talk', TRUNK)
    await assertCalls(gone(scene), [...CONNECTED, line(5, 'COMPLETEAGENT|2|3|1'), remove(5)])
  })

  it('that the called party ends', async () => {
    const scene = connected().at(5).hangupRequest(TRUNK).leave('talk', TRUNK).leave('talk', AGENT)
    await assertCalls(gone(scene, TRUNK, AGENT), [...CONNECTED, line(5, 'COMPLETECALLER|2|3|1'), remove(5)])
  })

  it('that ends without a HangupRequest: whoever left first, whichever Hangup comes first', async () => {
    for (const [first, verb] of [
      [AGENT, 'COMPLETEAGENT'],
      [TRUNK, 'COMPLETECALLER'],
    ] as const) {
      for (const hangups of [
        [AGENT, TRUNK],
        [TRUNK, AGENT],
      ]) {
        const scene = connected()
          .at(5)
          .leave('talk', first)
          .leave('talk', first === AGENT ? TRUNK : AGENT)
        await assertCalls(gone(scene, ...hangups), [...CONNECTED, line(5, `${verb}|2|3|1`), remove(5)])
      }
    }
  })

  it('that nobody answers', async () => {
    const scene = dialled().at(4).hangupRequest(AGENT).dialEnd(AGENT, TRUNK, 'CANCEL')
    await assertCalls(gone(scene), [...BEGUN, line(4, 'ABANDON|1|1|4'), remove(4)])
  })

  it('whose DialEnd never comes', async () => {
    await assertCalls(gone(dialled().at(4)), [...BEGUN, line(4, 'ABANDON|1|1|4'), remove(4)])
  })

  it('that voicemail answers: the wait ends at the last DialEnd', async () => {
    const scene = dialled().at(6).dialEnd(AGENT, TRUNK, 'NOANSWER').hangup(TRUNK).at(8).up(AGENT).at(12)
    await assertCalls(gone(scene, AGENT), [...BEGUN, line(8, 'ABANDON|1|1|6'), remove(8)])
  })

  it('is tracked from the threshold on: 299 ms is no call, 300 and 301 ms are', async () => {
    for (const [seconds, tracked] of [
      [0.299, false],
      [0.3, true],
      [0.301, true],
    ] as const) {
      const scene = gone(dialled().at(seconds).answered(AGENT, TRUNK).at(3).hangupRequest(AGENT))
      const expected = [...BEGUN, line(0, `CONNECT|0|<${TRUNK}>|0`), line(3, 'COMPLETEAGENT|0|3|1'), remove(3)]
      await assertCalls(scene, tracked ? expected : [])
    }
  })

  it('shows while it rings: at the time of the threshold, however late the next event', async () => {
    const scene = new Scene().at(0.9).create(AGENT, '95550001').dial(AGENT, TRUNK, { AccountCode: 'acme' }).at(7.5)
    const expected = [add(1), line(1, 'CALLOUTBOUND||95550001'), line(7, 'ABANDON|1|1|7'), remove(7)]
    await assertCalls(gone(scene), expected)
  })

  it('is on q-outbound without an account code, hidden where its channel says so, and unprefixed if so wished', async () => {
    const scene = (): Scene => gone(new Scene().create(AGENT, '1').dial(AGENT, TRUNK).at(1))
    const lines = (queue: string): string[] => [
      add(0, queue),
      line(0, 'CALLOUTBOUND||1', queue),
      line(1, 'ABANDON|1|1|1', queue),
      remove(1, queue),
    ]
    await assertCalls(scene(), lines('q-outbound'))
    await assertCalls(scene(), lines('_q-outbound'), { 'hidden-channels': compilePattern('^PJSIP/1001-', 'hidden') })
    const unprefixed = lines('q-outbound').map((text) => text.replace('|:', '|'))
    await assertCalls(scene(), unprefixed, { rewriteuniqueids: false })
  })

  it('keeps the account code it began with', async () => {
    const scene = dialled()
      .at(1)
      .event('NewAccountCode', { Uniqueid: `${1_800_000_000}.0`, AccountCode: 'other' })
    await assertCalls(gone(scene.at(2)), [...BEGUN, line(2, 'ABANDON|1|1|2'), remove(2)])
  })

  it('of which the beginning was not seen gets no lines', async () => {
    const scene = new Scene()
    scene.uniqueid(AGENT)
    scene.uniqueid(TRUNK)
    await assertCalls(gone(scene.dial(AGENT, TRUNK).at(2).answered(AGENT, TRUNK).at(5).hangupRequest(AGENT)), [])
  })

  it('ends in a graveyard of missed events without leaving anything behind', async () => {
    await assertCalls(gone(connected().at(5), TRUNK, AGENT), [...CONNECTED, line(5, 'COMPLETECALLER|2|3|1'), remove(5)])
    const shutdown = dialled().at(1).event('Shutdown')
    await assertCalls(shutdown, [...BEGUN, line(1, 'ABANDON|1|1|1'), remove(1)])
  })
})

describe('track-outbound: the legs of a call', () => {
  it('a ring group is one call, its peer the leg that answers, RING that leg’s own', async () => {
    const scene = dialled().at(1).dial(AGENT, 'SIP/b-3').at(3).answered(AGENT, 'SIP/b-3')
    scene.dialEnd(AGENT, TRUNK, 'CANCEL').hangup(TRUNK).at(5).hangupRequest(AGENT)
    await assertCalls(gone(scene, AGENT, 'SIP/b-3'), [
      ...BEGUN,
      line(3, 'CONNECT|3|<SIP/b-3>|2'),
      line(5, 'COMPLETEAGENT|3|2|1'),
      remove(5),
    ])
  })

  it('a Local pair is followed to the real channel behind it, also through pairs within pairs', async () => {
    const scene = new Scene().create(AGENT, '25550007').localBridge('Local/a@x-1').create('Local/a@x-1;1', 'a')
    scene.create('Local/a@x-1;2', 'a').dial(AGENT, 'Local/a@x-1;1', { AccountCode: 'acme' })
    scene.localBridge('Local/b@x-2').create('Local/b@x-2;1').create('Local/b@x-2;2')
    scene.dial('Local/a@x-1;2', 'Local/b@x-2;1').dial('Local/b@x-2;2', TRUNK).at(2).up(TRUNK)
    scene.dialEnd('Local/b@x-2;2', TRUNK).up('Local/b@x-2;1').dialEnd('Local/a@x-1;2', 'Local/b@x-2;1')
    scene.up('Local/a@x-1;1').dialEnd(AGENT, 'Local/a@x-1;1').enter('1', AGENT).enter('1', 'Local/a@x-1;1')
    scene.enter('2', 'Local/a@x-1;2').enter('2', 'Local/b@x-2;1').enter('3', 'Local/b@x-2;2').enter('3', TRUNK)
    scene.at(4).hangupRequest(TRUNK).leave('3', TRUNK).hangup(TRUNK, 'Local/b@x-2;2', 'Local/b@x-2;1')
    scene.hangup('Local/a@x-1;2', 'Local/a@x-1;1').hangup(AGENT)
    await assertCalls(scene, [
      add(0),
      line(0, 'CALLOUTBOUND||25550007'),
      line(2, `CONNECT|2|<${TRUNK}>|2`),
      line(4, 'COMPLETECALLER|2|2|1'),
      remove(4),
    ])
  })

  it('a second dial after a busy one goes on with the call', async () => {
    const scene = dialled().at(1).dialEnd(AGENT, TRUNK, 'BUSY').hangup(TRUNK).at(2).dial(AGENT, 'SIP/b-3').at(5)
    scene.answered(AGENT, 'SIP/b-3').at(6).hangupRequest(AGENT)
    await assertCalls(gone(scene, AGENT, 'SIP/b-3'), [
      ...BEGUN,
      line(5, 'CONNECT|5|<SIP/b-3>|3'),
      line(6, 'COMPLETEAGENT|5|1|1'),
      remove(6),
    ])
  })

  it('a forward goes on with the call', async () => {
    const scene = dialled().at(1).dialEnd(AGENT, TRUNK, 'CANCEL').dial(AGENT, 'SIP/b-3').hangup(TRUNK).at(3)
    scene.answered(AGENT, 'SIP/b-3').at(4).hangupRequest('SIP/b-3')
    await assertCalls(gone(scene, 'SIP/b-3', AGENT), [
      ...BEGUN,
      line(3, 'CONNECT|3|<SIP/b-3>|2'),
      line(4, 'COMPLETECALLER|3|1|1'),
      remove(4),
    ])
  })

  it('a dial that fails before the threshold does not count: the next begins anew', async () => {
    const scene = dialled().at(0.2).dialEnd(AGENT, TRUNK, 'CONGESTION').hangup(TRUNK).at(1)
    scene.dial(AGENT, 'SIP/b-3', { AccountCode: 'late' }).at(3)
    await assertCalls(gone(scene, AGENT, 'SIP/b-3'), [
      add(1, 'q-late'),
      line(1, 'CALLOUTBOUND||95550001', 'q-late'),
      line(3, 'ABANDON|1|1|2', 'q-late'),
      remove(3, 'q-late'),
    ])
  })

  it('a call picked up by another phone is answered by a channel that was never dialled', async () => {
    const scene = dialled().at(1).create('SIP/p-9', '**1006').at(2).dialEnd(AGENT, 'SIP/p-9').hangup(TRUNK)
    scene.enter('talk', 'SIP/p-9').enter('talk', AGENT).at(4).hangupRequest('SIP/p-9')
    await assertCalls(gone(scene, 'SIP/p-9', AGENT), [
      ...BEGUN,
      line(2, 'CONNECT|2|<SIP/p-9>|2'),
      line(4, 'COMPLETECALLER|2|2|1'),
      remove(4),
    ])
  })

  it('both in one bridge is an answer, where DialEnd comes late or never', async () => {
    const scene = dialled().at(2).up(TRUNK).enter('talk', TRUNK).enter('talk', AGENT).at(3).dialEnd(AGENT, TRUNK)
    await assertCalls(gone(scene.at(5).hangupRequest(AGENT)), [...CONNECTED, line(5, 'COMPLETEAGENT|2|3|1'), remove(5)])
  })

  it('a new dial after the peer hung up is not tracked again', async () => {
    const scene = connected().at(5).hangupRequest(TRUNK).leave('talk', TRUNK).leave('talk', AGENT).hangup(TRUNK)
    scene.at(6).dial(AGENT, 'SIP/b-3').at(8).answered(AGENT, 'SIP/b-3').at(9)
    const expected = [...CONNECTED, line(5, 'COMPLETECALLER|2|3|1'), remove(5)]
    await assertCalls(gone(scene, AGENT, 'SIP/b-3'), expected)
  })
})

describe('track-outbound: what is no outbound call', () => {
  it('the dials of a queue, of a caller who was in one, and of one who was parked', async () => {
    const queue = new Scene().create('caller').queueCallerJoin('caller').dial('caller', AGENT).at(2)
    await assertCalls(gone(queue, AGENT, 'caller'), [])
    const parked = new Scene().create('caller').parking('ParkedCall', 'caller').at(1).dial('caller', AGENT).at(3)
    await assertCalls(gone(parked, AGENT, 'caller'), [])
  })

  it('the dials behind a queue’s Local member', async () => {
    const scene = new Scene().create('caller').queueCallerJoin('caller').localBridge('Local/1002@q-1')
    scene.create('Local/1002@q-1;1').create('Local/1002@q-1;2').dial('caller', 'Local/1002@q-1;1')
    scene.dial('Local/1002@q-1;2', AGENT).at(2)
    await assertCalls(gone(scene, AGENT, 'Local/1002@q-1;2', 'Local/1002@q-1;1', 'caller'), [])
  })

  it('the dial of a called party that was transferred to an extension', async () => {
    const scene = connected().at(4).blindTransfer(AGENT, TRUNK, '1002').leave('talk', TRUNK).leave('talk', AGENT)
    scene.hangup(AGENT).dial(TRUNK, 'SIP/b-3').at(7).answered(TRUNK, 'SIP/b-3').at(9)
    const expected = [...CONNECTED, line(4, 'BLINDTRANSFER|1002|from-internal|2|2|1'), remove(4)]
    await assertCalls(gone(scene, TRUNK, 'SIP/b-3'), expected)
  })

  it('the consultation that a DTMF transfer dials from a Local half of its own', async () => {
    const scene = connected().at(3).localBridge('Local/1002@x-5').create('Local/1002@x-5;1').create('Local/1002@x-5;2')
    scene.leave('talk', AGENT).enter('consult', 'Local/1002@x-5;1').enter('consult', AGENT)
    scene.dial('Local/1002@x-5;2', 'SIP/b-3').at(5).up('SIP/b-3').dialEnd('Local/1002@x-5;2', 'SIP/b-3')
    scene.dialEnd(undefined, 'Local/1002@x-5;1').at(6).hangupRequest(AGENT).leave('consult', AGENT)
    scene.attendedTransfer(AGENT, AGENT).hangup(AGENT).at(9)
    scene.hangup('SIP/b-3', 'Local/1002@x-5;2', 'Local/1002@x-5;1', TRUNK)
    await assertCalls(scene, [...CONNECTED, line(6, 'ATTENDEDTRANSFER|BRIDGE|b-1|2|4|1'), remove(6)])
  })
})

describe('track-outbound: click-to-call', () => {
  it('is tracked when the phone dials; the number is where it dials from', async () => {
    const scene = new Scene()
      .create(AGENT, 's', 'acme')
      .dial(undefined, AGENT)
      .at(5)
      .up(AGENT)
      .dialEnd(undefined, AGENT)
    scene.at(6).dial(AGENT, TRUNK, { AccountCode: 'clicks', Exten: '95550009' }).at(8)
    await assertCalls(gone(scene), [
      add(6, 'q-clicks'),
      line(6, 'CALLOUTBOUND||95550009', 'q-clicks'),
      line(8, 'ABANDON|1|1|2', 'q-clicks'),
      remove(8, 'q-clicks'),
    ])
  })

  it('from a subroutine takes the number of the OriginateResponse, before or after the DialBegin, else the DialString’s', async () => {
    for (const [before, after, dialString, number] of [
      [true, false, 'x@trunk', '95550009'],
      [false, true, 'x@trunk', '95550009'],
      [false, false, '5550009@trunk', '5550009'],
      [false, false, '1002/sip:1002@127.0.0.1:1', '1002'],
      [false, false, 'trunk/5550009', '5550009'],
      [false, false, '5550009@from-internal/nj', '5550009'],
      [false, false, 'trunk/sip:5550009@192.0.2.1', '5550009'],
      [false, false, '1002/sip:line-2@192.0.2.1', '1002'],
    ] as const) {
      const scene = new Scene().create(AGENT, 's').dial(undefined, AGENT).at(1).up(AGENT)
      const respond = (): Scene =>
        scene.event('OriginateResponse', { ActionID: '1', Uniqueid: scene.uniqueid(AGENT), Exten: '95550009' })
      if (before) respond()
      scene.dial(AGENT, TRUNK, { Exten: 's', DialString: dialString, AccountCode: 'acme' })
      if (after) respond()
      await assertCalls(gone(scene.at(3)), [
        add(1),
        line(1, `CALLOUTBOUND||${number}`),
        line(3, 'ABANDON|1|1|2'),
        remove(3),
      ])
    }
  })

  it('through Local is the call of the phone that ;2 reached, and goes on when the pair is optimised away', async () => {
    const scene = new Scene().localBridge('Local/1001@x-1').create('Local/1001@x-1;1', '1001')
    scene.create('Local/1001@x-1;2', '1001').dial(undefined, 'Local/1001@x-1;1').create(AGENT, 's', 'acme')
    scene.dial('Local/1001@x-1;2', AGENT).at(2).up(AGENT).dialEnd('Local/1001@x-1;2', AGENT)
    scene.enter('phone', AGENT).enter('phone', 'Local/1001@x-1;2').dialEnd(undefined, 'Local/1001@x-1;1')
    scene.event('OriginateResponse', { Uniqueid: scene.uniqueid('Local/1001@x-1;1'), Exten: '95550006' })
    scene.dial('Local/1001@x-1;1', TRUNK, { Exten: 's' }).at(4).answered('Local/1001@x-1;1', TRUNK)
    scene.at(4.1).localOptimizationBegin('Local/1001@x-1')
    scene.leave('phone', AGENT).leave('talk', 'Local/1001@x-1;1').swap('talk', 'Local/1001@x-1;1', AGENT)
    scene.leave('phone', 'Local/1001@x-1;2').hangup('Local/1001@x-1;2', 'Local/1001@x-1;1')
    scene.at(7).hangupRequest(TRUNK).leave('talk', TRUNK).leave('talk', AGENT)
    await assertCalls(gone(scene), [
      add(2),
      line(2, 'CALLOUTBOUND||95550006'),
      line(4, `CONNECT|2|<${TRUNK}>|2`),
      line(7, 'COMPLETECALLER|2|3|1'),
      remove(7),
    ])
  })
})

describe('track-outbound: a call and what is beside it', () => {
  const PAIR = 'Local/x@ctx-00000009'
  /** 1001 calls out through a Local pair; the called party answers at 2. */
  const throughPair = (): Scene => {
    const scene = new Scene().create(AGENT, '95550001').localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
    scene.dial(AGENT, `${PAIR};1`, { AccountCode: 'acme' }).dial(`${PAIR};2`, TRUNK).at(2).up(TRUNK)
    scene.dialEnd(`${PAIR};2`, TRUNK).enter('far', TRUNK).enter('far', `${PAIR};2`).up(`${PAIR};1`)
    return scene.dialEnd(AGENT, `${PAIR};1`).enter('near', `${PAIR};1`).enter('near', AGENT)
  }
  const allOfPair = [AGENT, `${PAIR};1`, `${PAIR};2`, TRUNK]

  it('is not ended by what its consultation becomes: it enters a queue, and the agent returns', async () => {
    const scene = connected().at(10).localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`).leave('talk', AGENT)
    scene.enter('consult', `${PAIR};1`).enter('consult', AGENT).queueCallerJoin(`${PAIR};2`).at(20)
    scene.leave('consult', AGENT).enter('talk', AGENT).hangup(`${PAIR};1`, `${PAIR};2`).at(60).hangupRequest(TRUNK)
    await assertCalls(gone(scene, TRUNK, AGENT), [...CONNECTED, line(60, 'COMPLETECALLER|2|58|1'), remove(60)])
  })

  it('is closed when the Local half between its parties is parked or enters a queue', async () => {
    for (const away of [
      (scene: Scene) => scene.parking('ParkedCall', `${PAIR};1`),
      (scene: Scene) => scene.queueCallerJoin(`${PAIR};1`),
    ]) {
      const scene = away(throughPair().at(5)).leave('near', `${PAIR};1`).at(9)
      await assertCalls(gone(scene, ...allOfPair), [...CONNECTED, line(5, 'COMPLETEAGENT|2|3|1'), remove(5)])
    }
  })

  it('is closed unanswered when its only leg enters a queue behind a Local pair', async () => {
    const scene = new Scene().create(AGENT, '95550001').localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
    scene
      .dial(AGENT, `${PAIR};1`, { AccountCode: 'acme' })
      .at(1)
      .queueCallerJoin(`${PAIR};2`)
      .dial(`${PAIR};2`, 'm')
      .at(6)
    scene.up('m').dialEnd(`${PAIR};2`, 'm').up(`${PAIR};1`).dialEnd(AGENT, `${PAIR};1`).at(20)
    const expected = [...BEGUN, line(1, 'ABANDON|1|1|1'), remove(1)]
    await assertCalls(gone(scene, AGENT, 'm', `${PAIR};1`, `${PAIR};2`), expected)
  })

  it('has the phone that picked it up behind a Local pair for its peer', async () => {
    const scene = new Scene().create(AGENT, '95550001').localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
    scene.dial(AGENT, `${PAIR};1`, { AccountCode: 'acme' }).dial(`${PAIR};2`, TRUNK).at(1).create('SIP/p-9', '**1')
    scene.at(2).dialEnd(`${PAIR};2`, 'SIP/p-9').hangup(TRUNK).up(`${PAIR};1`).dialEnd(AGENT, `${PAIR};1`)
    scene.enter('near', `${PAIR};1`).enter('near', AGENT).at(5)
    scene.hangupRequest(AGENT)
    await assertCalls(gone(scene, AGENT, `${PAIR};1`, `${PAIR};2`, 'SIP/p-9'), [
      ...BEGUN,
      line(2, 'CONNECT|2|<SIP/p-9>|2'),
      line(5, 'COMPLETEAGENT|2|3|1'),
      remove(5),
    ])
  })

  it('rings as long as the leg that answers, also behind a Local pair after a busy one', async () => {
    const scene = new Scene().create(AGENT, '95550001').localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
    scene
      .dial(AGENT, `${PAIR};1`, { AccountCode: 'acme' })
      .dial(`${PAIR};2`, 'SIP/b-3')
      .at(4)
      .dialEnd(`${PAIR};2`, 'SIP/b-3', 'BUSY')
    scene
      .hangup('SIP/b-3')
      .dial(`${PAIR};2`, TRUNK)
      .at(6)
      .up(TRUNK)
      .dialEnd(`${PAIR};2`, TRUNK)
      .dialEnd(AGENT, `${PAIR};1`)
      .enter('near', `${PAIR};1`)
      .enter('near', AGENT)
    await assertCalls(gone(scene.at(9).hangupRequest(AGENT), ...allOfPair), [
      ...BEGUN,
      line(6, `CONNECT|6|<${TRUNK}>|2`),
      line(9, 'COMPLETEAGENT|6|3|1'),
      remove(9),
    ])
  })

  it('into a conference is not ended by one of the others who leaves', async () => {
    const scene = new Scene().create(AGENT, '95550001').localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
    scene.dial(AGENT, `${PAIR};1`, { AccountCode: 'acme' }).at(2).up(`${PAIR};1`).dialEnd(AGENT, `${PAIR};1`)
    scene.enter('near', `${PAIR};1`).enter('near', AGENT).enter('conference', 'other').enter('conference', `${PAIR};2`)
    scene.at(5).hangupRequest('other').leave('conference', 'other').hangup('other').at(60).hangupRequest(AGENT)
    await assertCalls(gone(scene, AGENT, `${PAIR};1`, `${PAIR};2`), [
      ...BEGUN,
      line(2, `CONNECT|2|<${PAIR};1>|2`),
      line(60, 'COMPLETEAGENT|2|58|1'),
      remove(60),
    ])
  })

  it('is closed unanswered when the phone of a click-to-call transfers it while it rings', async () => {
    const scene = new Scene().localBridge(PAIR).create(`${PAIR};1`, '1001').create(`${PAIR};2`, '1001')
    scene.dial(undefined, `${PAIR};1`).create(AGENT, 's', 'acme').dial(`${PAIR};2`, AGENT).at(2).up(AGENT)
    scene.dialEnd(`${PAIR};2`, AGENT).enter('phone', AGENT).enter('phone', `${PAIR};2`).dialEnd(undefined, `${PAIR};1`)
    scene.dial(`${PAIR};1`, TRUNK, { Exten: '5' }).at(4).blindTransfer(AGENT, `${PAIR};2`, '1003').hangup(AGENT).at(9)
    scene.answered(`${PAIR};1`, TRUNK).at(20)
    await assertCalls(gone(scene, `${PAIR};1`, `${PAIR};2`, TRUNK), [
      add(2),
      line(2, 'CALLOUTBOUND||5'),
      line(4, 'ABANDON|1|1|2'),
      remove(4),
    ])
  })

  it('is a transfer although the agent hangs up a moment before the event that says so', async () => {
    const scene = connected().at(6).leave('talk', AGENT).enter('consult', AGENT).at(10).hangupRequest(AGENT)
    scene.leave('consult', AGENT).hangup(AGENT).attendedTransfer(AGENT, AGENT).at(20)
    const expected = [...CONNECTED, line(10, 'ATTENDEDTRANSFER|BRIDGE|b-1|2|8|1'), remove(10)]
    await assertCalls(gone(scene, TRUNK), expected)
  })
})

describe('track-outbound: what a call becomes', () => {
  it('ends at a blind transfer by either side, and not at one that fails', async () => {
    for (const [transferer, transferee] of [
      [AGENT, TRUNK],
      [TRUNK, AGENT],
    ] as const) {
      const scene = connected().at(3).blindTransfer(transferer, transferee, '9', 'Invalid').at(4)
      const expected = [...CONNECTED, line(4, 'BLINDTRANSFER|1002|from-internal|2|2|1'), remove(4)]
      await assertCalls(gone(scene.blindTransfer(transferer, transferee, '1002').at(6)), expected)
    }
  })

  it('ends two calls at one attended transfer, the original one first, and the agent leaves after the last', async () => {
    const second = 'PJSIP/1001-00000003'
    const scene = connected().at(3).create(second, '1002').dial(second, 'SIP/b-4', { AccountCode: 'acme' }).at(5)
    scene.answered(second, 'SIP/b-4', 'consult').at(7).attendedTransfer(AGENT, second)
    await assertCalls(gone(scene.at(9), AGENT, second, TRUNK, 'SIP/b-4'), [
      ...CONNECTED,
      `3|:<${second}>|q-acme|PJSIP/1001|CALLOUTBOUND||1002`,
      `5|:<${second}>|q-acme|PJSIP/1001|CONNECT|2|<SIP/b-4>|2`,
      line(7, 'ATTENDEDTRANSFER|BRIDGE|b-1|2|5|1'),
      `7|:<${second}>|q-acme|PJSIP/1001|ATTENDEDTRANSFER|BRIDGE|b-1|2|2|1`,
      remove(7),
    ])
  })

  it('writes an attended transfer to a link and to an application as Asterisk does; a threeway is none', async () => {
    const link = { DestType: 'Link', LocalOneChannel: 'Local/a;1', LocalTwoChannel: 'Local/a;2' }
    for (const [headers, data] of [
      [link, 'LINK|Local/a;1|Local/a;2'],
      [{ DestType: 'App', DestApp: 'Park' }, 'APP|Park'],
    ] as const) {
      const scene = connected().at(3).attendedTransfer(AGENT, AGENT, { DestType: 'Threeway' }).at(4)
      const expected = [...CONNECTED, line(4, `ATTENDEDTRANSFER|${data}|2|2|1`), remove(4)]
      await assertCalls(gone(scene.attendedTransfer(AGENT, AGENT, headers).at(6)), expected)
    }
  })

  it('is closed when it enters a queue, answered or not', async () => {
    const talking = connected().at(4).leave('talk', TRUNK).queueCallerJoin(TRUNK).leave('talk', AGENT).at(6)
    await assertCalls(gone(talking), [...CONNECTED, line(4, 'COMPLETEAGENT|2|2|1'), remove(4)])
    const ringing = dialled().at(3).dialEnd(AGENT, TRUNK, 'NOANSWER').hangup(TRUNK).at(4).queueCallerJoin(AGENT).at(6)
    await assertCalls(gone(ringing, AGENT), [...BEGUN, line(4, 'ABANDON|1|1|3'), remove(4)])
  })

  it('is closed by the transfer into a queue, whichever event comes first', async () => {
    const transfer = (scene: Scene): Scene => scene.blindTransfer(AGENT, TRUNK, '600')
    const join = (scene: Scene): Scene => scene.queueCallerJoin(TRUNK)
    const expected = [...CONNECTED, line(4, 'BLINDTRANSFER|600|from-internal|2|2|1'), remove(4)]
    await assertCalls(gone(join(transfer(connected().at(4))).at(6)), expected)
    await assertCalls(gone(transfer(join(connected().at(4))).at(6)), expected)
  })

  it('is closed when a party is parked: by its transfer, whichever event comes first, else as the agent’s', async () => {
    const transfer = (scene: Scene): Scene => scene.blindTransfer(AGENT, TRUNK, '700')
    const park = (scene: Scene): Scene => scene.parking('ParkedCall', TRUNK)
    const expected = [...CONNECTED, line(4, 'BLINDTRANSFER|700|from-internal|2|2|1'), remove(4)]
    await assertCalls(gone(park(transfer(connected().at(4))).at(6)), expected)
    await assertCalls(gone(transfer(park(connected().at(4))).at(6)), expected)
    const alone = [...CONNECTED, line(4, 'COMPLETEAGENT|2|2|1'), remove(4)]
    await assertCalls(gone(park(connected().at(4)).hangup(AGENT).at(6), TRUNK), alone)
  })

  it('is closed by its transfer into a lot, however late a busy server tells of it, while the parked one is in its bridge', async () => {
    const parked = (): Scene => connected().at(4).parking('ParkedCall', TRUNK).at(4.8)
    const expected = [...CONNECTED, line(4, 'BLINDTRANSFER|700|from-internal|2|2|1'), remove(4)]
    const late = parked().blindTransfer(AGENT, TRUNK, '700').leave('talk', TRUNK).leave('talk', AGENT).hangup(AGENT)
    await assertCalls(gone(late.at(6), TRUNK), expected)
    // Of who has moved into the lot it is told a moment later (asterisk-16: 0.14 ms), or not at all.
    const moved = (): Scene => parked().leave('talk', TRUNK).enterLot('lot', TRUNK)
    const told = moved().at(4.85).blindTransfer(AGENT, TRUNK, '700')
    await assertCalls(gone(told.hangup(AGENT).at(6), TRUNK), expected)
    const alone = [...CONNECTED, line(4, 'COMPLETEAGENT|2|2|1'), remove(4)]
    const tooLate = moved().at(4.95).blindTransfer(AGENT, TRUNK, '700')
    await assertCalls(gone(tooLate.hangup(AGENT).at(6), TRUNK), alone)
  })

  it('is the agent’s when a Redirect tore it apart: one party taken, or both', async () => {
    const one = connected().at(4).leave('talk', TRUNK).leave('talk', AGENT).hangup(AGENT).at(6)
    await assertCalls(gone(one, TRUNK), [...CONNECTED, line(4, 'COMPLETEAGENT|2|2|1'), remove(4)])
    const both = connected().at(4).leave('talk', TRUNK).leave('talk', AGENT).enter('a', TRUNK).enter('b', AGENT).at(6)
    both.hangupRequest(TRUNK).leave('a', TRUNK).hangup(TRUNK).at(8)
    await assertCalls(gone(both, AGENT), [...CONNECTED, line(6, 'COMPLETEAGENT|2|4|1'), remove(6)])
  })

  it('is the called party’s when it hangs up while the agent consults', async () => {
    const scene = connected().at(3).leave('talk', AGENT).enter('consult', AGENT).at(4).hangupRequest(TRUNK)
    scene.leave('talk', TRUNK).hangup(TRUNK).at(6)
    await assertCalls(gone(scene, AGENT), [...CONNECTED, line(4, 'COMPLETECALLER|2|2|1'), remove(4)])
  })

  it('counts two calls of one agent: added at the first, removed after the last', async () => {
    const second = 'PJSIP/1001-00000003'
    const scene = dialled().at(1).create(second, '2').dial(second, 'SIP/b-4', { AccountCode: 'acme' }).at(3)
    scene.hangup(AGENT, TRUNK).at(5)
    await assertCalls(gone(scene, second, 'SIP/b-4'), [
      ...BEGUN,
      `1|:<${second}>|q-acme|PJSIP/1001|CALLOUTBOUND||2`,
      line(3, 'ABANDON|1|1|3'),
      `5|:<${second}>|q-acme|PJSIP/1001|ABANDON|1|1|4`,
      remove(5),
    ])
  })
})
