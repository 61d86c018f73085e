import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import { Model } from '../support/model.ts'
import { Scene } from '../support/scene.ts'

const start = (): Scene => new Scene().at(0).create('caller').create('phone').create('other')
const parked = (): Scene => start().at(10).enterLot('lot', 'caller').parking('ParkedCall', 'caller')
const PLACE = 'caller (5551000) in default 701'
const PARKED = `10 parked ${PLACE}`

let model: Model
beforeEach(() => {
  model = new Model(['parkings'], ['parked', 'parking-swapped', 'parking-over', 'connected', 'parted', 'passed-over'])
})
const assertSaid = (scene: Scene, ...expected: string[]): void => assert.deepEqual(model.play(scene).said(), expected)
const assertEmpty = (): void => {
  model.play(new Scene().at(1000).create('caller').create('phone').create('other').hangup('caller', 'phone', 'other'))
  model.play(new Scene().at(1010).create('caller').hangup('caller')).said()
  assert.equal(model.calls.size, 0)
}

describe('A parked call', () => {
  it('is given up where its channel hangs up and Asterisk says so', () => {
    const scene = parked().at(20).hangup('caller').at(20.5).parking('ParkedCallGiveUp', 'caller')
    assertSaid(scene, PARKED, `20.5 parking-over ${PLACE}: given up`)
    assertEmpty()
  })

  it('is given up, at its Hangup, where Asterisk says nothing within a second', () => {
    assertSaid(
      parked().at(20).hangup('caller').at(20.999).event('Tick').at(21).event('Tick'),
      PARKED,
      `20 parking-over ${PLACE}: given up`,
    )
    assertEmpty()
  })

  it('is over where its time runs out', () => {
    assertSaid(parked().at(55).parking('ParkedCallTimeOut', 'caller'), PARKED, `55 parking-over ${PLACE}: timed out`)
    assertEmpty()
  })

  it('begins a conversation where somebody picks it up, which ends by itself', () => {
    const scene = parked().at(20).retrieve('caller', 'phone').enter('b', 'caller').enter('b', 'phone')
    assertSaid(scene, PARKED, '20 connected phone and caller by parking')
    assertSaid(
      new Scene().at(30).create('caller').create('phone').hangup('phone'),
      '30 parted phone and caller: hung up by agent',
    )
    assertEmpty()
  })

  it('may be picked up a moment behind the Hangup of its channel: it was connected, and hung up', () => {
    assertSaid(
      parked().at(20).hangup('caller').at(20.001).retrieve('caller', 'phone').at(21).event('Tick'),
      PARKED,
      '20.001 connected phone and caller by parking',
      '20.001 parted phone and caller: hung up by other',
    )
    assertEmpty()
  })

  it('is another channel’s where an attended transfer swaps that into its place', () => {
    const swapped = parked().at(20).parking('ParkedCallSwap', 'other')
    assertSaid(swapped, PARKED, '20 parking-swapped other (5551000) in default 701')
    assertSaid(new Scene().at(21).create('caller').hangup('caller').at(30).create('x'))
    assertSaid(
      new Scene().at(31).create('x').create('x2').create('other').parking('ParkedCallTimeOut', 'other'),
      '31 parking-over other (5551000) in default 701: timed out',
    )
    assertEmpty()
  })

  it('of which a channel that hung up has been swapped away is not given up', () => {
    const swapped = parked().at(20).hangup('caller').at(20.5).parking('ParkedCallSwap', 'other').at(25).create('x')
    assertSaid(swapped, PARKED, '20.5 parking-swapped other (5551000) in default 701')
  })

  it('is told once of a place; of another place it has left the first, and the event of that is lost', () => {
    assertSaid(
      parked().at(12).parking('ParkedCall', 'caller').at(14).parking('ParkedCall', 'caller', { ParkingSpace: '702' }),
      PARKED,
      `14 parking-over ${PLACE}: timed out`,
      '14 parked caller (5551000) in default 702',
    )
  })

  it('in the place of one that left it unseen is its own; that one’s end takes nothing of it away', () => {
    const scene = parked().at(12).parking('ParkedCall', 'other').at(14).parking('ParkedCallTimeOut', 'caller')
    scene.at(16).hangup('other').at(16.1).parking('ParkedCallGiveUp', 'other')
    assertSaid(
      scene,
      PARKED,
      '12 parked other (5551000) in default 701',
      `14 parking-over ${PLACE}: timed out`,
      '16.1 parking-over other (5551000) in default 701: given up',
    )
    assertEmpty()
  })
})

describe('An event of a call of which nobody saw that it was parked', () => {
  const UNSEEN = 'no parked call: ami-track did not see when it was parked'

  it('is told of as none', () => {
    for (const event of ['ParkedCallGiveUp', 'ParkedCallTimeOut']) {
      assertSaid(start().at(10).parking(event, 'caller'), `10 passed-over ${UNSEEN}`)
      model = new Model(['parkings'], ['passed-over'])
    }
    assertSaid(start().at(10).retrieve('caller', 'phone'), `10 passed-over ${UNSEEN}`)
  })

  it('or by a phone that nobody knows', () => {
    assertSaid(parked().at(20).parking('UnParkedCall', 'caller'), PARKED, `20 passed-over ${UNSEEN}`)
  })

  it('of a place that another call has now is not that call’s', () => {
    const scene = parked().at(20).parking('ParkedCallGiveUp', 'other')
    assertSaid(scene, PARKED, `20 passed-over ${UNSEEN}`)
  })

  it('and a swap into a place in which nobody is parked is nothing', () => {
    assertSaid(start().at(10).parking('ParkedCallSwap', 'other'))
    assertEmpty()
  })
})
