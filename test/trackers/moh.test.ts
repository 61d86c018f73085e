import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { Tracking } from '../../lib/trackers/tracking.ts'
import { Scene, T0 } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const assertHolds = (scene: Scene, expected: string[]): Promise<Tracking> =>
  assertLines(() => trackingOf('track-moh'), scene, expected)

const ON = '<caller>|support|PJSIP/1001|CALLERONHOLD|'
const OFF = '<caller>|support|PJSIP/1001|CALLEROFFHOLD|'
const LOCAL_ON = '<caller>|support|Local/1002@q/n-1|CALLERONHOLD|'
const LOCAL_OFF = '<caller>|support|Local/1002@q/n-1|CALLEROFFHOLD|'

const direct = (): Scene => new Scene().at(0).connected('caller', 'PJSIP/1001')
const throughLocal = (): Scene => new Scene().at(0).connectedThroughLocal('caller', 'Local/1002@q/n-1', 'phone')

const endOfDirect = (scene: Scene): Scene =>
  scene
    .hangupRequest('PJSIP/1001')
    .agentComplete('caller', 'PJSIP/1001')
    .leave('queue', 'PJSIP/1001')
    .leave('queue', 'caller')
    .hangup('PJSIP/1001', 'caller')

describe('track-moh, with a member that is a phone', () => {
  it('logs a hold that is signalled both ways once', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').music('caller').at(3).unhold('PJSIP/1001').silence('caller')
    await assertHolds(scene, [`1|${ON}`, `3|${OFF}`])
  })

  it('logs a hold of a phone that sends only Hold and Unhold', async () => {
    await assertHolds(direct().at(1).hold('PJSIP/1001').at(3).unhold('PJSIP/1001'), [`1|${ON}`, `3|${OFF}`])
  })

  it('logs a hold that shows only in the music, at its own time', async () => {
    await assertHolds(direct().at(1.9).music('caller').at(3).silence('caller'), [`1|${ON}`, `3|${OFF}`])
  })

  it('logs a hold that shows only in the music and goes on when the stream ends', async () => {
    await assertHolds(direct().at(1).music('caller'), [`1|${ON}`])
  })

  it('takes the signals of either end in any order, and repeated ones for one', async () => {
    const scene = direct().at(1).music('caller').hold('PJSIP/1001').at(2).hold('PJSIP/1001').music('caller')
    scene.at(3).silence('caller').unhold('PJSIP/1001').at(4).unhold('PJSIP/1001').silence('caller')
    await assertHolds(scene, [`1|${ON}`, `3|${OFF}`])
  })

  it('logs every hold of a call', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').at(2).unhold('PJSIP/1001').at(3).hold('PJSIP/1001')
    await assertHolds(scene.at(4).unhold('PJSIP/1001'), [`1|${ON}`, `2|${OFF}`, `3|${ON}`, `4|${OFF}`])
  })

  it('takes no waiting music for a hold, whether its end comes before or after AgentConnect', async () => {
    for (const late of [false, true]) {
      const scene = new Scene().at(0).event('QueueCallerJoin').music('caller').at(2)
      if (!late) scene.silence('caller')
      scene.connected('caller', 'PJSIP/1001')
      if (late) scene.silence('caller')
      await assertHolds(scene.at(5), [])
    }
  })

  it('logs nothing when the caller puts the agent on hold, nor mixes that with the agent’s own hold', async () => {
    const scene = direct().at(1).hold('caller').music('PJSIP/1001').at(2).hold('PJSIP/1001').music('caller')
    scene.at(3).unhold('caller').silence('PJSIP/1001').at(4).unhold('PJSIP/1001').silence('caller')
    await assertHolds(scene, [`2|${ON}`, `4|${OFF}`])
  })

  it('writes the member name as the agent, and makes it harmless', async () => {
    const scene = new Scene().connected('caller', 'PJSIP/1001', 'Jane|\r\nDoe').at(1).hold('PJSIP/1001')
    await assertHolds(scene, ['1|<caller>|support|Jane___Doe|CALLERONHOLD|'])
  })

  it('drops the end of a hold that is the end of the call', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').music('caller')
    scene.at(3).hangupRequest('caller').silence('caller').agentComplete('caller', 'PJSIP/1001').at(9)
    await assertHolds(scene.event('Newchannel'), [`1|${ON}`])
  })

  it('logs nothing of a call after its end', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').music('caller').at(3).agentComplete('caller', 'PJSIP/1001')
    scene.silence('caller').unhold('PJSIP/1001').at(4).hold('PJSIP/1001').music('caller')
    await assertHolds(scene, [`1|${ON}`])
  })

  it('logs the end of a hold after a HangupRequest that was not the end of the call, one second later', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').music('caller')
    scene.at(3).hangupRequest('PJSIP/1001').silence('caller')
    await assertHolds(scene, [`1|${ON}`, `3|${OFF}`])
    await assertHolds(scene.at(4).agentComplete('caller', 'PJSIP/1001'), [`1|${ON}`, `3|${OFF}`])
    const ended = direct().at(1).hold('PJSIP/1001').at(3).hangupRequest('PJSIP/1001').unhold('PJSIP/1001').at(3.999)
    await assertHolds(ended.agentComplete('caller', 'PJSIP/1001'), [`1|${ON}`])
  })

  it('begins no hold after a HangupRequest', async () => {
    await assertHolds(direct().at(1).hangupRequest('caller').hold('PJSIP/1001').music('caller').at(1.5), [])
  })

  it('gives a line that had waited the time of the line before it', async () => {
    const scene = direct().connected('caller2', 'PJSIP/1002').at(1).hold('PJSIP/1001').at(2.5).hold('PJSIP/1002')
    scene.at(2.8).hangupRequest('PJSIP/1001').unhold('PJSIP/1001').at(3.5).unhold('PJSIP/1002').at(5)
    await assertHolds(scene.event('Newchannel'), [
      `1|${ON}`,
      '2|<caller2>|support|PJSIP/1002|CALLERONHOLD|',
      '3|<caller2>|support|PJSIP/1002|CALLEROFFHOLD|',
      `3|${OFF}`,
    ])
  })

  it('logs no hold by whom the caller talks to after a Redirect took it from the member', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').music('caller').at(2).silence('caller').leave('queue', 'caller')
    scene.leave('queue', 'PJSIP/1001').hangup('PJSIP/1001').at(3).enter('other', 'PJSIP/1002').enter('other', 'caller')
    scene.at(4).hold('PJSIP/1002').music('caller').at(5).unhold('PJSIP/1002').silence('caller')
    await assertHolds(scene, [`1|${ON}`, `2|${OFF}`])
  })

  it('takes the music of a parking lot for no hold, in whatever order its millisecond comes', async () => {
    type Event = (scene: Scene) => Scene
    const parking: Event[] = [
      (scene) => scene.leave('queue', 'caller'),
      (scene) => scene.enterLot('lot', 'caller'),
      (scene) => scene.music('caller'),
    ]
    for (const first of parking) {
      for (const second of parking.filter((event) => event !== first)) {
        const third = parking.find((event) => event !== first && event !== second)
        const scene = direct().enterLot('lot', 'someone').at(1)
        for (const event of [first, second, third]) event?.(scene)
        await assertHolds(scene.at(2).event('Newchannel'), [])
      }
    }
  })

  it('keeps the caller on hold while the agent consults (*2), and ends the hold when the agent returns', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').music('caller').at(2).leave('queue', 'PJSIP/1001')
    scene.enter('consult', 'PJSIP/1001').enter('consult', 'Local/9@x-1;1').at(3)
    scene.leave('consult', 'PJSIP/1001').enter('queue', 'PJSIP/1001').silence('caller').unhold('PJSIP/1001')
    await assertHolds(scene, [`1|${ON}`, `3|${OFF}`])
  })

  it('leaves the caller on hold when the agent holds the one it consults, and takes that back', async () => {
    const scene = direct().at(1).hold('PJSIP/1001').music('caller').at(2).leave('queue', 'PJSIP/1001')
    scene.enter('consult', 'PJSIP/1001').enter('consult', 'Local/9@x-1;1').at(3).hold('PJSIP/1001')
    scene.music('Local/9@x-1;1').at(4).unhold('PJSIP/1001').silence('Local/9@x-1;1').at(6)
    scene.leave('consult', 'PJSIP/1001').enter('queue', 'PJSIP/1001').silence('caller').unhold('PJSIP/1001')
    await assertHolds(scene, [`1|${ON}`, `6|${OFF}`])
  })

  it('ends the windows of a hang-up in time after the clock was set back', async () => {
    const scene = new Scene().at(100).event('Newchannel').at(0).connected('caller', 'PJSIP/1001').at(1)
    scene.hold('PJSIP/1001').music('caller').at(3).hangupRequest('caller').silence('caller').at(3.002)
    await assertHolds(scene.agentComplete('caller', 'PJSIP/1001').at(9).event('Newchannel'), [`1|${ON}`])
  })

  it('logs a hold that shows only in the music where there are no timestamps', async () => {
    const scene = direct().music('caller').silence('caller').at(1).hold('PJSIP/1001').unhold('PJSIP/1001')
    const unstamped = new Scene()
    for (const record of scene.records) {
      assert.ok(record.kind === 'ami')
      const headers = [...record.headers()].filter(([name]) => name !== 'Timestamp')
      unstamped.event(record.event, Object.fromEntries(headers) as Record<string, string>)
    }
    const lines = [`0|${ON}`, `0|${OFF}`, `0|${ON}`, `0|${OFF}`].map((line) => line.replace('<caller>', `${T0}.0`))
    await assertHolds(unstamped, lines)
  })

  it('logs two calls of one caller on their own: that of the member who is in the call', async () => {
    const scene = direct().at(1).leave('queue', 'caller').leave('queue', 'PJSIP/1001').hangup('PJSIP/1001')
    scene.at(2).agentConnect('caller', 'PJSIP/1002', 'Al', 'sales').enter('second', 'PJSIP/1002')
    scene.enter('second', 'caller').at(3).hold('PJSIP/1002').at(4).unhold('PJSIP/1002')
    await assertHolds(scene, ['3|<caller>|sales|Al|CALLERONHOLD|', '4|<caller>|sales|Al|CALLEROFFHOLD|'])
  })

  it('tracks a call of which it sees only the connection: the recording began while the caller waited', async () => {
    await assertHolds(direct().at(1).hold('PJSIP/1001').at(2).unhold('PJSIP/1001'), [`1|${ON}`, `2|${OFF}`])
  })

  it('logs nothing of a call whose connection it has not seen', async () => {
    const scene = new Scene().at(1).hold('PJSIP/1001').music('caller').at(2).unhold('PJSIP/1001').silence('caller')
    await assertHolds(scene.agentComplete('caller', 'PJSIP/1001').hangup('caller'), [])
  })

  it('ends a call whose AgentComplete names neither of its channels, if it can be but one', async () => {
    const scene = direct().at(1).event('AgentComplete', { Queue: 'support', MemberName: 'PJSIP/1001' })
    await assertHolds(scene.at(2).hold('PJSIP/1001'), [])
    const two = direct().connected('caller2', 'phone2', 'PJSIP/1001').at(1)
    two.event('AgentComplete', { Queue: 'support', MemberName: 'PJSIP/1001' })
    await assertHolds(two.at(2).hold('PJSIP/1001'), [`2|${ON}`])
  })

  it('does not end a call by an AgentComplete without channels that tells of a longer or a shorter talk', async () => {
    for (const talk of ['12', '4']) {
      const scene = direct().connected('caller2', 'phone2', 'PJSIP/1001').hangup('caller2', 'phone2').at(8)
      scene.event('AgentComplete', { Queue: 'support', MemberName: 'PJSIP/1001', HoldTime: '1', TalkTime: talk })
      await assertHolds(scene.at(9).hold('PJSIP/1001'), [`9|${ON}`])
    }
  })

  it('does not end a call by an AgentComplete without channels while its parties are in a bridge and another call is over', async () => {
    const agentComplete = (scene: Scene, talk: string): Scene =>
      scene.event('AgentComplete', { Queue: 'support', MemberName: 'PJSIP/1001', HoldTime: '0', TalkTime: talk })
    const second = (scene: Scene): Scene =>
      scene.agentConnect('caller2', 'phone2', 'PJSIP/1001').enter('second', 'phone2').enter('second', 'caller2')
    const two = (): Scene => second(direct().at(1)).at(2)
    const behindHangups = agentComplete(two().hangup('caller2', 'phone2'), '1')
    await assertHolds(behindHangups.at(3).hold('PJSIP/1001'), [`3|${ON}`])
    const beforeHangups = agentComplete(two().leave('second', 'phone2').leave('second', 'caller2'), '1')
    await assertHolds(beforeHangups.hangup('caller2', 'phone2').at(3).hold('PJSIP/1001'), [`3|${ON}`])
    // One that names its channel behind the Hangup has told of the call: the next one is of the other.
    const named = two().hangup('caller2', 'phone2').agentComplete('caller2', 'PJSIP/1001')
    await assertHolds(agentComplete(named.at(3), '3').at(4).hold('PJSIP/1001'), [])
  })

  it('remembers nothing once the calls are over, however they ended', async () => {
    const ends: ((scene: Scene) => Scene)[] = [
      endOfDirect,
      (scene) => scene.hangup('caller', 'PJSIP/1001'),
      (scene) => scene.hangup('PJSIP/1001').hangup('caller'),
      (scene) => scene.event('Shutdown', { Shutdown: 'Cleanly' }),
    ]
    for (const end of ends) {
      const tracker = await assertHolds(end(direct().at(1).hold('PJSIP/1001').music('caller').at(2)), [`1|${ON}`])
      assert.equal(tracker.size, 0)
    }
  })
})

describe('track-moh, with a Local member', () => {
  it('finds the queue call behind the pair: the music plays on ;2', async () => {
    const scene = throughLocal().at(1).hold('phone').music('Local/1002@q/n-1;2')
    scene.at(2).unhold('phone').silence('Local/1002@q/n-1;2')
    await assertHolds(scene, [`1|${LOCAL_ON}`, `2|${LOCAL_OFF}`])
  })

  it('finds it by the music alone, and by Hold alone', async () => {
    const music = throughLocal().at(1).music('Local/1002@q/n-1;2').at(2).silence('Local/1002@q/n-1;2')
    await assertHolds(music, [`1|${LOCAL_ON}`, `2|${LOCAL_OFF}`])
    await assertHolds(throughLocal().at(1).hold('phone').at(2).unhold('phone'), [`1|${LOCAL_ON}`, `2|${LOCAL_OFF}`])
  })

  it('knows the halves of a pair by their names where LocalBridge was missed', async () => {
    const scene = new Scene().enter('phone', 'phone').agentConnect('caller', 'Local/1002@q/n-1;1', 'Local/1002@q/n-1')
    scene.enter('queue', 'Local/1002@q/n-1;1').enter('phone', 'Local/1002@q/n-1;2').enter('queue', 'caller')
    await assertHolds(scene.at(1).hold('phone').at(2).unhold('phone'), [`1|${LOCAL_ON}`, `2|${LOCAL_OFF}`])
  })

  it('follows pairs within pairs (follow-me)', async () => {
    const scene = throughLocal().localBridge('Local/fm@x-2').leave('phone', 'phone').enter('phone', 'Local/fm@x-2;1')
    scene.enter('deep', 'Local/fm@x-2;2').enter('deep', 'mobile').at(1).hold('mobile').music('Local/fm@x-2;2')
    scene.at(2).unhold('mobile').silence('Local/fm@x-2;2')
    await assertHolds(scene, [`1|${LOCAL_ON}`, `2|${LOCAL_OFF}`])
  })

  it('logs no hold when the caller holds: ;1 hears the music', async () => {
    const scene = throughLocal().at(1).hold('caller').music('Local/1002@q/n-1;1').at(2).unhold('caller')
    await assertHolds(scene.silence('Local/1002@q/n-1;1'), [])
  })

  it('takes a HangupRequest of the phone behind the pair for the end of the call', async () => {
    const scene = throughLocal().at(1).hold('phone').music('Local/1002@q/n-1;2').at(2).hangupRequest('phone')
    scene.leave('phone', 'phone').silence('Local/1002@q/n-1;2').hangup('phone').hangupRequest('Local/1002@q/n-1;1')
    scene.agentComplete('caller', 'Local/1002@q/n-1').at(9).event('Newchannel')
    await assertHolds(scene, [`1|${LOCAL_ON}`])
  })

  it('logs the holds of whoever talks through the pair after a transfer behind it', async () => {
    const scene = throughLocal().at(1).leave('phone', 'Local/1002@q/n-1;2').leave('phone', 'phone').hangup('phone')
    scene.at(2).enter('next', 'other').enter('next', 'Local/1002@q/n-1;2').at(3).hold('other').at(4).unhold('other')
    await assertHolds(scene, [`3|${LOCAL_ON}`, `4|${LOCAL_OFF}`])
  })

  it('begins a hold right after a transfer, although the one who transferred had asked to hang up', async () => {
    const scene = throughLocal().at(1).hangupRequest('phone').leave('phone', 'phone').hangup('phone')
    scene.enter('phone', 'other').at(1.5).hold('other').at(2).unhold('other')
    await assertHolds(scene, [`1|${LOCAL_ON}`, `2|${LOCAL_OFF}`])
  })

  it('stays with the member when the pair is optimised away, whichever half is replaced', async () => {
    for (const begin of [true, false]) {
      for (const replaced of ['one', 'two', 'merged']) {
        if (!begin && replaced !== 'one') continue // then only SwapUniqueid tells, and it names the member's half
        const scene = throughLocal().at(0.1)
        if (begin) scene.localOptimizationBegin('Local/1002@q/n-1')
        if (replaced === 'one') {
          scene
            .leave('phone', 'phone')
            .leave('queue', 'Local/1002@q/n-1;1')
            .swap('queue', 'Local/1002@q/n-1;1', 'phone')
          scene.leave('phone', 'Local/1002@q/n-1;2')
        } else if (replaced === 'two') {
          scene.leave('queue', 'caller').leave('phone', 'Local/1002@q/n-1;2')
          scene.swap('phone', 'Local/1002@q/n-1;2', 'caller').leave('queue', 'Local/1002@q/n-1;1')
        } else {
          scene.leave('phone', 'phone').enter('queue', 'phone')
          scene.leave('queue', 'Local/1002@q/n-1;1').leave('phone', 'Local/1002@q/n-1;2')
        }
        scene.hangup('Local/1002@q/n-1;1', 'Local/1002@q/n-1;2')
        scene.at(1).hold('phone').music('caller').at(2).unhold('phone').silence('caller')
        scene.at(3).hangup('phone', 'caller')
        const tracker = await assertHolds(scene, [`1|${LOCAL_ON}`, `2|${LOCAL_OFF}`])
        assert.equal(tracker.size, 0, replaced)
      }
    }
  })

  it('gives a hold in a second queue call behind the pair to that call, and to the first once it is over', async () => {
    const scene = throughLocal().at(1).leave('phone', 'Local/1002@q/n-1;2').hangup('phone')
    scene.at(2).agentConnect('Local/1002@q/n-1;2', 'second', 'Al', 'sales').enter('inner', 'second')
    scene.enter('inner', 'Local/1002@q/n-1;2').at(3).hold('second').music('Local/1002@q/n-1;2')
    scene.at(4).unhold('second').silence('Local/1002@q/n-1;2').at(5).agentComplete('Local/1002@q/n-1;2', 'Al', 'sales')
    scene.at(6).hold('second').at(7).unhold('second')
    await assertHolds(scene, [
      '3|<Local/1002@q/n-1;2>|sales|Al|CALLERONHOLD|',
      '4|<Local/1002@q/n-1;2>|sales|Al|CALLEROFFHOLD|',
      `6|${LOCAL_ON}`,
      `7|${LOCAL_OFF}`,
    ])
  })

  it('takes the waiting music of a second queue for no hold', async () => {
    const scene = throughLocal().at(1).leave('phone', 'Local/1002@q/n-1;2').music('Local/1002@q/n-1;2')
    await assertHolds(scene.at(3).silence('Local/1002@q/n-1;2').at(4), [])
  })

  it('takes music that plays to a half alone in its bridge for no hold', async () => {
    const scene = throughLocal().at(1).leave('phone', 'phone').music('Local/1002@q/n-1;2').at(3)
    await assertHolds(scene.silence('Local/1002@q/n-1;2'), [])
  })
})

describe('track-moh, with calls that earlier stages track', () => {
  it('logs holds of a parked call on its own callid and lot, behind a Local member too', async () => {
    const scene = throughLocal().at(1).leave('phone', 'Local/1002@q/n-1;2').enterLot('lot', 'Local/1002@q/n-1;2')
    const callid = `:${scene.uniqueid('Local/1002@q/n-1;2')}`
    scene.at(2).line(callid, 'pk-default', 'PJSIP/1003', 'CONNECT', '1', scene.uniqueid('retriever'), '0')
    scene.leave('lot', 'Local/1002@q/n-1;2').enter('pick', 'Local/1002@q/n-1;2').enter('pick', 'retriever')
    scene.at(3).hold('retriever').music('Local/1002@q/n-1;2').at(4).unhold('retriever')
    scene.silence('Local/1002@q/n-1;2')
    await assertHolds(scene, [
      `2|${callid}|pk-default|PJSIP/1003|CONNECT|1|<retriever>|0`,
      `3|${callid}|pk-default|PJSIP/1003|CALLERONHOLD|`,
      `4|${callid}|pk-default|PJSIP/1003|CALLEROFFHOLD|`,
    ])
  })

  it('logs holds of an outbound call, whichever way the callid is written', async () => {
    for (const prefix of [':', '']) {
      const scene = new Scene().enter('out', 'agent').enter('out', 'trunk').at(1)
      const callid = `${prefix}${scene.uniqueid('agent')}`
      scene.line(callid, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('trunk'), '1')
      scene.at(2).hold('agent').music('trunk').at(3).unhold('agent').silence('trunk').at(4).hold('trunk').music('agent')
      await assertHolds(scene, [
        `1|${callid}|q-acme|PJSIP/1001|CONNECT|1|<trunk>|1`,
        `2|${callid}|q-acme|PJSIP/1001|CALLERONHOLD|`,
        `3|${callid}|q-acme|PJSIP/1001|CALLEROFFHOLD|`,
      ])
    }
  })

  it('logs no hold of a tracked call when the agent talks to somebody else', async () => {
    const scene = new Scene().enter('out', 'agent').enter('out', 'trunk').at(1)
    const callid = `:${scene.uniqueid('agent')}`
    scene.line(callid, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('trunk'), '1').at(2).leave('out', 'trunk')
    scene.leave('out', 'agent').enter('other', 'agent').enter('other', 'stranger').at(3).hold('agent').music('stranger')
    await assertHolds(scene.at(5), [`1|${callid}|q-acme|PJSIP/1001|CONNECT|1|<trunk>|1`])
  })

  it('gives a hold to the tracked call where the pair between it and the queue call is optimised away', async () => {
    const half = 'Local/1002@q/n-1;2'
    const scene = throughLocal().at(1).leave('phone', half).hangup('phone').enterLot('lot', half)
    const callid = `:${scene.uniqueid(half)}`
    scene.at(2).line(callid, 'pk-default', 'PJSIP/1003', 'CONNECT', '1', scene.uniqueid('R'), '0').leave('lot', half)
    scene.enter('pick', half).enter('pick', 'R').at(2.1).localOptimizationBegin('Local/1002@q/n-1')
    scene.leave('pick', 'R').leave('queue', 'Local/1002@q/n-1;1').swap('queue', 'Local/1002@q/n-1;1', 'R')
    scene.leave('pick', half).hangup('Local/1002@q/n-1;1', half).at(3).hold('R').music('caller')
    await assertHolds(scene, [
      `2|${callid}|pk-default|PJSIP/1003|CONNECT|1|<R>|0`,
      `3|${callid}|pk-default|PJSIP/1003|CALLERONHOLD|`,
    ])
  })

  it('ends the hold of a tracked call with either channel, and forgets the call, where its end line never comes', async () => {
    for (const [first, last] of [
      ['agent', 'trunk'],
      ['trunk', 'agent'],
    ] as const) {
      const scene = new Scene().enter('out', 'agent').enter('out', 'trunk').at(1)
      const callid = `:${scene.uniqueid('agent')}`
      scene.line(callid, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('trunk'), '1').at(2).hold('agent')
      const tracker = await assertHolds(scene.music('trunk').at(3).hangup(first).at(4).hangup(last), [
        `1|${callid}|q-acme|PJSIP/1001|CONNECT|1|<trunk>|1`,
        `2|${callid}|q-acme|PJSIP/1001|CALLERONHOLD|`,
        `3|${callid}|q-acme|PJSIP/1001|CALLEROFFHOLD|`,
      ])
      assert.equal(tracker.size, 0)
    }
  })

  /** An outbound call of which an earlier tracker has told. */
  const outbound = (peer = 'trunk'): { scene: Scene; callid: string; connect: string } => {
    const scene = new Scene().enter('out', 'agent').enter('out', 'trunk').at(1)
    const callid = `:${scene.uniqueid('agent')}`
    const uniqueid = peer === '' ? '' : scene.uniqueid(peer)
    scene.line(callid, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', uniqueid, '1')
    return { scene, callid, connect: `1|${callid}|q-acme|PJSIP/1001|CONNECT|1|${uniqueid}|1` }
  }

  it('ends the hold of a tracked call with each verb that ends one, and with none of another queue', async () => {
    for (const verb of [
      'COMPLETEAGENT',
      'COMPLETECALLER',
      'BLINDTRANSFER',
      'ATTENDEDTRANSFER',
      'ABANDON',
      'EXITWITHTIMEOUT',
    ]) {
      const { scene, callid, connect } = outbound()
      const end = `${callid}|q-acme|PJSIP/1001|${verb}|1`
      scene.at(2).hold('agent').at(3).line(callid, 'pk-default', 'NONE', verb, '1')
      await assertHolds(scene.at(4).line(callid, 'q-acme', 'PJSIP/1001', verb, '1'), [
        connect,
        `2|${callid}|q-acme|PJSIP/1001|CALLERONHOLD|`,
        `3|${callid}|pk-default|NONE|${verb}|1`,
        `4|${callid}|q-acme|PJSIP/1001|CALLEROFFHOLD|`,
        `4|${end}`,
      ])
    }
  })

  it('takes whoever the agent talks to for the other party where a CONNECT does not name it', async () => {
    const { scene, callid, connect } = outbound('')
    await assertHolds(scene.at(2).hold('agent').at(3).unhold('agent'), [
      connect,
      `2|${callid}|q-acme|PJSIP/1001|CALLERONHOLD|`,
      `3|${callid}|q-acme|PJSIP/1001|CALLEROFFHOLD|`,
    ])
  })

  it('knows a tracked call by its CONNECT alone where nothing was told of its channels before', async () => {
    const scene = new Scene().at(1)
    const callid = `:${scene.uniqueid('agent')}`
    scene.line(callid, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('trunk'), '1').enter('out', 'agent')
    await assertHolds(scene.enter('out', 'trunk').at(2).hold('agent'), [
      `1|${callid}|q-acme|PJSIP/1001|CONNECT|1|<trunk>|1`,
      `2|${callid}|q-acme|PJSIP/1001|CALLERONHOLD|`,
    ])
  })

  it('logs nothing of a parked call of which the CONNECT does not name who picked it up', async () => {
    const scene = new Scene().enter('pick', 'parkee').enter('pick', 'agent').at(1)
    const callid = `:${scene.uniqueid('parkee')}`
    scene.line(callid, 'pk-default', 'PJSIP/1001', 'CONNECT', '1').at(2).hold('agent')
    await assertHolds(scene, [`1|${callid}|pk-default|PJSIP/1001|CONNECT|1`])
  })

  it('ends the hold of a tracked call that is connected anew: a dump may hold a call twice', async () => {
    const { scene, callid, connect } = outbound()
    scene.at(2).hold('agent').at(5).line(callid, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('trunk'), '1')
    const tracker = await assertHolds(scene.at(9).hangup('agent', 'trunk'), [
      connect,
      `2|${callid}|q-acme|PJSIP/1001|CALLERONHOLD|`,
      `5|${callid}|q-acme|PJSIP/1001|CALLEROFFHOLD|`,
      connect.replace('1|', '5|'),
    ])
    assert.equal(tracker.size, 0)
  })

  it('gives a hold to that one of two tracked calls of an agent of which the other party hears the music', async () => {
    for (const peer of ['one', 'two']) {
      const scene = new Scene().create('one').create('two').enter('b', 'agent').enter('b', peer).at(1)
      for (const parkee of ['one', 'two']) {
        const callid = `:${scene.uniqueid(parkee)}`
        scene.line(callid, 'pk-default', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('agent'), '0')
      }
      const tracker = await assertHolds(scene.at(2).hold('agent').at(3).hangup('agent', 'one', 'two'), [
        '1|:<one>|pk-default|PJSIP/1001|CONNECT|1|<agent>|0',
        '1|:<two>|pk-default|PJSIP/1001|CONNECT|1|<agent>|0',
        `2|:<${peer}>|pk-default|PJSIP/1001|CALLERONHOLD|`,
        `3|:<${peer}>|pk-default|PJSIP/1001|CALLEROFFHOLD|`,
      ])
      assert.equal(tracker.size, 0)
    }
  })

  it('stays with the agent of a parked call that takes the place of the Local half which picked it up', async () => {
    const half = 'Local/1003@x-1;1'
    const scene = new Scene().localBridge('Local/1003@x-1').enter('pick', half).enter('pick', 'parkee').at(1)
    scene.line(`:${scene.uniqueid('parkee')}`, 'pk-default', 'Local/1003@x', 'CONNECT', '1', scene.uniqueid(half), '0')
    scene.swap('pick', half, 'phone').leave('pick', half).hangup(half, 'Local/1003@x-1;2').at(2).hold('phone')
    const tracker = await assertHolds(scene.at(3).unhold('phone').at(4).hangup('phone', 'parkee'), [
      `1|:<parkee>|pk-default|Local/1003@x|CONNECT|1|<${half}>|0`,
      '2|:<parkee>|pk-default|Local/1003@x|CALLERONHOLD|',
      '3|:<parkee>|pk-default|Local/1003@x|CALLEROFFHOLD|',
    ])
    assert.equal(tracker.size, 0)
  })

  it('ends the hold of a tracked call just before its end line, and nothing comes after that', async () => {
    const scene = new Scene().enter('out', 'agent').enter('out', 'trunk').at(1)
    const callid = `:${scene.uniqueid('agent')}`
    scene.line(callid, 'q-acme', 'PJSIP/1001', 'CONNECT', '1', scene.uniqueid('trunk'), '1').at(2).hold('agent')
    scene.music('trunk').at(3).line(callid, 'q-acme', 'PJSIP/1001', 'BLINDTRANSFER', '1', 'x', '1', '2', '1')
    scene.silence('trunk').unhold('agent').at(4).hangup('agent', 'trunk')
    const tracker = await assertHolds(scene, [
      `1|${callid}|q-acme|PJSIP/1001|CONNECT|1|<trunk>|1`,
      `2|${callid}|q-acme|PJSIP/1001|CALLERONHOLD|`,
      `3|${callid}|q-acme|PJSIP/1001|CALLEROFFHOLD|`,
      `3|${callid}|q-acme|PJSIP/1001|BLINDTRANSFER|1|x|1|2|1`,
    ])
    assert.equal(tracker.size, 0)
  })
})
