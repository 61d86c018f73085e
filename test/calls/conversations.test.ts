import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import { Model } from '../support/model.ts'
import { Scene } from '../support/scene.ts'

/** The phone dials out, and talks with the trunk from 10 on. */
const talking = (): Scene =>
  new Scene()
    .at(0)
    .create('phone', '5550001')
    .create('third', '200')
    .at(1)
    .dial('phone', 'trunk')
    .at(10)
    .answered('phone', 'trunk')
const CONNECTED = '10 connected phone and trunk by dial from 1 to 10'
const parted = (at: number, what: string): string => `${at} parted phone and trunk: ${what}`

let model: Model
beforeEach(() => {
  model = new Model(['dials'], ['connected', 'parted'])
})
/** The scene, and 10 s later the end of all. */
const assertSaid = (scene: Scene, ...expected: string[]): void =>
  assert.deepEqual(model.play(scene).play(new Scene().at(100).event('Tick')).said(), [CONNECTED, ...expected])

describe('Who has hung up', () => {
  it('is who asked for it first, whoever leaves and ends first', () => {
    for (const [who, side] of [
      ['phone', 'agent'],
      ['trunk', 'other'],
    ] as const) {
      for (const first of ['phone', 'trunk']) {
        model = new Model(['dials'], ['connected', 'parted'])
        const scene = talking().at(20).hangupRequest(who).leave('talk', first).hangup(first)
        assertSaid(scene, parted(20, `hung up by ${side}`))
      }
    }
  })

  it('is the first of two who ask', () => {
    assertSaid(
      talking().at(20).hangupRequest('trunk').hangupRequest('phone').leave('talk', 'phone').hangup('phone'),
      parted(20, 'hung up by other'),
    )
  })

  it('without a request is who left the bridge first', () => {
    assertSaid(talking().at(20).leave('talk', 'trunk').hangup('trunk'), parted(20, 'hung up by other'))
  })

  it('is the agent, 100 ms later, where the one that stays is gone before the one that left: a Redirect', () => {
    const scene = talking().at(20).leave('talk', 'trunk').leave('talk', 'phone').at(20.05).hangup('phone')
    assertSaid(scene, parted(20.05, 'hung up by agent'))
    model = new Model(['dials'], ['connected', 'parted'])
    const both = talking().at(20).leave('talk', 'trunk').leave('talk', 'phone').at(20.05).hangup('phone').at(20.06)
    assertSaid(both.hangup('trunk'), parted(20.05, 'hung up by other'))
  })

  it('is the agent where both were away for more than 100 ms: a Redirect tore them apart', () => {
    const torn = talking().at(20).leave('talk', 'trunk').leave('talk', 'phone')
    assertSaid(torn.at(25).hangup('trunk'), parted(25, 'hung up by agent'))
  })

  it('is no matter of a request that comes when both are away', () => {
    const torn = talking().at(20).leave('talk', 'phone').leave('talk', 'trunk').at(21).hangupRequest('trunk')
    assertSaid(torn.hangup('trunk'), parted(21, 'hung up by agent'))
  })
})

describe('A blind transfer', () => {
  it('ends the conversation, whichever of the two it names as transferer', () => {
    assertSaid(
      talking().at(20).blindTransfer('phone', 'trunk', '300'),
      parted(20, 'blind transfer by agent to 300 from-internal'),
    )
    model = new Model(['dials'], ['connected', 'parted'])
    assertSaid(
      talking().at(20).blindTransfer('trunk', 'phone', '300'),
      parted(20, 'blind transfer by agent to 300 from-internal'),
    )
  })

  it('that fails ends nothing', () => {
    assertSaid(talking().at(20).blindTransfer('phone', 'trunk', '300', 'Fail'))
  })

  it('that comes within 100 ms behind an entry into a queue has the time of that', () => {
    assertSaid(
      talking().at(20).queueCallerJoin('trunk').at(20.09).blindTransfer('phone', 'trunk', '300'),
      parted(20, 'blind transfer by agent to 300 from-internal'),
    )
  })

  it('that comes later is of no conversation any more', () => {
    assertSaid(
      talking().at(20).queueCallerJoin('trunk').at(20.11).blindTransfer('phone', 'trunk', '300'),
      parted(20, 'hung up by agent'),
    )
  })
})

describe('An attended transfer', () => {
  for (const [type, headers, destination] of [
    ['into a bridge', { DestType: 'Bridge', DestBridgeUniqueid: 'b-9' }, 'BRIDGE b-9'],
    ['into an application', { DestType: 'App', DestApp: 'Park' }, 'APP Park'],
    [
      'through a pair of Local channels',
      { DestType: 'Link', LocalOneChannel: 'Local/1;1', LocalTwoChannel: 'Local/1;2' },
      'LINK Local/1;1 Local/1;2',
    ],
  ] as const) {
    it(`${type} ends the conversation, and says where it went`, () => {
      assertSaid(
        talking()
          .at(20)
          .attendedTransfer('phone', 'third', { DestBridgeUniqueid: '', ...headers }),
        parted(20, `attended transfer by agent to ${destination}`),
      )
    })
  }

  it('that fails, or in which all stay together, ends nothing', () => {
    assertSaid(talking().at(20).attendedTransfer('phone', 'third', { Result: 'Fail' }))
    model = new Model(['dials'], ['connected', 'parted'])
    assertSaid(talking().at(20).attendedTransfer('phone', 'third', { DestType: 'Threeway' }))
  })

  it('ends the conversation of whomever it names', () => {
    const named = { TransfereeUniqueid: talking().uniqueid('trunk'), TransferTargetUniqueid: '' }
    assertSaid(
      talking().at(20).attendedTransfer('third', 'third', named),
      parted(20, 'attended transfer by agent to BRIDGE b-1'),
    )
    model = new Model(['dials'], ['connected', 'parted'])
    assertSaid(
      talking().at(20).attendedTransfer('third', 'phone'),
      parted(20, 'attended transfer by agent to BRIDGE b-1'),
    )
  })

  it('may come behind the hang-up of the one who consulted', () => {
    const consulting = talking().at(15).leave('talk', 'phone').enter('aside', 'third').enter('aside', 'phone')
    const scene = consulting.at(20).hangupRequest('phone').leave('aside', 'phone').hangup('phone')
    assertSaid(
      scene.at(20.01).attendedTransfer('phone', 'phone'),
      parted(20, 'attended transfer by agent to BRIDGE b-1'),
    )
    model = new Model(['dials'], ['connected', 'parted'])
    const alone = talking().at(15).leave('talk', 'phone').enter('aside', 'third').enter('aside', 'phone')
    assertSaid(
      alone.at(20).hangupRequest('phone').leave('aside', 'phone').hangup('phone'),
      parted(20, 'hung up by agent'),
    )
  })
})

describe('A party that is parked', () => {
  it('ends the conversation as one who hung up, once it has moved, or 0.9 s later', () => {
    assertSaid(talking().at(20).parking('ParkedCall', 'trunk'), parted(20, 'hung up by agent'))
    model = new Model(['dials'], ['connected', 'parted'])
    const moved = talking().at(20).parking('ParkedCall', 'trunk').at(20.5).leave('talk', 'trunk')
    const late = moved.at(20.59).blindTransfer('phone', 'trunk', '700')
    assertSaid(late, parted(20, 'blind transfer by agent to 700 from-internal'))
    model = new Model(['dials'], ['connected', 'parted'])
    const tooLate = talking().at(20).parking('ParkedCall', 'trunk').at(20.5).leave('talk', 'trunk')
    assertSaid(tooLate.at(20.61).blindTransfer('phone', 'trunk', '700'), parted(20, 'hung up by agent'))
  })

  it('and has not moved is transferred by a BlindTransfer that comes up to 0.9 s later', () => {
    const late = talking().at(20).parking('ParkedCall', 'trunk').at(20.89).blindTransfer('phone', 'trunk', '700')
    assertSaid(late, parted(20, 'blind transfer by agent to 700 from-internal'))
    model = new Model(['dials'], ['connected', 'parted'])
    const tooLate = talking().at(20).parking('ParkedCall', 'trunk').at(20.91).blindTransfer('phone', 'trunk', '700')
    assertSaid(tooLate, parted(20, 'hung up by agent'))
  })

  it('whose hang-up comes first has not hung up: it was parked', () => {
    const scene = talking().at(20).parking('ParkedCall', 'trunk').at(20.05).hangupRequest('trunk').hangup('trunk')
    assertSaid(scene, parted(20, 'hung up by agent'))
  })
})

describe('A conversation', () => {
  it('goes on where a party leaves its bridge and comes back', () => {
    const back = talking().at(20).leave('talk', 'trunk').at(30).enter('talk', 'trunk')
    assertSaid(back.at(40).leave('talk', 'phone').hangup('phone'), parted(40, 'hung up by agent'))
  })

  it('goes on in another bridge into which both go', () => {
    const moved = talking()
      .at(20)
      .leave('talk', 'trunk')
      .leave('talk', 'phone')
      .enter('b-2', 'trunk')
      .enter('b-2', 'phone')
    assertSaid(moved.at(40).leave('b-2', 'trunk').hangup('trunk'), parted(40, 'hung up by other'))
  })

  it('leaves nothing behind', () => {
    model.play(talking().at(20).leave('talk', 'trunk').hangup('trunk').leave('talk', 'phone').hangup('phone', 'third'))
    assert.equal(model.calls.size, 0)
  })
})
