import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { HeaderMessage } from '../../lib/ami/message.ts'
import { ConnectionError } from '../../lib/connection/errors.ts'
import { Unanswered } from '../../lib/connection/unanswered.ts'

const RESPONSE = new HeaderMessage(new Map([['Response', 'Success']]))

/** Actions that are sent at times which a test says, and what became of each. */
function actions(most?: number) {
  let now = 0
  const told: string[] = []
  const unanswered = new Unanswered(100, most, () => now)
  const add = (id: string): void => {
    unanswered.add(id, 'UserEvent', {
      answered: () => told.push(`${id} answered`),
      lost: ({ message }) => told.push(`${id}: ${message}`),
      isShown: true,
    })
  }
  const pass = (ms: number): void => {
    now += ms
  }
  return { unanswered, told, add, pass }
}

describe('actions without an answer', () => {
  it('are kept for so long, and no longer', () => {
    const { unanswered, told, add, pass } = actions()
    add('a')
    pass(60)
    add('b')
    pass(40)
    add('c')
    assert.deepEqual(told, ['a: Asterisk did not answer UserEvent before 0.1 s passed'])
    pass(60)
    unanswered.giveUpOld()
    assert.equal(told.length, 2)
    assert.equal(unanswered.size, 1)
    assert.equal(unanswered.take('b'), undefined)
  })

  it('are not more than so many, however fast they are sent', () => {
    const { unanswered, told, add } = actions(1000)
    for (let n = 0; n < 100_000; n++) add(`n${n}`)
    assert.equal(unanswered.size, 1000)
    assert.equal(told.length, 99_000)
    assert.equal(told[0], 'n0: Asterisk did not answer UserEvent before 1000 further actions were sent')
  })

  it('are answered by their ActionIDs, the oldest also without', () => {
    const { unanswered, told, add } = actions()
    for (const id of ['a', 'b', 'c']) add(id)
    unanswered.take('b')?.answered(RESPONSE)
    unanswered.take(undefined)?.answered(RESPONSE)
    assert.equal(unanswered.take('z'), undefined)
    unanswered.loseAll(new ConnectionError('passing', 'gone'), RESPONSE)
    assert.deepEqual(told, ['b answered', 'a answered', 'c: gone'])
  })

  it('count as refused if they were sent after the server had stopped doing any, unless it did one of them', () => {
    const gone = new ConnectionError('passing', 'gone')
    const refused = actions()
    refused.add('a')
    refused.unanswered.closeDown()
    refused.add('b')
    refused.unanswered.take('a')?.answered(RESPONSE)
    refused.add('c')
    refused.unanswered.loseAll(gone, RESPONSE)
    assert.deepEqual(refused.told, ['a answered', 'b answered', 'c answered'])
    const done = actions()
    done.unanswered.closeDown()
    for (const id of ['a', 'b', 'c']) done.add(id)
    done.unanswered.take('a')?.answered(RESPONSE)
    done.add('d')
    done.unanswered.loseAll(gone, RESPONSE)
    assert.deepEqual(done.told, ['a answered', 'b: gone', 'c: gone', 'd: gone'])
  })
})
