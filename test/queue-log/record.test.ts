import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatQueueLogLine, QueueLogRecord, readQueueLogFields } from '../../lib/queue-log/record.ts'

const fields = {
  time: 5,
  callid: '1.2',
  queuename: 'support',
  agent: 'PJSIP/1001',
  event: 'CALLERONHOLD',
  data: [] as string[],
}

describe('a line of queue_log', () => {
  it('ends with a bar where there is no data', () => {
    assert.equal(formatQueueLogLine(fields), '5|1.2|support|PJSIP/1001|CALLERONHOLD|\n')
  })

  it('has its data in columns, empty ones too', () => {
    assert.equal(
      formatQueueLogLine({ ...fields, event: 'ENTERQUEUE', data: ['', '701-5551000', '1'] }),
      '5|1.2|support|PJSIP/1001|ENTERQUEUE||701-5551000|1\n',
    )
  })

  it('has NONE where the call, the queue or the agent is empty', () => {
    assert.equal(
      formatQueueLogLine({ ...fields, callid: '', queuename: '', agent: '' }),
      '5|NONE|NONE|NONE|CALLERONHOLD|\n',
    )
  })

  it('has no control character but its end: C0, DEL, C1 and the separators of Unicode become _', () => {
    const codes = [...range(0x00, 0x1f), ...range(0x7f, 0x9f), 0x2028, 0x2029]
    for (const code of codes) {
      const evil = `a${String.fromCodePoint(code)}b`
      const line = formatQueueLogLine({
        time: 7,
        callid: evil,
        queuename: evil,
        agent: evil,
        event: evil,
        data: [evil],
      })
      assert.equal(line, '7|a_b|a_b|a_b|a_b|a_b\n', code.toString(16))
    }
  })

  it('keeps every other character', () => {
    const name = 'Ä "Łódź" (\\o/) [x]\u00a0\u200b😀~'
    assert.equal(formatQueueLogLine({ ...fields, agent: name }), `5|1.2|support|${name}|CALLERONHOLD|\n`)
  })

  it('cannot be forged by any field, whatever it holds', () => {
    const evil = ['|', '\r', '\n', '\0', '\x1b', '\x7f', '\x85', '\u2028', '\u2029', 'ä', '"']
    const anything = fc.string({ unit: fc.oneof(fc.constantFrom(...evil), fc.string()) })
    fc.assert(
      fc.property(
        anything,
        anything,
        anything,
        anything,
        fc.array(anything),
        (callid, queuename, agent, event, data) => {
          const line = formatQueueLogLine({ time: 7, callid, queuename, agent, event, data })
          assert.equal(line.split('|').length, 5 + Math.max(1, data.length))
          assert.equal(line.search(/[\p{Cc}\u2028\u2029]/u), line.length - 1)
        },
      ),
    )
  })
})

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n)
}

describe('a queue_log record', () => {
  it('is a JSON object with the single key queue_log', () => {
    assert.equal(
      new QueueLogRecord({ ...fields, time: 5.148 }).toLine(),
      '{"queue_log":{"time":5.148,"callid":"1.2","queuename":"support","agent":"PJSIP/1001","event":"CALLERONHOLD","data":[]}}',
    )
  })

  it('may come from another program: numbers stand for texts, and data may be missing', () => {
    assert.deepEqual(readQueueLogFields({ time: 5, callid: 12, queuename: 600, agent: 'a', event: 'X' }), {
      time: 5,
      callid: '12',
      queuename: '600',
      agent: 'a',
      event: 'X',
      data: [],
    })
  })

  it('has NONE where the call, the queue or the agent is empty, so that the next program takes it', () => {
    const line = new QueueLogRecord({ ...fields, callid: '', queuename: '', agent: '' }).toLine()
    const { queue_log: read } = JSON.parse(line) as { queue_log: unknown }
    assert.deepEqual(readQueueLogFields(read), { ...fields, callid: 'NONE', queuename: 'NONE', agent: 'NONE' })
  })

  it('is refused in words where something is missing', () => {
    assert.equal(readQueueLogFields(null), 'queue_log is not an object')
    assert.equal(readQueueLogFields({ ...fields, time: '5' }), 'queue_log has no time in epoch seconds')
    assert.equal(readQueueLogFields({ ...fields, time: -1 }), 'queue_log has no time in epoch seconds')
    assert.equal(readQueueLogFields({ ...fields, time: 5, agent: '' }), 'queue_log has no agent')
    assert.equal(
      readQueueLogFields({ ...fields, time: 5, data: [{}] }),
      'the data of queue_log is not an array of strings',
    )
  })
})
