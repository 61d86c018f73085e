import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { FileTail } from '../../lib/queue-log/file-tail.ts'
import type { QueueLogFields } from '../../lib/queue-log/record.ts'
import { State } from '../../lib/state/state.ts'
import { unsettledLines } from '../../lib/state/unsettled-lines.ts'
import { folderOfEachTest } from '../support/each-test.ts'
import { RecordingLog } from '../support/recording-log.ts'

const SECOND = Math.floor(Date.now() / 1000)
const line = (callid: string): QueueLogFields => {
  return { time: SECOND, callid, queuename: 'q', agent: 'PJSIP/1001', event: 'CALLERONHOLD', data: [] }
}
const written = (callid: string): string => `${SECOND}|${callid}|q|PJSIP/1001|CALLERONHOLD|\n`

describe('after a restart', () => {
  const file = folderOfEachTest('unsettled')
  let count = 0

  /** What becomes of a line that waits, and of one that was on its way, where queue_log holds some lines. */
  async function afterRestart(tail: 'none' | 'missing' | string, callids = ['waits', 'sent']) {
    const log = new RecordingLog()
    const state = State.open(file(`state-${count++}`), log)
    const records = state.keepLines(callids.map(line))
    for (const record of records) if (record.callid !== 'waits') state.markSent(record)
    for (const record of records) if (record.callid === 'settled') state.markSettled(record)
    if (tail !== 'none' && tail !== 'missing') writeFileSync(file('queue_log'), tail)
    const settled: string[] = []
    const lines = await unsettledLines(state, {
      tail: tail === 'none' ? undefined : new FileTail(file('queue_log'), { isStampedByAsterisk: false }),
      log,
      onSettled: ({ callid }, outcome) => settled.push(`${callid} ${outcome}`),
    })
    state.close()
    return { lines: lines.map(({ callid }) => callid), settled, log: log.lines }
  }

  it('a line that was not on its way is written, whatever is known of the others', async () => {
    const { lines, settled, log } = await afterRestart('none', ['waits'])
    assert.deepEqual([lines, settled, log], [['waits'], [], []])
  })

  it('one that was on its way is written where queue_log does not hold it', async () => {
    const { lines, settled, log } = await afterRestart(written('another'))
    assert.deepEqual([lines, settled, log], [['waits', 'sent'], [], []])
  })

  it('one that was on its way is not written again where queue_log holds it', async () => {
    const { lines, settled, log } = await afterRestart(written('sent'))
    assert.deepEqual([lines, settled, log], [['waits'], ['sent written'], []])
  })

  it('one of the same words that is known to be there is counted off', async () => {
    const { lines, settled } = await afterRestart(written('settled'), ['settled', 'sent'])
    assert.deepEqual([lines, settled], [['sent'], []])
  })

  it('where queue_log cannot be read, one that was on its way is given up, and the log names it', async () => {
    for (const tail of ['none', 'missing'] as const) {
      const { lines, settled, log } = await afterRestart(tail)
      assert.deepEqual([lines, settled], [['waits'], ['sent unanswered']])
      const warning =
        'warn: it is unknown whether Asterisk wrote this line before the restart; ami-track does not write it again: '
      assert.equal(log.at(-1), `${warning}${written('sent').trimEnd()}`)
      assert.equal(log.length, tail === 'none' ? 1 : 2)
      if (tail === 'missing') assert.match(log[0] ?? '', /^warn: cannot search the queue_log .*queue_log: ENOENT/)
    }
  })
})
