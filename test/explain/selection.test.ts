import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { channelOf, newDraft } from '../../lib/explain/call-draft.ts'
import { isSelected } from '../../lib/explain/selection.ts'

describe('a call that is asked for by a number', () => {
  for (const name of [
    'PJSIP/101-0000001a',
    'SCCP/101-0000001A',
    'IAX2/101-2',
    'Local/101@from-queue-00000001;2',
    'SIP/101',
  ]) {
    it(`is found by the phone in the name of its channel, ${name}`, () => {
      const draft = newDraft('1800000000.1')
      channelOf(draft, '1800000000.1').name = name
      assert.equal(isSelected({ number: '101' }, draft), true)
      assert.equal(isSelected({ number: '10' }, draft), false)
    })
  }
})
