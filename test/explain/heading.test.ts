import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { CallChannel, ExplainedCall, Station } from '../../lib/explain/call.ts'
import { explained, newDraft } from '../../lib/explain/call-draft.ts'
import { headingOf } from '../../lib/explain/heading.ts'
import { explainedCalls } from '../support/explained-calls.ts'
import { fixture } from '../support/fixtures.ts'

const AT = 1795373360_000

describe('the heading of a call', () => {
  for (const [name, heading] of [
    ['asterisk-22/queue_hold', '5551000 → support → PJSIP/1001, 2 holds, 0:08'],
    ['asterisk-22/queue_abandon', '5551000 → sales, 0:04'],
    ['asterisk-22/park_retrieve', '5551000 → support → PJSIP/1001 → default 701 → 1002, 1 hold, 0:09'],
    // There the transfer to the lot's extension is told behind the ParkedCall.
    ['asterisk-16/park_retrieve', '5551000 → support → PJSIP/1001 → default 701 → 1002, 1 hold, 0:09'],
    ['asterisk-22/out_answered_agent_hangs', '1001 → 95550001 → trunk, 0:05'],
    ['asterisk-22/out_service_echo', '1001 → *43, 0:02'],
    ['asterisk-22-freepbx/fp_out_ringgroup', '1001 → 610 → 1006, 0:04'],
    ['asterisk-22-freepbx/fp_queue_overflow', '5551000 → 602 → 601 → Alice Adams, 1 hold, 0:08'],
    ['asterisk-16-holds/local_to_queue2', '5551000 → localq → Jane Doe → support → PJSIP/1001, 2 holds, 0:07'],
    ['asterisk-22-calls/out_blind', '1001 → 95550001 → trunk → 1002, 1 hold, 0:05'],
    // An agent of app_agent_pool was there before: the caller is the channel of which the call has its id.
    ['asterisk-16-lab/agent_pool', '5551000 → localq → Al → localq → Al, 2 holds, 0:12'],
  ] as const) {
    it(`of ${name} is ${heading}`, async () => {
      const calls = await explainedCalls([readFileSync(fixture(name).amiFile)])
      const headings = calls.map(headingOf)
      assert.ok(headings.includes(heading), headings.join('\n'))
    })
  }

  it('counts the holds of one without Hold events by the music of who is held', () => {
    const held = (uniqueid: string, number: number): ExplainedCall['spans'][number] => ({
      kind: 'held',
      uniqueid,
      place: '',
      begin: { number, at: AT },
      end: undefined,
    })
    const call = { ...callOf([]), spans: [held('1.1', 1), held('1.2', 2), held('1.1', 3)] }
    assert.match(headingOf(call), /, 2 holds, /)
  })

  it('is short however far a call went, and has its end', () => {
    const heading = headingOf(callOf(Array.from({ length: 40 }, (_, n) => `queue ${n}`)))
    assert.equal(heading, '5551000 → queue 0 → queue 1 → queue 2 → queue 3 → … → queue 39, 0:00')
  })

  it('is short however long a name is', () => {
    assert.equal(headingOf(callOf(['q'.repeat(5000)])), `5551000 → ${'q'.repeat(59)}…, 0:00`)
  })

  it('names who has no number by the name, or by the phone', () => {
    assert.match(headingOf(callOf([], { number: '' })), /^Jane Doe, /)
    assert.match(headingOf(callOf([], { number: '', callerName: '' })), /^1001, /)
    assert.equal(headingOf({ ...callOf([]), channels: [] }), 'a call, 0:00')
  })

  it('has hours only where a call took one', () => {
    for (const [seconds, shown] of [
      [59.4, '0:59'],
      [192, '3:12'],
      [3792, '1:03:12'],
    ] as const) {
      const end = { number: 9, at: AT + seconds * 1000 }
      assert.equal(headingOf(callOf([], { end })), `5551000, ${shown}`)
    }
  })
})

function callOf(queues: readonly string[], channel: Partial<CallChannel> = {}): ExplainedCall {
  const stations = queues.map((name, n): Station => ({ kind: 'queue', name, moment: { number: n, at: AT } }))
  const first: CallChannel = {
    uniqueid: '1795373360.2',
    name: 'PJSIP/1001-0000002a',
    number: '5551000',
    callerName: 'Jane Doe',
    exten: 's',
    begin: { number: 0, at: AT },
    up: undefined,
    end: undefined,
    ...channel,
  }
  return { ...explained(newDraft('1795373360.2')), channels: [first], stations }
}
