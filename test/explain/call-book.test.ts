import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { CallBook } from '../../lib/explain/call-book.ts'
import { Scene } from '../support/scene.ts'

describe('a book of calls that keeps the last of each', () => {
  it('holds no more of a conference that is never empty than of a short one, and knows those who are in it', () => {
    const scene = new Scene().at(1).create('host').enter('room', 'host')
    const callers = Array.from({ length: 3000 }, (_, n) => `caller-${n}`)
    for (const [n, caller] of callers.entries()) {
      scene
        .at(2 + n)
        .create(caller, `555${n}`)
        .enter('room', caller)
      scene
        .at(2.5 + n)
        .leave('room', caller)
        .hangup(caller)
    }
    const book = new CallBook(() => {}, 200)
    for (const [n, record] of scene.records.entries()) book.add(record as AmiMessage, n * 250, n * 250)
    const draft = book.callOf(scene.uniqueid('host'))
    assert.ok(draft)
    const known = callers.filter((caller) => book.callOf(scene.uniqueid(caller)) !== undefined)
    assert.deepEqual(known, callers.slice(-known.length))
    assert.ok(known.length >= 200 && known.length <= 400, String(known.length))
    assert.ok(draft.byUniqueid.size <= 401, String(draft.byUniqueid.size))
    for (const { length } of [draft.events, draft.spans, draft.stations]) assert.ok(length <= 500, String(length))
    for (const { size } of [draft.numbers, draft.queues, draft.reasonsTold, draft.open])
      assert.ok(size <= 800, String(size))
    assert.equal(draft.events.at(-1)?.text, 'caller-2999 hangs up')
  })
})
