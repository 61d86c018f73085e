import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import type { Change } from '../../lib/calls/change.ts'
import { Model } from '../support/model.ts'
import { Scene } from '../support/scene.ts'

const KINDS: readonly Change['kind'][] = ['dialled', 'dial-silent', 'dial-over', 'connected', 'parted', 'passed-over']
const start = (): Scene => new Scene().at(0).create('phone', '5550001', 'acme')
const dialling = (): Scene => start().at(1).dial('phone', 'trunk', { Exten: '5550001', DialString: 'trunk/5550001' })
const DIALLED = '1 dialled 5550001 by phone: trunk'

let model: Model
beforeEach(() => {
  model = new Model(['dials'], KINDS)
})
const assertSaid = (scene: Scene, ...expected: string[]): void =>
  assert.deepEqual(model.play(scene).play(new Scene().at(100).event('Tick')).said(), expected)
const assertEmpty = (): void => {
  for (const channel of [...model.calls.channels]) model.calls.channels.hangUp(channel, 0, false)
  assert.equal(model.calls.size, 0)
}

describe('A dial', () => {
  it('is connected where both are in one bridge, not by its DialEnd', () => {
    const answered = dialling().at(5).up('trunk').dialEnd('phone', 'trunk').at(6).enter('talk', 'trunk')
    assertSaid(answered.at(7).enter('talk', 'phone'), DIALLED, '7 connected phone and trunk by dial from 1 to 5')
    assertEmpty()
  })

  it('is silent where no leg rings any more, and over, since then, where its channel hangs up', () => {
    assertSaid(
      dialling().at(5).dialEnd('phone', 'trunk', 'BUSY').at(9).hangup('trunk', 'phone'),
      DIALLED,
      '5 dial-silent by phone: the dial ended (BUSY)',
      '9 dial-over by phone, waited until 5',
    )
    assertEmpty()
  })

  it('that still rings is over at the hang-up of its channel', () => {
    assertSaid(dialling().at(9).hangup('phone'), DIALLED, '9 dial-over by phone, waited until 9')
    assertEmpty()
  })

  it('with another leg that rings is not silent', () => {
    const two = dialling().at(2).dial('phone', 'backup').at(5).dialEnd('phone', 'trunk', 'BUSY')
    assertSaid(
      two.at(8).dialEnd('phone', 'backup', 'NOANSWER'),
      DIALLED,
      '8 dial-silent by phone: the dial ended (NOANSWER)',
    )
  })

  it('whose ringing phone hangs up is silent; not where that did not ring any more', () => {
    assertSaid(dialling().at(5).hangup('trunk'), DIALLED, '5 dial-silent by phone: the ringing phone hung up')
    model = new Model(['dials'], KINDS)
    assertSaid(
      dialling().at(5).dialEnd('phone', 'trunk', 'BUSY').at(6).hangup('trunk'),
      DIALLED,
      '5 dial-silent by phone: the dial ended (BUSY)',
    )
  })

  it('begins anew where its channel dials again when it is silent', () => {
    assertSaid(
      dialling().at(5).dialEnd('phone', 'trunk', 'BUSY').at(6).dial('phone', 'backup', { Exten: '5550002' }),
      DIALLED,
      '5 dial-silent by phone: the dial ended (BUSY)',
      '6 dialled 5550001 by phone: trunk, backup',
    )
  })

  it('is over where the dialplan answers its channel, not while a leg rings', () => {
    assertSaid(
      dialling().at(5).up('phone').at(6).dialEnd('phone', 'trunk', 'BUSY').at(7).up('phone'),
      DIALLED,
      '6 dial-silent by phone: the dial ended (BUSY)',
      '7 dial-over by phone, waited until 6',
    )
  })

  it('is over where its channel enters a queue, is parked, or is transferred', () => {
    const over = [DIALLED, '9 dial-over by phone, waited until 9']
    assertSaid(dialling().at(9).queueCallerJoin('phone'), ...over)
    for (const leave of [
      (scene: Scene): Scene => scene.parking('ParkedCall', 'phone'),
      (scene: Scene): Scene => scene.blindTransfer('phone', 'nobody', '300'),
      (scene: Scene): Scene => scene.blindTransfer('nobody', 'phone', '300'),
      (scene: Scene): Scene => scene.attendedTransfer('phone', 'nobody'),
      (scene: Scene): Scene => scene.attendedTransfer('nobody', 'phone'),
      (scene: Scene): Scene =>
        scene.attendedTransfer('nobody', 'nobody', { TransfereeUniqueid: start().uniqueid('phone') }),
    ]) {
      model = new Model(['dials'], KINDS)
      assertSaid(leave(dialling().at(9)), ...over)
    }
  })

  it('goes on where a transfer fails', () => {
    assertSaid(dialling().at(9).blindTransfer('phone', 'nobody', '300', 'Fail'), DIALLED)
  })

  it('is another phone’s that picks it up', () => {
    const picked = dialling().create('other').at(4).up('other').dialEnd('phone', 'other').at(5)
    assertSaid(
      picked.enter('talk', 'other').enter('talk', 'phone'),
      DIALLED,
      '5 connected phone and other by dial from 1 to 4',
    )
    assertEmpty()
  })

  it('is silent where that phone hangs up, and none rings', () => {
    const picked = dialling().create('other').at(4).dialEnd('phone', 'other').at(5).dialEnd('phone', 'trunk', 'CANCEL')
    assertSaid(picked.at(6).hangup('other'), DIALLED, '6 dial-silent by phone: the phone that took the call hung up')
    assertEmpty()
  })

  it('is not over by an answer of the dialplan while another phone has it', () => {
    const picked = dialling().create('other').at(4).dialEnd('phone', 'other').at(5).dialEnd('phone', 'trunk', 'CANCEL')
    assertSaid(picked.at(6).up('phone'), DIALLED)
  })

  it('through a Local channel is that of who is behind it, in whatever order the two DialBegins come', () => {
    for (const isSwapped of [false, true]) {
      model = new Model(['dials'], KINDS)
      const scene = start()
        .create('Local/1@x;1', 's')
        .create('Local/1@x;2', 's')
        .localBridge('Local/1@x')
        .create('trunk', 's')
      scene.at(1)
      if (isSwapped) scene.dial('Local/1@x;2', 'trunk').dial('phone', 'Local/1@x;1')
      else scene.dial('phone', 'Local/1@x;1').dial('Local/1@x;2', 'trunk')
      scene.at(5).dialEnd('Local/1@x;2', 'trunk').dialEnd('phone', 'Local/1@x;1')
      model.play(scene.at(6).enter('talk', 'Local/1@x;1').enter('talk', 'phone'))
      assert.deepEqual(
        model.said().filter((text) => text.includes('connected')),
        ['6 connected phone and trunk by dial from 1 to 5'],
      )
    }
  })
})

describe('No outbound call', () => {
  it('is the dial of a channel whose beginning nobody saw', () => {
    assertSaid(
      new Scene().at(0).enter('b', 'phone').at(1).dial('phone', 'trunk'),
      '1 passed-over no outbound call: ami-track did not see the beginning of the channel that dials',
    )
  })

  it('is that of a caller of a queue, or of a parked call', () => {
    const why =
      '1 passed-over no outbound call: the channel is or was in a queue or in a parking lot, and this dial belongs to that call'
    for (const event of ['QueueCallerJoin', 'ParkedCall', 'ParkedCallSwap']) {
      model = new Model(['dials'], KINDS)
      const scene = event === 'QueueCallerJoin' ? start().queueCallerJoin('phone') : start().parking(event, 'phone')
      assertSaid(scene.at(1).dial('phone', 'trunk'), why)
      assertEmpty()
    }
  })

  it('is that of a channel that was itself dialled', () => {
    const scene = dialling().at(2).dial('trunk', 'further')
    assertSaid(
      scene,
      DIALLED,
      '2 passed-over no outbound call: the channel that dials was itself dialled by another channel',
    )
  })

  it('is that of a channel whose call was answered, or is over', () => {
    const why = 'passed-over no new outbound call: the call of this channel was already answered, or is over'
    assertSaid(
      dialling().at(5).answered('phone', 'trunk').at(9).dial('phone', 'backup'),
      DIALLED,
      '5 connected phone and trunk by dial from 1 to 5',
      `9 ${why}`,
    )
  })

  it('but the phone of an Originate may call when it was answered', () => {
    const scene = start().at(1).dial(undefined, 'phone2').at(2).up('phone2').dialEnd(undefined, 'phone2')
    assertSaid(scene.at(3).dial('phone2', 'trunk', { Exten: '77' }), '3 dialled 77 by phone2: trunk')
  })
})
