import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { LaneLines } from './lane-lines.ts'
import { type Lane, lanes } from './lanes.ts'

const [plain, , second, third] = lanes as [Lane, Lane, Lane, Lane]

test('each line is of its lane, also those that are written later; those of Asterisk itself are of none', () => {
  const all = ['7|NONE|NONE|NONE|QUEUESTART|', '8|1.1|support_2|NONE|ENTERQUEUE||5551002|1']
  const lines = new LaneLines({ lines: () => all, close: () => {} }, 'PJSIP')
  const first = { index: 1, line: all[1], time: 8, plain: '1.1|support|NONE|ENTERQUEUE||5551000|1' }
  assert.deepEqual(lines.of(second), [first])
  assert.deepEqual(lines.of(third), [])
  all.push('9|1.1|support_2|NONE|ABANDON|1|1|1', '9|MANAGER|support_3|PJSIP/1301|ADDMEMBER|')
  const last = { index: 2, line: all[2], time: 9, plain: '1.1|support|NONE|ABANDON|1|1|1' }
  assert.deepEqual(lines.of(second), [first, last])
  assert.deepEqual(lines.of(second, 2), [last])
  assert.deepEqual(lines.of(second, 0, 2), [first])
  assert.deepEqual(
    lines.of(third).map((line) => line.plain),
    ['MANAGER|support|PJSIP/1001|ADDMEMBER|'],
  )
  assert.deepEqual(
    lines.of(plain, 2).map(({ index }) => index),
    [2, 3],
  )
})

test('a line of chan_sip reads as one of chan_pjsip; the members of a realtime queue are of no call', () => {
  const all = ['8|REALTIME|realtime_2|Rita_2|ADDMEMBER|', '9|MANAGER|support_2|SIP/1201|ADDMEMBER|']
  const lines = new LaneLines({ lines: () => all, close: () => {} }, 'SIP')
  const line = { index: 1, line: all[1], time: 9, plain: 'MANAGER|support|PJSIP/1001|ADDMEMBER|' }
  assert.deepEqual(lines.of(second), [line])
})
