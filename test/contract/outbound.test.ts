import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const AGENT = 'PJSIP/1001-00000001'
const TRUNK = 'PJSIP/trunk-00000002'
const PAIR = 'Local/5550001@x-1'

/** Asserts the lines of the agent's calls, without the ADDMEMBER and REMOVEMEMBER around them, and that none is open. */
async function assertCalls(scene: Scene, expected: string[]): Promise<void> {
  const lines = expected.map((line) => {
    const [time, ...rest] = line.split(' ')
    return `${time}|:<${AGENT}>|q-outbound|PJSIP/1001|${rest.join(' ')}`
  })
  const members = [
    `${lines[0]?.split('|')[0]}|MANAGER|q-outbound|PJSIP/1001|ADDMEMBER|`,
    `${lines.at(-1)?.split('|')[0]}|MANAGER|q-outbound|PJSIP/1001|REMOVEMEMBER|`,
  ]
  const all = lines.length === 0 ? [] : [members[0] as string, ...lines, members[1] as string]
  const tracking = await assertLines(() => trackingOf('track-outbound'), scene, all)
  assert.equal(tracking.size, 0, 'entries left')
}

const dialled = (): Scene => new Scene().at(0).create(AGENT, '95550001').dial(AGENT, TRUNK)
const connected = (): Scene => dialled().at(2).answered(AGENT, TRUNK)
const BEGUN = '0 CALLOUTBOUND||95550001'
const CONNECT = `2 CONNECT|2|<${TRUNK}>|2`

describe('The call is connected when both parties are in one bridge', () => {
  it('a DialEnd ANSWER alone is not that: the one who picked up may decline, and another may accept', async () => {
    const scene = dialled().at(2).up(TRUNK).dialEnd(AGENT, TRUNK).at(4).hangup(TRUNK).dial(AGENT, 'SIP/b-3')
    scene.at(6).answered(AGENT, 'SIP/b-3').at(9).hangupRequest(AGENT).hangup(AGENT, 'SIP/b-3')
    await assertCalls(scene, [BEGUN, '6 CONNECT|6|<SIP/b-3>|2', '9 COMPLETEAGENT|6|3|1'])
  })

  it('a leg that was answered and goes without having shared a bridge is ABANDON if nobody else comes', async () => {
    const scene = dialled().at(2).up(TRUNK).dialEnd(AGENT, TRUNK).at(4).hangup(TRUNK).at(9).hangup(AGENT)
    await assertCalls(scene, [BEGUN, '9 ABANDON|1|1|4'])
  })

  it('a phone that takes the call and hangs up before the two share a bridge leaves it unanswered', async () => {
    const scene = dialled().at(2).create('SIP/p-9', '**1').dialEnd(AGENT, 'SIP/p-9').hangup(TRUNK)
    await assertCalls(scene.at(3).hangup('SIP/p-9').at(9).hangup(AGENT), [BEGUN, '9 ABANDON|1|1|3'])
  })

  it('the two may meet in whatever bridge they share later (Dial with G())', async () => {
    const scene = dialled()
      .at(2)
      .up(TRUNK)
      .dialEnd(AGENT, TRUNK)
      .up(AGENT)
      .at(5)
      .enter('room', AGENT)
      .enter('room', TRUNK)
    scene.at(9).hangupRequest(AGENT).hangup(AGENT, TRUNK)
    await assertCalls(scene, [BEGUN, `5 CONNECT|5|<${TRUNK}>|2`, '9 COMPLETEAGENT|5|4|1'])
  })

  it('RING ends at the bridge if that came before the DialEnd', async () => {
    const scene = dialled().at(2).enter('talk', TRUNK).enter('talk', AGENT).at(3).dialEnd(AGENT, TRUNK)
    await assertCalls(scene.at(5).hangupRequest(AGENT).hangup(AGENT, TRUNK), [BEGUN, CONNECT, '5 COMPLETEAGENT|2|3|1'])
  })

  it('a Local half that Asterisk takes away before both are there leaves its place to the channel behind it', async () => {
    const scene = new Scene().at(0).create(AGENT, '95550001').localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
    scene.dial(AGENT, `${PAIR};1`).dial(`${PAIR};2`, TRUNK).at(2).up(TRUNK).dialEnd(`${PAIR};2`, TRUNK)
    scene.dialEnd(AGENT, `${PAIR};1`).enter('far', TRUNK).enter('far', `${PAIR};2`).enter('near', `${PAIR};1`)
    scene
      .swap('near', `${PAIR};1`, TRUNK)
      .leave('near', `${PAIR};1`)
      .enter('near', AGENT)
      .hangup(`${PAIR};1`, `${PAIR};2`)
    await assertCalls(scene.at(5).hangupRequest(AGENT).hangup(AGENT, TRUNK), [BEGUN, CONNECT, '5 COMPLETEAGENT|2|3|1'])
  })

  it('the phone that takes the place of the Local half which dials stands for it', async () => {
    const half = 'Local/1001@x-1;1'
    const scene = new Scene().localBridge('Local/1001@x-1').create(half, '1001').create('Local/1001@x-1;2', '1001')
    scene.dial(undefined, half).create(AGENT, 's').dial('Local/1001@x-1;2', AGENT).at(1).up(AGENT)
    scene.dialEnd('Local/1001@x-1;2', AGENT).enter('phone', AGENT).enter('phone', 'Local/1001@x-1;2')
    scene.dialEnd(undefined, half).at(2).dial(half, TRUNK, { Exten: '95550001' }).at(4).up(TRUNK).dialEnd(half, TRUNK)
    scene.enter('room', half).leave('phone', AGENT).swap('room', half, AGENT).leave('room', half)
    scene.leave('phone', 'Local/1001@x-1;2').hangup(half, 'Local/1001@x-1;2').at(5).enter('room', TRUNK)
    await assertCalls(scene.at(9).hangupRequest(AGENT).hangup(AGENT, TRUNK), [
      '2 CALLOUTBOUND||95550001',
      `5 CONNECT|3|<${TRUNK}>|2`,
      '9 COMPLETEAGENT|3|4|1',
    ])
  })
})

describe('Who ended it: the side of the first HangupRequest', () => {
  it('whichever Hangup comes first', async () => {
    const scene = connected().at(5).hangupRequest(TRUNK).at(5.1).hangupRequest(AGENT).hangup(AGENT, TRUNK)
    await assertCalls(scene, [BEGUN, CONNECT, '5 COMPLETECALLER|2|3|1'])
  })

  it('that of somebody behind a Local half speaks for it, but not forever', async () => {
    for (const [later, verb] of [
      [0.5, 'COMPLETECALLER'],
      [15, 'COMPLETEAGENT'],
    ] as const) {
      const scene = new Scene()
        .at(0)
        .create(AGENT, '95550001')
        .localBridge(PAIR)
        .create(`${PAIR};1`)
        .create(`${PAIR};2`)
      scene.dial(AGENT, `${PAIR};1`).at(2).up(`${PAIR};1`).dialEnd(AGENT, `${PAIR};1`).enter('near', `${PAIR};1`)
      scene.enter('near', AGENT).enter('far', `${PAIR};2`).enter('far', 'one').at(5).hangupRequest('one')
      scene
        .leave('far', 'one')
        .hangup('one')
        .enter('far', 'two')
        .at(5 + later)
        .leave('near', AGENT)
      scene.hangup(AGENT, `${PAIR};1`, `${PAIR};2`, 'two')
      const end = Math.floor(5 + later)
      const lines = [BEGUN, `2 CONNECT|2|<${PAIR};1>|2`, `${end} ${verb}|2|${end - 2}|1`]
      await assertCalls(scene, lines)
    }
  })

  it('that of one of several in a conference behind a Local half speaks for nobody', async () => {
    const scene = new Scene().at(0).create(AGENT, '95550001').localBridge(PAIR).create(`${PAIR};1`).create(`${PAIR};2`)
    scene.dial(AGENT, `${PAIR};1`).at(2).up(`${PAIR};1`).dialEnd(AGENT, `${PAIR};1`).enter('near', `${PAIR};1`)
    scene.enter('near', AGENT).enter('far', `${PAIR};2`).enter('far', 'one').enter('far', 'two').at(5)
    scene.hangupRequest('one').at(5.5).leave('near', AGENT).hangup(AGENT, `${PAIR};1`, `${PAIR};2`, 'one', 'two')
    await assertCalls(scene, [BEGUN, `2 CONNECT|2|<${PAIR};1>|2`, '5 COMPLETEAGENT|2|3|1'])
  })

  it('of two who were apart and met again the one who leaves first, also with up to six others in their bridges', async () => {
    for (const count of [0, 1, 6]) {
      const scene = connected().localBridge(PAIR).at(4).leave('talk', AGENT).leave('talk', TRUNK)
      scene.enter('one', AGENT).enter('two', TRUNK)
      for (let n = 0; n < count; n++) scene.enter('one', `one-${n}`).enter('two', `two-${n}`)
      scene.at(6).enter('one', `${PAIR};1`).enter('two', `${PAIR};2`).at(9).leave('two', TRUNK).hangup(TRUNK, AGENT)
      for (let n = 0; n < count; n++) scene.hangup(`one-${n}`, `two-${n}`)
      await assertCalls(scene.hangup(`${PAIR};1`, `${PAIR};2`), [BEGUN, CONNECT, '9 COMPLETECALLER|2|7|1'])
    }
  })
})

describe('A call that is answered or over before the threshold is not tracked at all', () => {
  const silent = (): Scene => dialled().at(0.1).dialEnd(AGENT, TRUNK, 'BUSY')

  it('whatever becomes of its channels then', async () => {
    await assertCalls(silent().hangup(TRUNK).at(5).hangup(AGENT), [])
    await assertCalls(silent().dialEnd(AGENT, TRUNK, 'BUSY').at(5).hangup(AGENT, TRUNK), [])
    await assertCalls(silent().at(0.2).answered(AGENT, TRUNK).at(5).hangupRequest(AGENT).hangup(AGENT, TRUNK), [])
  })

  it('and one that is on its way as a connection is lost is, once it is known that it goes on', async () => {
    const gap = (): Scene => dialled().at(0.1).event('ResyncBegin').at(0.5).event('Tick')
    const known = gap().at(3).event('ResyncEnd').at(5).hangup(AGENT)
    await assertCalls(known.hangup(TRUNK), [BEGUN, '5 ABANDON|1|1|5'])
    await assertCalls(gap().at(2).hangup(AGENT, TRUNK).at(3).event('ResyncEnd'), [])
    const soon = dialled().at(0.1).event('ResyncBegin').at(0.2).event('ResyncEnd').at(5).hangup(AGENT, TRUNK)
    await assertCalls(soon, [BEGUN, '5 ABANDON|1|1|5'])
  })
})

describe('One call, one set of lines', () => {
  it('a leg behind a Local half is none of the call’s own: neither its ringing nor its end is that of the dial', async () => {
    for (const hangsUpAt of [7, 10]) {
      const scene = new Scene()
        .at(0)
        .create(AGENT, '95550001')
        .localBridge(PAIR)
        .create(`${PAIR};1`)
        .create(`${PAIR};2`)
      scene.dial(AGENT, `${PAIR};1`).dial(`${PAIR};2`, TRUNK).at(5).dialEnd(AGENT, `${PAIR};1`, 'BUSY')
      const ends = [[9, AGENT] as const, [hangsUpAt, TRUNK] as const].sort(([one], [other]) => one - other)
      for (const [at, channel] of ends) scene.at(at).hangup(channel)
      await assertCalls(scene.hangup(`${PAIR};1`, `${PAIR};2`), [BEGUN, '9 ABANDON|1|1|5'])
    }
  })

  it('a leg that hung up without a DialEnd rings no more: before the threshold the next DialBegin starts anew', async () => {
    const scene = dialled().at(0.2).hangup(TRUNK).at(1).dial(AGENT, 'SIP/b-3').at(4).hangup(AGENT, 'SIP/b-3')
    await assertCalls(scene, ['1 CALLOUTBOUND||95550001', '4 ABANDON|1|1|3'])
  })

  it('a channel that was itself called, by picking a call up, dials no outbound call later', async () => {
    const scene = dialled().at(2).create('SIP/p-9', '**1').dialEnd(AGENT, 'SIP/p-9').hangup(TRUNK)
    scene.enter('talk', 'SIP/p-9').enter('talk', AGENT).at(5).hangupRequest(AGENT).hangup(AGENT)
    scene.at(6).dial('SIP/p-9', 'SIP/x-10').at(8).hangup('SIP/p-9', 'SIP/x-10')
    await assertCalls(scene, [BEGUN, '2 CONNECT|2|<SIP/p-9>|2', '5 COMPLETEAGENT|2|3|1'])
  })
})
