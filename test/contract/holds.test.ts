import { describe, it } from 'node:test'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

/** Asserts the holds of a scene, `time ON` and `time OFF`, on the call of queue support unless a queue is named. */
async function assertHolds(scene: Scene, expected: string[], callid = '<caller>', agent = 'PJSIP/1001'): Promise<void> {
  const lines = expected.map((line) => {
    const [time, verb, queue = 'support'] = line.split(' ')
    return `${time}|${callid}|${queue}|${agent}|CALLER${verb}HOLD|`
  })
  await assertLines(() => trackingOf('track-moh'), scene.at(100).event('Tick'), lines)
}

const direct = (): Scene => new Scene().at(0).connected('caller', 'PJSIP/1001')
const held = (): Scene => direct().at(1).hold('PJSIP/1001').music('caller')

describe('Either kind of signal alone suffices, both together count once', () => {
  it('in whatever order they come', async () => {
    const scene = direct().at(1).music('caller').hold('PJSIP/1001').at(3).silence('caller').unhold('PJSIP/1001')
    await assertHolds(scene, ['1 ON', '3 OFF'])
  })

  it('also where the hold goes on through a Local pair and shows in both bridges', async () => {
    const scene = new Scene().at(0).connectedThroughLocal('caller', 'Local/1002@q-1', 'phone').at(1).hold('phone')
    scene.hold('Local/1002@q-1;1').music('caller').at(3).unhold('phone').unhold('Local/1002@q-1;1').silence('caller')
    await assertHolds(scene, ['1 ON', '3 OFF'], '<caller>', 'Local/1002@q-1')
  })
})

describe('A hold that a Hold tells of ends with its Unhold', () => {
  it('music that stops meanwhile is no end of it: an announcement, or music that cannot play', async () => {
    const announcements = held().at(2).silence('caller').at(2.4).music('caller').at(3).silence('caller')
    await assertHolds(announcements.at(5).unhold('PJSIP/1001'), ['1 ON', '5 OFF'])
    await assertHolds(held().at(1.02).silence('caller').at(4).unhold('PJSIP/1001'), ['1 ON', '4 OFF'])
  })

  it('music that comes back behind an announcement, when the hold is over, is no other hold', async () => {
    const over = (): Scene => held().at(3).silence('caller').at(3.1).unhold('PJSIP/1001')
    await assertHolds(over().at(3.4).music('caller').silence('caller'), ['1 ON', '3 OFF'])
    const again = over().at(3.4).music('caller').silence('caller')
    await assertHolds(again.at(5).music('caller').at(6).silence('caller'), ['1 ON', '3 OFF', '5 ON', '6 OFF'])
    const next = over().at(5).music('caller').hold('PJSIP/1001').at(6).silence('caller').unhold('PJSIP/1001')
    await assertHolds(next, ['1 ON', '3 OFF', '5 ON', '6 OFF'])
    await assertHolds(over().at(5).hold('PJSIP/1001').at(6).unhold('PJSIP/1001'), ['1 ON', '3 OFF', '5 ON', '6 OFF'])
  })

  it('or when its holder leaves the bridge', async () => {
    await assertHolds(direct().at(1).hold('PJSIP/1001').at(3).leave('queue', 'PJSIP/1001'), ['1 ON', '3 OFF'])
  })

  it('or when the one it holds leaves the bridge', async () => {
    await assertHolds(held().at(3).leave('queue', 'caller'), ['1 ON', '3 OFF'])
  })

  it('or when one of the two asks to hang up', async () => {
    for (const channel of ['PJSIP/1001', 'caller']) {
      await assertHolds(direct().at(1).hold('PJSIP/1001').at(3).hangupRequest(channel), ['1 ON', '3 OFF'])
    }
  })

  it('and with the music where the holder has left for a consultation (*2)', async () => {
    const scene = held().at(1.2).leave('queue', 'PJSIP/1001').enter('consult', 'other').enter('consult', 'PJSIP/1001')
    await assertHolds(scene.at(4).silence('caller').at(4.1).unhold('PJSIP/1001'), ['1 ON', '4 OFF'])
  })
})

describe('Music alone is a hold by those who are in the bridge with whom hears it', () => {
  it('also where the one who holds leaves for a consultation in the millisecond of its start', async () => {
    const scene = direct().at(1).music('caller').at(1.001).leave('queue', 'PJSIP/1001').at(4).silence('caller')
    await assertHolds(scene, ['1 ON', '4 OFF'])
  })

  it('and by whoever has taken the place of a Local half in that millisecond', async () => {
    const scene = new Scene().at(0).connectedThroughLocal('caller', 'Local/1002@q-1', 'phone').at(1).music('caller')
    scene
      .at(1.001)
      .leave('phone', 'phone')
      .swap('queue', 'Local/1002@q-1;1', 'phone')
      .leave('queue', 'Local/1002@q-1;1')
    scene.leave('phone', 'Local/1002@q-1;2').hangup('Local/1002@q-1;1', 'Local/1002@q-1;2').at(4).silence('caller')
    await assertHolds(scene, ['1 ON', '4 OFF'], '<caller>', 'Local/1002@q-1')
  })
})

describe('Two signals of one hold', () => {
  const both = (): Scene => new Scene().at(0).connectedThroughLocal('caller', 'Local/1002@q-1', 'phone').at(1)
  const assertBoth = (scene: Scene, expected: string[]): Promise<void> =>
    assertHolds(scene, expected, '<caller>', 'Local/1002@q-1')

  it('end with the Unhold where one of them was a Hold, on whichever side of a Local pair each shows', async () => {
    const scene = both().hold('phone').music('caller').at(2).silence('caller').at(4).unhold('phone')
    await assertBoth(scene, ['1 ON', '4 OFF'])
  })

  it('end with the first of them where both are music', async () => {
    const scene = both().music('Local/1002@q-1;2').music('caller').at(3).silence('Local/1002@q-1;2').at(4)
    await assertBoth(scene.silence('caller'), ['1 ON', '3 OFF'])
  })
})

describe('Hold means: the agent’s side puts the other party on music', () => {
  const three = (): Scene => direct().enter('queue', 'third').at(1)

  it('music that a third hears while agent and caller talk on is none', async () => {
    await assertHolds(three().music('third').at(2).silence('third'), [])
  })

  it('a third who puts both on hold is not the agent', async () => {
    await assertHolds(three().hold('third').at(2).unhold('third'), [])
  })
})

describe('In a conference nobody is put on music by a phone’s hold', () => {
  const conference = (): Scene => direct().enter('queue', 'third', { BridgeTechnology: 'softmix' })

  it('there Hold alone is no hold, music is', async () => {
    await assertHolds(conference().at(1).hold('PJSIP/1001').at(3).unhold('PJSIP/1001'), [])
    await assertHolds(conference().at(1).music('caller').at(3).silence('caller'), ['1 ON', '3 OFF'])
  })

  it('a conversation that was one may be held again', async () => {
    const scene = conference().at(1).leave('queue', 'third').enter('queue', 'PJSIP/1001')
    await assertHolds(scene.at(2).hold('PJSIP/1001').at(3).unhold('PJSIP/1001'), ['2 ON', '3 OFF'])
  })
})

describe('Strictly ON, OFF, ON, OFF', () => {
  it('an OFF that waits is written before the next ON', async () => {
    const scene = new Scene().at(0).connectedThroughLocal('caller', 'Local/1002@q-1', 'phone').at(1).hold('phone')
    scene.at(2).hangupRequest('phone').unhold('phone').leave('phone', 'phone').at(2.3).enter('phone', 'PJSIP/1009')
    scene.at(2.5).hold('PJSIP/1009').at(4).unhold('PJSIP/1009')
    await assertHolds(scene, ['1 ON', '2 OFF', '2 ON', '4 OFF'], '<caller>', 'Local/1002@q-1')
  })

  it('music that began as the call ended is no hold of it', async () => {
    await assertHolds(direct().at(1).music('caller').at(1.001).agentComplete('caller', 'PJSIP/1001'), [])
  })

  it('from the HangupRequest on a queue call gets no ON', async () => {
    await assertHolds(direct().at(1).hangupRequest('caller').at(1.9).hold('PJSIP/1001').at(3).unhold('PJSIP/1001'), [])
    const later = direct().at(1).hangupRequest('caller').at(2.1).hold('PJSIP/1001').at(3).unhold('PJSIP/1001')
    await assertHolds(later, ['2 ON', '3 OFF'])
  })
})

describe('A hold there belongs to the innermost queue call', () => {
  it('of two calls of one agent to the later one, where the pair between them was optimised away', async () => {
    const scene = new Scene().at(0).localBridge('L').agentConnect('caller', 'L;1', 'outer')
    scene.enter('queue', 'L;1').enter('queue', 'caller').at(1).agentConnect('L;2', 'PJSIP/1001', 'Jane', 'inner')
    scene.enter('in', 'L;2').enter('in', 'PJSIP/1001').swap('queue', 'L;1', 'PJSIP/1001').leave('queue', 'L;1')
    scene.leave('in', 'L;2').hangup('L;1', 'L;2').at(3).hold('PJSIP/1001').music('caller')
    scene.at(5).unhold('PJSIP/1001').silence('caller')
    await assertHolds(scene, ['3 ON inner', '5 OFF inner'], '<L;2>', 'Jane')
  })

  it('of two calls that one agent has in one bridge to the later one', async () => {
    const scene = direct().at(1).agentConnect('caller2', 'PJSIP/1001', 'PJSIP/1001', 'sales').enter('queue', 'caller2')
    scene.at(3).hold('PJSIP/1001').at(5).unhold('PJSIP/1001')
    await assertHolds(scene, ['3 ON sales', '5 OFF sales'], '<caller2>')
  })

  it('of whoever takes a half’s place as that hangs up, without having left its bridge', async () => {
    const scene = new Scene().at(0).connectedThroughLocal('caller', 'Local/1002@q-1', 'phone')
    scene.localOptimizationBegin('Local/1002@q-1')
    scene.hangup('Local/1002@q-1;1').enter('queue', 'phone').at(1).hold('phone').at(2).unhold('phone')
    await assertHolds(scene, ['1 ON', '2 OFF'], '<caller>', 'Local/1002@q-1')
  })
})
