import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import { Model } from '../support/model.ts'
import { Scene } from '../support/scene.ts'

/** Two phones in one bridge. */
const talking = (): Scene => new Scene().at(0).create('phone').create('caller').enter('b', 'phone').enter('b', 'caller')
const later = (scene: Scene): Scene => scene.at(50).event('Newstate')

/** Holds that the model has told of by that text, whoever is named first. */
const BY_PHONE = 'by phone holding: phone holding, caller held'
const BY_MUSIC = 'by caller held: phone holding, caller held'

let model: Model
beforeEach(() => {
  model = new Model(['holds'], ['hold-begun', 'hold-ended', 'passed-over'])
})
const assertSaid = (scene: Scene, ...expected: string[]): void =>
  assert.deepEqual(model.play(later(scene)).said(), expected)
/** What is kept once both phones are gone. */
const assertEmpty = (): void => {
  model.play(new Scene().at(60).create('phone').create('caller').hangup('phone', 'caller')).said()
  assert.equal(model.calls.size, 0, 'entries in the tables')
}

describe('A Hold', () => {
  it('begins a hold of all others in the bridge, and an Unhold ends it', () => {
    assertSaid(
      talking().at(1).hold('phone').at(2).unhold('phone'),
      `1 hold-begun ${BY_PHONE}`,
      `2 hold-ended ${BY_PHONE}`,
    )
    assertEmpty()
  })

  it('is the hold that music has shown already', () => {
    const scene = talking().at(1).music('caller').at(2).hold('phone').at(3).silence('caller').at(4).unhold('phone')
    assertSaid(scene, `1 hold-begun ${BY_MUSIC}`, `4 hold-ended ${BY_MUSIC}`)
    assertEmpty()
  })

  it('is another one where the music is that of somebody else’s Hold', () => {
    const scene = talking().at(1).hold('phone').music('caller').at(2).hold('caller')
    assertSaid(scene, `1 hold-begun ${BY_PHONE}`, '2 hold-begun by caller holding: caller holding, phone held')
  })

  it('of a channel that holds already says nothing new', () => {
    assertSaid(talking().at(1).hold('phone').at(2).hold('phone'), `1 hold-begun ${BY_PHONE}`)
  })

  it('in a conference is none, and the model says why', () => {
    const conference = new Scene().at(0).create('phone').create('caller').enter('c', 'caller')
    conference.enter('c', 'phone', { BridgeTechnology: 'softmix' }).at(1).hold('phone')
    assertSaid(conference, '1 passed-over no hold: the channel is in a conference, and the others continue to talk')
  })

  it('of a channel in no bridge is a hold of nobody', () => {
    const alone = new Scene().at(0).create('phone').at(1).hold('phone').at(2).unhold('phone')
    assertSaid(alone, '1 hold-begun by phone holding: phone holding', '2 hold-ended by phone holding: phone holding')
  })
})

describe('Music without a Hold', () => {
  it('is a hold by those who do not hear it, from its beginning to its end', () => {
    assertSaid(
      talking().at(1).music('caller').at(3).silence('caller'),
      `1 hold-begun ${BY_MUSIC}`,
      `3 hold-ended ${BY_MUSIC}`,
    )
    assertEmpty()
  })

  it('counts once, however often it is said to begin', () => {
    const weighed = talking().at(1).music('caller').music('caller').at(2).music('caller').at(3).silence('caller')
    assertSaid(weighed, `1 hold-begun ${BY_MUSIC}`, `3 hold-ended ${BY_MUSIC}`)
  })

  it('is none where its channel is alone', () => {
    assertSaid(
      new Scene().at(0).create('caller').at(1).music('caller'),
      '1 passed-over no hold: the channel hears the music alone, in a queue, in a parking lot or in the dialplan',
    )
  })

  it('is none where its channel leaves the bridge within 2 ms', () => {
    assertSaid(
      talking().at(1).music('caller').at(1.001).leave('b', 'caller'),
      '1 passed-over no hold: the music began when the channel left its bridge, perhaps for a parking lot',
    )
  })

  it('is the hold of a Hold that comes within 2 ms', () => {
    const scene = talking().at(1).music('caller').hold('phone').at(2).unhold('phone')
    assertSaid(scene, `1 hold-begun ${BY_PHONE}`, `2 hold-ended ${BY_PHONE}`)
    assertEmpty()
  })

  it('may begin before its channel enters the bridge: it is held by who is there then', () => {
    const scene = new Scene().at(0).create('phone').create('caller').enter('b', 'phone')
    scene.at(1).music('caller').at(1.001).enter('b', 'caller')
    assertSaid(scene, `1 hold-begun ${BY_MUSIC}`)
  })

  it('that starts once more behind an announcement, when its hold is over, is told of as none', () => {
    const over = talking().at(1).hold('phone').music('caller').at(2).silence('caller').at(3).unhold('phone')
    const LATE = 'no hold: the hold is over; only its music starts again after an announcement'
    assertSaid(
      over.at(4).music('caller').silence('caller').at(5).music('caller'),
      `1 hold-begun ${BY_PHONE}`,
      `3 hold-ended ${BY_PHONE}`,
      `4 passed-over ${LATE}`,
      `5 hold-begun ${BY_MUSIC}`,
    )
  })

  it('goes on as a hold where the holder leaves, and ends with its last hearer', () => {
    const three = talking().create('third').enter('b', 'third')
    three.at(1).hold('phone').music('caller').music('third').at(2).leave('b', 'phone')
    three.at(3).silence('caller').at(4).silence('third')
    const parties = 'by phone holding: phone holding, caller held, third held'
    assertSaid(three, `1 hold-begun ${parties}`, `4 hold-ended ${parties}`)
    model.play(new Scene().at(60).create('phone').create('caller').create('third').hangup('phone', 'caller', 'third'))
    assert.equal(model.calls.size, 0)
  })
})

describe('A hold with a Hold', () => {
  it('does not end where its music stops, and goes on where that starts again', () => {
    const scene = talking().at(1).hold('phone').music('caller').at(2).silence('caller').at(3).music('caller')
    assertSaid(scene.at(4).unhold('phone'), `1 hold-begun ${BY_PHONE}`, `4 hold-ended ${BY_PHONE}`)
    // The music that stopped has started again: nothing is left to come behind the end.
    assertSaid(
      new Scene()
        .at(51)
        .create('phone')
        .create('caller')
        .at(52)
        .silence('caller')
        .music('caller')
        .at(53)
        .silence('caller'),
      `52 hold-begun ${BY_MUSIC}`,
      `53 hold-ended ${BY_MUSIC}`,
    )
  })

  it('ends where the channel that is held leaves, and leaves nothing behind', () => {
    assertSaid(
      talking().at(1).hold('phone').music('caller').at(2).leave('b', 'caller'),
      `1 hold-begun ${BY_PHONE}`,
      `2 hold-ended ${BY_PHONE}`,
    )
    assertEmpty()
  })

  it('ends where a party hangs up', () => {
    for (const who of ['phone', 'caller']) {
      model = new Model(['holds'], ['hold-begun', 'hold-ended'])
      const scene = talking().at(1).hold('phone').at(2).hangup(who)
      assertSaid(scene, `1 hold-begun ${BY_PHONE}`, `2 hold-ended ${BY_PHONE}`)
      assertEmpty()
    }
  })
})
