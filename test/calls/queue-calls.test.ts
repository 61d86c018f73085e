import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import { Model } from '../support/model.ts'
import { Scene } from '../support/scene.ts'

const start = (): Scene => new Scene().at(0).create('caller').create('agent').create('second').create('other')
const connected = (): Scene => start().at(10).connected('caller', 'agent', 'Jane', { CallerIDNum: '5551000' })
const CONNECTED = '10 queue-connected support Jane: caller and agent'
const COMPLETED = 'queue-completed support Jane: caller and agent'

let model: Model
beforeEach(() => {
  model = new Model(['queue-calls'], ['queue-connected', 'queue-completed'])
})
const assertSaid = (scene: Scene, ...expected: string[]): void => assert.deepEqual(model.play(scene).said(), expected)
const assertEmpty = (): void => {
  const open = [...model.calls.channels].map(({ name }) => name)
  model.play(new Scene().at(1000).create('caller').create('agent').create('second').create('other'))
  model.play(new Scene().at(1001).hangup('caller', 'agent', 'second', 'other')).said()
  assert.equal(model.calls.size, 0, `entries in the tables; ${open}`)
}
/** An AgentComplete that says what its test wants it to say. */
const complete = (scene: Scene, headers: Record<string, string>): Scene => scene.event('AgentComplete', headers)
const OF_JANE = { Queue: 'support', MemberName: 'Jane' }

describe('A queue call', () => {
  it('begins with its AgentConnect and ends with its AgentComplete', () => {
    assertSaid(connected().at(20).agentComplete('caller', 'Jane'), CONNECTED, `20 ${COMPLETED}`)
    assertEmpty()
  })

  it('ends with the Hangup of its caller, once', () => {
    assertSaid(connected().at(20).hangup('caller').agentComplete('caller', 'Jane'), CONNECTED, `20 ${COMPLETED}`)
    assertEmpty()
  })

  it('does not end with the Hangup of its member, who may have passed it on', () => {
    assertSaid(connected().at(20).hangup('agent'), CONNECTED)
    assertSaid(new Scene().at(30).create('caller').agentComplete('caller', 'Jane'), `30 ${COMPLETED}`)
  })

  it('is one, however often its AgentConnect is told', () => {
    assertSaid(connected().agentConnect('caller', 'agent', 'Jane'), CONNECTED)
  })

  it('is none of channels that nobody knows', () => {
    assertSaid(new Scene().at(1).event('AgentConnect', { Queue: 'support', MemberName: 'Jane' }))
    assertSaid(start().at(1).event('AgentConnect', { Uniqueid: '1800000000.0', Queue: 'support', MemberName: 'Jane' }))
  })

  it('that was found connected is adopted: it has no HoldTime', () => {
    const found = start()
      .at(10)
      .event('AgentConnect', {
        Channel: 'caller',
        Uniqueid: start().uniqueid('caller'),
        DestChannel: 'agent',
        DestUniqueid: start().uniqueid('agent'),
        ...OF_JANE,
      })
    assertSaid(found, `${CONNECTED}, adopted`)
  })
})

describe('An AgentComplete', () => {
  it('of another queue, or another member, ends no call', () => {
    assertSaid(complete(connected().at(20), { Queue: 'sales', MemberName: 'Jane' }), CONNECTED)
    assertSaid(complete(new Scene().at(21), { Queue: 'support', MemberName: 'Joe' }))
  })

  it('of the caller’s channel ends its call of that queue, also by another name of the member', () => {
    const caller = start().uniqueid('caller')
    assertSaid(
      complete(connected().at(20), { Uniqueid: caller, Queue: 'support', MemberName: 'Joe' }),
      CONNECTED,
      `20 ${COMPLETED}`,
    )
  })

  it('of a caller with two calls of the queue ends that of its member and of the member’s channel', () => {
    const two = connected()
      .at(11)
      .agentConnect('caller', 'second', 'Joe')
      .at(12)
      .agentConnect('caller', 'other', 'Jane')
    const ids = { Uniqueid: start().uniqueid('caller'), ...OF_JANE }
    assertSaid(
      complete(two.at(20), { ...ids, DestUniqueid: start().uniqueid('other') }),
      CONNECTED,
      '11 queue-connected support Joe: caller and second',
      '12 queue-connected support Jane: caller and other',
      '20 queue-completed support Jane: caller and other',
    )
    assertSaid(complete(new Scene().at(21), ids), `21 ${COMPLETED}`)
    assertSaid(complete(new Scene().at(22), ids), '22 queue-completed support Joe: caller and second')
    assertEmpty()
  })

  it('without the caller’s channel ends the call of the member’s channel', () => {
    const ended = complete(connected().at(20), { ...OF_JANE, DestUniqueid: start().uniqueid('agent') })
    assertSaid(ended, CONNECTED, `20 ${COMPLETED}`)
  })

  it('without any channel ends the only call of its member that has lasted so long', () => {
    const two = (): Scene => connected().at(20).agentConnect('other', 'second', 'Jane')
    const second = '20 queue-connected support Jane: other and second'
    assertSaid(complete(two().at(40), { ...OF_JANE, TalkTime: '30' }), CONNECTED, second, `40 ${COMPLETED}`)
    model = new Model(['queue-calls'], ['queue-connected', 'queue-completed'])
    assertSaid(
      complete(two().at(40), { ...OF_JANE, TalkTime: '20' }),
      CONNECTED,
      second,
      '40 queue-completed support Jane: other and second',
    )
  })

  it('without any channel tells of the one whose two are in no bridge together', () => {
    const two = connected().at(10).agentConnect('other', 'second', 'Jane')
    assertSaid(
      complete(two.at(20), { ...OF_JANE, TalkTime: '10' }),
      CONNECTED,
      '10 queue-connected support Jane: other and second',
      '20 queue-completed support Jane: other and second',
    )
  })

  it('without any channel ends none where two calls may be meant', () => {
    const two = start().at(10).agentConnect('caller', 'agent', 'Jane').agentConnect('other', 'second', 'Jane')
    assertSaid(
      complete(two.at(20), { ...OF_JANE, TalkTime: '10' }),
      CONNECTED,
      '10 queue-connected support Jane: other and second',
    )
  })

  it('counts whole seconds: it may differ by less than 3 s from what the events say', () => {
    for (const [talk, isMeant] of [
      ['7', false],
      ['8', true],
      ['10', true],
      ['12', true],
      ['13', false],
    ] as const) {
      model = new Model(['queue-calls'], ['queue-completed'])
      assertSaid(complete(connected().at(20), { ...OF_JANE, TalkTime: talk }), ...(isMeant ? [`20 ${COMPLETED}`] : []))
    }
  })

  it('behind the Hangup that ended its call ends no other call of the member', () => {
    const next = connected().at(20).hangup('caller').at(20.01).agentConnect('other', 'second', 'Jane')
    assertSaid(
      complete(next.at(20.02), { ...OF_JANE, TalkTime: '0' }),
      CONNECTED,
      `20 ${COMPLETED}`,
      '20.01 queue-connected support Jane: other and second',
      '20.02 queue-completed support Jane: other and second',
    )
    model = new Model(['queue-calls'], ['queue-connected', 'queue-completed'])
    const late = connected().at(20).hangup('caller').at(20.01).agentConnect('other', 'second', 'Jane')
    assertSaid(
      complete(late.at(29), { ...OF_JANE, TalkTime: '10' }),
      CONNECTED,
      `20 ${COMPLETED}`,
      '20.01 queue-connected support Jane: other and second',
    )
  })
})
