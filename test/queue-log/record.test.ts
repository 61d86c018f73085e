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

  it('cannot be forged by any field, whatever it holds', () => {
    const anything = fc.string({ unit: fc.oneof(fc.constantFrom('|', '\r', '\n', '\0', 'ä', '"'), fc.string()) })
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
          assert.equal(line.search(/[\r\n\0]/), line.length - 1)
        },
      ),
    )
  })
})

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

  it('is refused in words where something is missing', () => {
    assert.equal(readQueueLogFields(null), 'queue_log is no object')
    assert.equal(readQueueLogFields({ ...fields, time: '5' }), 'queue_log has no time in epoch seconds')
    assert.equal(readQueueLogFields({ ...fields, time: -1 }), 'queue_log has no time in epoch seconds')
    assert.equal(readQueueLogFields({ ...fields, time: 5, agent: '' }), 'queue_log has no agent')
    assert.equal(readQueueLogFields({ ...fields, time: 5, data: [{}] }), 'the data of queue_log is no array of texts')
  })
})
