import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { PbxStatus } from '../../lib/live/pbx-status.ts'
import { statusText } from '../../lib/look/status-text.ts'
import { dateAndTime, roughly } from '../../lib/look/words.ts'
import { length } from '../../lib/text/length.ts'
import { FINE, NOW } from './fine-pbx.ts'

const text = (...pbxs: PbxStatus[]): string => statusText({ program: '0.1.0', now: NOW, pbxs })

describe('the text of status', () => {
  it('tells of one PBX what an administrator asks first', () => {
    const lines = text(FINE).split('\n')
    const time = (at: number): string => dateAndTime(at).slice(11)
    assert.deepEqual(lines, [
      'ami-track 0.1.0 on 127.0.0.1:5038, Asterisk 22.10.1',
      `connected    since ${dateAndTime(FINE.connectedSince ?? 0)} (2 h 14 min), connected again 1 time`,
      'role         active: it writes the queue_log',
      'open calls   moh 3, outboundcalls 2',
      'events       the last one 1 s ago, lag 12 ms, 2 KiB wait',
      `lines today  CALLOUTBOUND 4, CONNECT 3 (since ${time(NOW - 3_600_000)}); 3 lines on the way`,
      'not written  refused 1',
      `last line    ${time(NOW - 5000)}  1.2|support|Jane|CALLERONHOLD|`,
      'state        kept, 12 KiB',
      '',
    ])
  })

  it('ends with what is wrong and what to do', () => {
    const trouble = { text: 'Asterisk refused the last line.', remedy: 'Run ami-track doctor.' }
    assert.ok(text({ ...FINE, trouble }).endsWith('\n\n! Asterisk refused the last line.\n  Run ami-track doctor.\n'))
  })

  it('has a row for each of many PBXs, those with a problem first, and nothing in it steers a terminal', () => {
    const trouble = { text: 'It is not followed: \u001b[2Jx', remedy: 'Correct its settings.' }
    const rows = text(
      { ...FINE, name: 'north' },
      { ...FINE, name: 'south', connectedSince: null, isConnected: false, trouble },
    ).split('\n')
    assert.equal(rows[0], 'ami-track 0.1.0 follows 2 PBXs, 1 with a problem')
    assert.match(rows[2] ?? '', /^PBX +ADDRESS +CONNECTED +ROLE +CALLS +LINES TODAY +LAST LINE +TROUBLE$/)
    assert.match(rows[3] ?? '', /^south +127\.0\.0\.1:5038 +no +3 +7 +[\d:]+ +It is not followed: �\[2Jx$/)
    assert.match(rows[4] ?? '', /^north +127\.0\.0\.1:5038 +2 h 14 min +active +3 +7 +[\d:]+$/)
    assert.equal(rows[5], '! Correct its settings.')
  })

  it('tells of one of many as of the only one, with its name', () => {
    assert.match(
      text({ ...FINE, name: 'north' }),
      /^ami-track 0\.1\.0 on north, 127\.0\.0\.1:5038, Asterisk 22\.10\.1\nconnected /,
    )
  })
})

describe('how long something took', () => {
  for (const [ms, exactly, about] of [
    [0, '0:00', '0 s'],
    [59_999, '0:59', '59 s'],
    [187_000, '3:07', '3 min'],
    [3_765_000, '1:02:45', '1 h 2 min'],
    [90_000_000, '25:00:00', '1 day 1 h'],
    [-5, '0:00', '0 s'],
  ] as const) {
    it(`is ${exactly}, or ${about}, for ${ms} ms`, () => {
      assert.equal(length(ms), exactly)
      assert.equal(roughly(ms), about)
    })
  }
})
