import { strict as assert } from 'node:assert'
import { appendFileSync, createReadStream, readFileSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { callChanges, followCalls } from '../../lib/calls.ts'
import { type ParseReport, type TrackOptions, track } from '../../lib/index.ts'
import { readMessages } from '../../lib/parser.ts'
import { FileSink, queueLogLine, queueLogRecord, readQueueLog } from '../../lib/queue-log.ts'
import { inChunksOf } from '../support/chunkings.ts'
import { folderOfEachTest } from '../support/each-test.ts'
import { fixture, goldenOf } from '../support/fixtures.ts'

const ALL_ON: TrackOptions = { outboundcalls: true, parkedcalls: true, hotdesking: true }
const RECORDINGS = [
  'asterisk-22/queue_hold',
  'asterisk-22/out_then_queue',
  'asterisk-22/park_retrieve',
  'asterisk-22/hotdesk',
]
const holds = fixture('asterisk-22/queue_hold')

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('track()', () => {
  for (const name of RECORDINGS) {
    it(`gives the lines of ${name}, as records and as text, however the bytes are cut`, async () => {
      const { amiFile } = fixture(name)
      const golden = goldenOf(fixture(name))
      assert.notEqual(golden, '')
      for (const size of [1, 64, 100_000]) {
        const chunks = inChunksOf(readFileSync(amiFile), size)
        assert.equal(await text(Readable.from(chunks).pipe(track({ ...ALL_ON, output: 'lines' }))), golden)
        const records = await collected(Readable.from(chunks).pipe(track(ALL_ON)))
        assert.equal(records.map(queueLogLine).join(''), golden)
      }
    })
  }

  it('takes a Uint8Array, and no text', async () => {
    const bytes = new Uint8Array(readFileSync(holds.amiFile))
    assert.equal(await text(Readable.from([bytes]).pipe(track({ output: 'lines' }))), goldenOf(holds, 'track-moh'))
    const texts = pipeline(createReadStream(holds.amiFile, 'utf8'), track(), collected)
    await assert.rejects(texts, { name: 'TypeError', message: /^AmiParser: chunk takes bytes/ })
  })

  it('fails with AmiStreamError where it is given something else than AMI', async () => {
    const wrong = pipeline(Readable.from([Buffer.from('GET / HTTP/1.1\r\n\r\n')]), track(), collected)
    await assert.rejects(wrong, { name: 'AmiStreamError', kind: 'not AMI' })
  })

  it('tells of what it reads past', async () => {
    const reports: ParseReport[] = []
    const dump = Buffer.concat([readFileSync(holds.amiFile), Buffer.from('Event: Hold\r\nChan')])
    await collected(Readable.from([dump]).pipe(track({ onReport: (report) => reports.push(report) })))
    assert.deepEqual(
      reports.map(({ kind }) => kind),
      ['unfinished'],
    )
  })

  it('may be left before its end', async () => {
    const lines = createReadStream(holds.amiFile).pipe(track())
    for await (const { event } of lines) {
      assert.equal(event, 'CALLERONHOLD')
      break
    }
    assert.ok(lines.destroyed)
  })

  it('tells when a line waits for time to pass', async () => {
    const due: (number | undefined)[] = []
    const chunks = inChunksOf(readFileSync(fixture('asterisk-22/out_then_queue').amiFile), 64)
    await collected(Readable.from(chunks).pipe(track({ outboundcalls: true, onDue: (ms) => due.push(ms) })))
    assert.ok(due.some((ms) => ms !== undefined && ms > 1.7e12))
  })
})

describe('changes of calls', () => {
  it('are the same from bytes and from messages, and nothing is remembered at the end', async () => {
    const kinds = (await collected(createReadStream(holds.amiFile).pipe(callChanges()))).map(({ kind }) => kind)
    const follower = followCalls()
    const found: string[] = []
    for await (const message of readMessages(createReadStream(holds.amiFile), { tellsGaps: true })) {
      found.push(...follower.read(message).map(({ kind }) => kind))
    }
    found.push(...follower.end().map(({ kind }) => kind))
    assert.deepEqual(found, kinds)
    assert.equal(kinds.filter((kind) => kind === 'hold-begun').length, 2)
    assert.equal(follower.size, 0)
  })

  it('are only those that are asked for', async () => {
    const changes = await collected(createReadStream(holds.amiFile).pipe(callChanges({ follows: ['members'] })))
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      ['member-added', 'member-removed'],
    )
  })
})

describe('a queue_log', () => {
  const file = folderOfEachTest('library')
  const line = (n: number): string =>
    `${1_795_373_360 + n}|1795373360.${n}|support|PJSIP/1001|CONNECT|0|1795373361.3|0\n`

  it('is read with the place of each line, and what is none is told', async () => {
    const path = file('queue_log')
    writeFileSync(path, `${line(1)}no line\n${line(2)}`)
    const problems: string[] = []
    const records = await collected(readQueueLog(path, { onProblem: (problem) => problems.push(problem) }))
    assert.deepEqual(
      records.map(({ origin }) => origin?.position),
      [
        { file: path, byte: 0 },
        { file: path, byte: line(1).length + 'no line\n'.length },
      ],
    )
    assert.deepEqual(problems, [`${path}, byte ${line(1).length}: a line does not begin with a time in epoch seconds`])
  })

  it('that is not there is an error, unless it is waited for', async () => {
    await assert.rejects(collected(readQueueLog(file('none'))), { code: 'ENOENT' })
  })

  it('is followed until the reader leaves', async () => {
    const path = file('queue_log')
    writeFileSync(path, line(1))
    let read = 0
    for await (const { callid } of readQueueLog(path, { follow: true })) {
      read++
      assert.equal(callid, `1795373360.${read}`)
      if (read === 3) break
      appendFileSync(path, line(read + 1))
    }
  })

  it('is written record by record, in arrays, and of nothing else', async () => {
    const path = file('queue_log')
    const record = queueLogRecord({ time: 1_795_373_361.5, callid: '1.1', event: 'ABANDON', data: ['1', 'a|b\n'] })
    await pipeline(Readable.from([record, [record, record]]), new FileSink(path))
    assert.equal(readFileSync(path, 'utf8'), '1795373361|1.1|NONE|NONE|ABANDON|1|a_b_\n'.repeat(3))
    const plain = pipeline(Readable.from([{ time: 5, event: 'ABANDON' }]), new FileSink(path))
    await assert.rejects(plain, { name: 'TypeError', message: /^FileSink takes records of queue_log/ })
  })
})
