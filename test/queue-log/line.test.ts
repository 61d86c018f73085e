import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isWrittenSo, LineCutter, MAX_LINE_BYTES, readQueueLogLine } from '../../lib/queue-log/line.ts'
import { recordOfLine, recordOfMalformed } from '../../lib/records/origin.ts'
import { queueLogText } from '../../lib/sinks/queue-log-text.ts'
import { readNdjson } from '../../lib/streams/ndjson-stream.ts'
import { queueLogRecords } from '../../lib/streams/queue-log-records.ts'
import { chunkingsOf } from '../support/chunkings.ts'

/** The records of bytes that come in some chunks, as NDJSON. */
function recordsOf(chunks: readonly Buffer[]): string {
  const cutter = new LineCutter()
  const lines = [...chunks.flatMap((chunk) => cutter.feed(chunk)), ...cutter.end()]
  const records = lines.map(({ bytes, byte, isPart }) => {
    const position = { file: 'queue_log', byte }
    const text = bytes.toString('latin1')
    const fields = isPart ? 'too long' : readQueueLogLine(bytes)
    if (typeof fields === 'string') return recordOfMalformed(fields, { position, bytes: text })
    return recordOfLine(fields, isWrittenSo(fields, bytes) ? { position } : { position, bytes: text })
  })
  return records.map((record) => `${record}\n`).join('')
}

/** What qlog-write writes of records. */
async function writtenOf(records: string): Promise<Buffer> {
  const out: Buffer[] = []
  const stages = [readNdjson(() => true), queueLogRecords({ keepsMalformed: true }), queueLogText()] as const
  await pipeline(Readable.from([Buffer.from(records, 'latin1')]), ...stages, async (source) => {
    for await (const chunk of source) out.push(chunk as Buffer)
  })
  return Buffer.concat(out)
}

/** Bytes of which many are nearly a queue_log. */
const nearlyQueueLog = fc
  .array(
    fc.oneof(
      fc.constantFrom('5|a|b|c|D|', '1795373363|1.2|q|PJSIP/1001|CONNECT|3|1.3|2', '4|a|b|c|', '|', '\n', '\r\n', '\0'),
      fc.constantFrom('7|||x|E||', '0005|a|b|c|E|f', '5.25|a|b|c|E|', '9|é|b|c|D|\u2028', '99999999999|a|b|c|E|'),
      fc.uint8Array({ maxLength: 12 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'utf8') : Buffer.from(part)))),
  )

describe('what is read of a queue_log and written again', () => {
  it('is the same, byte for byte, whatever stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(nearlyQueueLog, async (bytes) => {
        assert.deepEqual(await writtenOf(recordsOf([bytes])), bytes)
      }),
      { numRuns: 300 },
    )
  })

  it('is the same however the bytes come', () => {
    fc.assert(
      fc.property(nearlyQueueLog, (bytes) => {
        const whole = recordsOf([bytes])
        for (const { label, chunks } of chunkingsOf(bytes)) assert.equal(recordsOf(chunks), whole, label)
      }),
      { numRuns: 30 },
    )
  })

  it('is the same where a line is longer than any of a queue_log, and nothing within it is taken for a line', async () => {
    const long = Buffer.from(`1|a|b|c|D|${'x'.repeat(MAX_LINE_BYTES - 10)}5|a|b|c|E|y\n6|a|b|c|F|\n`)
    const records = recordsOf([long])
    assert.deepEqual(await writtenOf(records), long)
    const lines = records.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => /^\{"(\w+)"/.exec(line)?.[1]),
      ['malformed_line', 'malformed_line', 'queue_log'],
    )
    assert.equal(recordsOf([long.subarray(0, 70_000), long.subarray(70_000)]), records)
  })

  it('keeps lines that run back in time as they were', async () => {
    const log = Buffer.from('1795373363|1.2|q|a|CONNECT|1|1.3|1\n1795373362|1.2|q|a|CALLERONHOLD|\n')
    assert.deepEqual(await writtenOf(recordsOf([log])), log)
  })

  it('gives way to a filter that has changed the record: its fields are written then, and harmless', async () => {
    const records = recordsOf([Buffer.from('7||q|a|E|x\n')])
    const changed = records.replace('"queuename":"q"', '"queuename":"other"').replace('"callid":""', '"callid":"1.2"')
    assert.equal(String(await writtenOf(changed)), '7|1.2|other|a|E|x\n')
    const forged = recordsOf([Buffer.from('7||q|a|E|x\n')]).replace('"callid":""', '"callid":"1|2"')
    assert.equal(String(await writtenOf(forged)), '7|1_2|q|a|E|x\n')
  })
})

describe('a line of a queue_log', () => {
  it('has a time, a call, a queue, an agent and an event; a bar at its end is no data', () => {
    assert.deepEqual(readQueueLogLine(Buffer.from('5|1.2|q|a|CONNECT|1||3\n')), {
      time: 5,
      callid: '1.2',
      queuename: 'q',
      agent: 'a',
      event: 'CONNECT',
      data: ['1', '', '3'],
    })
    const { data } = readQueueLogLine(Buffer.from('5|1.2|q|a|CALLERONHOLD|')) as { data: string[] }
    assert.deepEqual(data, [])
  })

  it('that is none is told in words', () => {
    for (const [line, problem] of [
      ['', /does not begin with a time/],
      ['x|a|b|c|D|', /does not begin with a time/],
      ['-5|a|b|c|D|', /does not begin with a time/],
      ['5|a|b|c', /has 4 columns instead of 5/],
      ['99999999999999|a|b|c|D|', /does not begin with a time/],
    ] as const) {
      assert.match(String(readQueueLogLine(Buffer.from(line))), problem)
    }
  })

  it('is read as latin-1 where it is not UTF-8', () => {
    const { agent } = readQueueLogLine(Buffer.from('5|1|q|J\xfcrgen|D|', 'latin1')) as { agent: string }
    assert.equal(agent, 'Jürgen')
  })
})
