import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { SpanKind } from '../../lib/explain/call.ts'
import { explainedCalls } from '../support/explained-calls.ts'
import { fixture } from '../support/fixtures.ts'

/** The music of a call's channels, in the order in which it began. */
async function musicOf(name: string): Promise<SpanKind[]> {
  const calls = await explainedCalls([readFileSync(fixture(name).amiFile)])
  return calls.flatMap(({ spans }) => spans.map(({ kind }) => kind)).filter((kind) => /^(?:held|waiting)$/.test(kind))
}

describe('music in a call', () => {
  for (const [what, name, music] of [
    ['of a queue is waiting, that of the agent’s holds is not', 'asterisk-22/queue_hold', ['waiting', 'held', 'held']],
    ['of a queue and of a lot is waiting', 'asterisk-22/park_retrieve', ['waiting', 'waiting', 'held']],
    [
      'of a hold ends where a lot’s begins, in the same millisecond',
      'asterisk-16-holds/ami_park_held',
      ['waiting', 'held', 'waiting', 'held'],
    ],
    ['of the dialplan is waiting', 'field/followme_real', ['waiting']],
    [
      'plays also on the half of a Local member that is held',
      'asterisk-22-holds/local_atxfer_return',
      ['waiting', 'held'],
    ],
    ['of a second queue is waiting', 'asterisk-22-freepbx/fp_queue_overflow', ['waiting', 'waiting', 'held']],
    [
      'of an agent of app_agent_pool without a call is waiting',
      'asterisk-22-lab/agent_pool_optimised',
      ['waiting', 'waiting', 'held', 'waiting'],
    ],
  ] as const) {
    it(what, async () => assert.deepEqual(await musicOf(name), music))
  }

  it('that began as its channel moved into a lot is that of the lot, whichever is told first', async () => {
    const dump = readFileSync(fixture('asterisk-22/park_retrieve').amiFile, 'utf8')
    const messages = dump.split('\r\n\r\n')
    const parked = messages.findIndex((message) => message.startsWith('Event: ParkedCall\r\n'))
    const music = messages.findLastIndex(
      (message, n) => n < parked && message.startsWith('Event: MusicOnHoldStart\r\n'),
    )
    const left = messages.findLastIndex((message, n) => n < music && message.startsWith('Event: BridgeLeave\r\n'))
    assert.ok(left > 0 && music > left && parked > music)
    // Before it leaves its bridge.
    messages.splice(left, 0, ...messages.splice(music, 1))
    const [call] = await explainedCalls([Buffer.from(messages.join('\r\n\r\n'))])
    const kinds = (call?.spans ?? []).map(({ kind }) => kind).filter((kind) => kind === 'held' || kind === 'waiting')
    assert.deepEqual(kinds, ['waiting', 'waiting', 'held'])
  })
})
