import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatAction, MAX_ACTION_LINE_BYTES } from '../../lib/ami/action.ts'

describe('an action', () => {
  it('is its headers, a line each, and an empty line', () => {
    assert.equal(
      formatAction(
        'QueueLog',
        [
          ['Queue', 'support'],
          ['Message', ''],
        ],
        '7',
      ).toString(),
      'Action: QueueLog\r\nActionID: 7\r\nQueue: support\r\nMessage: \r\n\r\n',
    )
  })

  it('is one action of so many headers whatever the values hold, no line longer than Asterisk takes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 600 })
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (values) => {
        const bytes = formatAction(
          'X',
          values.map((value) => ['Name', value] as const),
          '1',
        )
        const lines = bytes.toString('latin1').split('\r\n')
        assert.equal(lines.length, 2 + values.length + 2)
        assert.equal(lines.indexOf(''), 2 + values.length)
        for (const line of lines) assert.ok(line.length + 2 <= MAX_ACTION_LINE_BYTES && !/[\r\n\0]/.test(line))
        assert.ok(
          !bytes.toString('utf8').includes('\ufffd') || values.some((value) => /[\ufffd\ud800-\udfff]/.test(value)),
        )
      }),
    )
  })
})
