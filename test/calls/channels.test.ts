import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { RESYNC } from '../../lib/ami/own-events.ts'
import { type Channel, ChannelTable } from '../../lib/calls/channels.ts'
import { areConnected, halvesBehind, partiesWith } from '../../lib/calls/hearing.ts'
import { Model } from '../support/model.ts'
import { Scene } from '../support/scene.ts'

let table: ChannelTable
let told: string[]
let scene: Scene
beforeEach(() => {
  table = new ChannelTable()
  told = []
  scene = new Scene()
  table.watch({
    replaced: (half, by) => told.push(`${half.name} replaced by ${by.name}`),
    left: ({ name }, bridge) => told.push(`${name} left ${bridge.uniqueid}`),
    gone: ({ name }, _at, isUnseen) => told.push(`${name} gone${isUnseen ? ' unseen' : ''}`),
  })
})
/** Plays what has been added to the scene since: what its argument does. */
function play(_added: Scene): string[] {
  for (const record of scene.records.splice(0)) table.apply(record as AmiMessage, 0)
  return told.splice(0)
}
const channel = (name: string): Channel | undefined => table.find(scene.uniqueid(name))
const talkingThroughLocal = (): Scene => {
  scene.create('phone').create('caller').localBridge('Local/1@x').enter('q', 'caller').enter('q', 'Local/1@x;1')
  return scene.enter('p', 'Local/1@x;2').enter('p', 'phone')
}
const there = (): string[] => [...table].map(({ name }) => name)

describe('A channel', () => {
  it('is there from its Newchannel, or the first event that names it, to its Hangup', () => {
    play(scene.create('a').enter('b', 'b').agentConnect('c', 'd').event('LocalBridge', {}))
    assert.deepEqual(there(), ['a', 'b', 'c', 'd'])
    assert.deepEqual(
      there().map((name) => channel(name)?.isCreated),
      [true, false, false, false],
    )
    assert.deepEqual(play(scene.hangup('a', 'b', 'c', 'd')), ['a gone', 'b gone', 'c gone', 'd gone'])
    assert.equal(table.size, 0)
  })

  it('that a late event names behind its Hangup is not there again; that of a new Newchannel is', () => {
    play(scene.create('a').hangup('a').enter('b', 'a').agentConnect('a', 'a'))
    assert.deepEqual(there(), [])
    play(scene.create('a'))
    assert.deepEqual(there(), ['a'])
  })

  it('is remembered behind its Hangup for as long as another thousand hang up', () => {
    play(scene.create('a').hangup('a'))
    for (let n = 0; n < 1023; n++) play(scene.create(`x${n}`).hangup(`x${n}`))
    play(scene.enter('b', 'a'))
    assert.deepEqual(there(), [])
    for (let n = 0; n < 1025; n++) play(scene.create(`y${n}`).hangup(`y${n}`))
    play(scene.enter('b', 'a'))
    assert.deepEqual(there(), ['a'])
  })

  it('is up from its state 6 on, also where its Newchannel says so', () => {
    play(scene.create('a').event('Newstate', { Uniqueid: scene.uniqueid('a'), ChannelState: '5' }))
    assert.equal(channel('a')?.isUp, false)
    play(scene.up('a').event('Newstate', { Uniqueid: scene.uniqueid('a'), ChannelState: '4' }))
    assert.equal(channel('a')?.isUp, true)
    play(scene.event('Newchannel', { Channel: 'up', Uniqueid: scene.uniqueid('up'), ChannelState: '6' }))
    assert.equal(channel('up')?.isUp, true)
  })

  it('has the name that the first event with a name says', () => {
    play(scene.event('AgentConnect', { Uniqueid: scene.uniqueid('a') }))
    assert.equal(channel('a')?.name, '')
    play(scene.enter('b', 'a'))
    assert.equal(channel('a')?.name, 'a')
  })

  it('is gone where Asterisk shuts down, as all others', () => {
    assert.deepEqual(play(scene.create('a').create('b').event('Shutdown')), ['a gone', 'b gone'])
  })

  it('that Asterisk lists no more is gone unseen', () => {
    play(scene.create('a'))
    assert.deepEqual(play(scene.event('Hangup', { Uniqueid: scene.uniqueid('a'), Channel: 'a', [RESYNC]: '1' })), [
      'a gone unseen',
    ])
  })
})

describe('A bridge', () => {
  it('has those who entered and did not leave, and is none without any', () => {
    play(scene.create('a').create('b').enter('x', 'a').enter('x', 'b'))
    const bridge = channel('a')?.bridge
    assert.deepEqual(
      [...(bridge?.channels ?? [])].map(({ name }) => name),
      ['a', 'b'],
    )
    assert.deepEqual(play(scene.leave('x', 'a')), ['a left x'])
    assert.equal(channel('a')?.bridge, undefined)
    play(scene.leave('x', 'b').hangup('a', 'b'))
    assert.equal(table.size, 0)
  })

  it('is left by a channel that enters another one; a late BridgeLeave of the first says nothing', () => {
    play(scene.create('a').enter('x', 'a'))
    assert.deepEqual(play(scene.enter('y', 'a')), ['a left x'])
    assert.deepEqual(play(scene.leave('x', 'a')), [])
    assert.equal(channel('a')?.bridge?.uniqueid, 'y')
  })

  it('is entered once, however often that is told', () => {
    play(scene.create('a').enter('x', 'a'))
    assert.deepEqual(play(scene.enter('x', 'a')), [])
  })

  it('joins its channels, but not one of a parking lot, or one that holds', () => {
    for (const [headers, joins] of [
      [{}, true],
      [{ BridgeType: 'parking', BridgeTechnology: 'holding_bridge' }, false],
      [{ BridgeType: 'parking' }, false],
      [{ BridgeTechnology: 'holding_bridge' }, false],
    ] as const) {
      play(scene.create('a').enter('x', 'a', headers))
      assert.equal(channel('a')?.bridge?.joins, joins)
      play(scene.hangup('a'))
    }
  })

  it('is a conference while it mixes', () => {
    play(scene.create('a').enter('x', 'a', { BridgeTechnology: 'softmix' }))
    assert.equal(channel('a')?.bridge?.isConference, true)
    play(scene.create('b').enter('x', 'b'))
    assert.equal(channel('a')?.bridge?.isConference, false)
  })
})

describe('The halves of a Local channel', () => {
  it('are a pair by their LocalBridge, and by their names alone', () => {
    play(scene.localBridge('Local/1@x'))
    assert.equal(channel('Local/1@x;1')?.otherHalf, channel('Local/1@x;2'))
    play(scene.create('Local/2@x;2').create('Local/2@x;1').create('Local/3@x;1').create('Local/2@x'))
    assert.equal(channel('Local/2@x;2')?.otherHalf, channel('Local/2@x;1'))
    assert.equal(channel('Local/3@x;1')?.otherHalf, undefined)
  })

  it('are no pair where one of them is not known, and stay the pair that they are', () => {
    play(scene.event('LocalBridge', { LocalOneChannel: 'Local/5@x;1', LocalOneUniqueid: scene.uniqueid('five') }))
    assert.equal(channel('five')?.otherHalf, undefined)
    play(scene.event('LocalBridge', { LocalTwoChannel: 'Local/6@x;2', LocalTwoUniqueid: scene.uniqueid('six') }))
    assert.equal(channel('six')?.otherHalf, undefined)
    play(scene.localBridge('Local/1@x'))
    play(scene.event('Newchannel', { Channel: 'Local/1@x;2', Uniqueid: '1800009999.9' }))
    assert.equal(table.find('1800009999.9')?.otherHalf, undefined)
    assert.equal(channel('Local/1@x;1')?.otherHalf, channel('Local/1@x;2'))
  })

  it('of which one is not known are not optimised away', () => {
    play(
      scene.create('Local/1@x;1').event('LocalOptimizationBegin', { LocalOneUniqueid: scene.uniqueid('Local/1@x;1') }),
    )
    play(
      scene.create('Local/2@x;2').event('LocalOptimizationBegin', { LocalTwoUniqueid: scene.uniqueid('Local/2@x;2') }),
    )
    for (const half of ['Local/1@x;1', 'Local/2@x;2']) assert.equal(channel(half)?.optimisedAway, false)
  })

  it('are no pair any more where one hangs up', () => {
    play(scene.localBridge('Local/1@x').hangup('Local/1@x;1'))
    assert.equal(channel('Local/1@x;2')?.otherHalf, undefined)
    play(scene.hangup('Local/1@x;2'))
    assert.equal(table.size, 0)
  })

  it('are replaced by whoever is behind them, when they leave', () => {
    play(talkingThroughLocal())
    play(scene.localOptimizationBegin('Local/1@x'))
    assert.equal(channel('Local/1@x;1')?.optimisedAway, true)
    assert.equal(channel('Local/1@x;2')?.optimisedAway, true)
    assert.deepEqual(play(scene.leave('q', 'Local/1@x;1').leave('p', 'Local/1@x;2')), [
      'Local/1@x;1 left q',
      'Local/1@x;1 replaced by phone',
      'Local/1@x;2 left p',
      'Local/1@x;2 replaced by caller',
    ])
    assert.deepEqual(play(scene.hangup('Local/1@x;1', 'Local/1@x;2')), ['Local/1@x;1 gone', 'Local/1@x;2 gone'])
  })

  it('are replaced by who is swapped in, and the other one by who is next to that', () => {
    play(talkingThroughLocal())
    assert.deepEqual(play(scene.swap('q', 'Local/1@x;1', 'phone')), ['phone left p', 'Local/1@x;1 replaced by phone'])
    assert.deepEqual(
      ['Local/1@x;1', 'Local/1@x;2', 'phone'].map((name) => channel(name)?.optimisedAway),
      [true, true, false],
    )
    assert.deepEqual(play(scene.leave('q', 'Local/1@x;1').leave('p', 'Local/1@x;2')), [
      'Local/1@x;1 left q',
      'Local/1@x;2 left p',
      'Local/1@x;2 replaced by caller',
    ])
  })

  it('are not what an attended transfer swaps a phone for', () => {
    play(scene.create('phone').create('target').enter('q', 'phone'))
    assert.deepEqual(play(scene.swap('q', 'phone', 'target')), [])
  })

  it('are replaced when they hang up in their bridge, too', () => {
    play(talkingThroughLocal())
    play(scene.localOptimizationBegin('Local/1@x'))
    assert.deepEqual(play(scene.hangup('Local/1@x;1')), ['Local/1@x;1 replaced by phone', 'Local/1@x;1 gone'])
  })
})

describe('Who hears whom', () => {
  it('is who is in one bridge, or in bridges that pairs join', () => {
    play(scene.create('a').create('b').create('c').localBridge('Local/1@x'))
    play(scene.enter('x', 'a').enter('x', 'Local/1@x;1').enter('y', 'Local/1@x;2').enter('y', 'b').enter('z', 'c'))
    const [a, b, c] = [channel('a'), channel('b'), channel('c')]
    assert.ok(a && b && c)
    assert.deepEqual([areConnected(a, b), areConnected(b, a), areConnected(a, c)], [true, true, false])
    assert.deepEqual(
      partiesWith(a).map(({ name }) => name),
      ['a', 'Local/1@x;2'],
    )
    assert.deepEqual(a.bridge && halvesBehind(a.bridge).map(({ name }) => name), ['Local/1@x;2', 'Local/1@x;1'])
  })

  it('is nobody in a parking lot', () => {
    play(scene.create('a').create('b').enterLot('x', 'a').enterLot('x', 'b'))
    const [a, b] = [channel('a'), channel('b')]
    assert.ok(a && b)
    assert.equal(areConnected(a, b), false)
    assert.deepEqual(a.bridge && halvesBehind(a.bridge), [])
  })
})

describe('What the model tells of all calls', () => {
  it('is that somebody asks to hang up, for whom, but not of a half that is optimised away', () => {
    const model = new Model(['holds'], ['hangup-requested'])
    const asked = scene.at(1).create('a').create('caller').localBridge('Local/1@x')
    asked
      .enter('q', 'caller')
      .enter('q', 'Local/1@x;1')
      .enter('p', 'Local/1@x;2')
      .enter('p', 'a')
      .at(2)
      .hangupRequest('a')
    assert.deepEqual(model.play(asked).said(), ['2 hangup-requested a, Local/1@x;1'])
    scene.records.length = 0
    const optimised = scene.at(3).localOptimizationBegin('Local/1@x').hangupRequest('Local/1@x;1')
    assert.deepEqual(model.play(optimised).said(), [])
  })

  it('is that bridges are joined by halves', () => {
    const model = new Model(['holds'], ['joined'])
    const joined = scene
      .at(1)
      .localBridge('Local/1@x')
      .create('a')
      .create('b')
      .enter('x', 'a')
      .enter('x', 'Local/1@x;1')
    assert.deepEqual(model.play(joined).said(), ['1 joined Local/1@x;2'])
  })

  it('in a gap is that a channel is gone unseen whose name another one has; the stream’s end ends the others', () => {
    const model = new Model(['holds'], ['gap', 'gap-known', 'gone'])
    const before = scene.at(1).create('a').create('b').create('c').at(2).event('Gap').at(3).enter('x', 'c')
    before.at(4).event('Newchannel', { Channel: 'a', Uniqueid: '1800000999.1' })
    assert.deepEqual(model.play(before).said(), ['2 gone a'])
    assert.deepEqual(model.end().said(), ['2 gone b'])
  })

  it('in a gap of a connection is that it begins, and that all is known again', () => {
    const model = new Model(['dials'], ['gap', 'gap-known', 'gone'])
    const around = scene.at(1).create('a').at(2).event('Gap').at(3).event('ResyncBegin').at(4).event('ResyncEnd')
    assert.deepEqual(model.play(around).said(), ['3 gap', '4 gap-known'])
    assert.deepEqual(model.end().said(), [])
  })
})
