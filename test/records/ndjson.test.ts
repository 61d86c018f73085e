import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { LineReader } from '../../lib/records/ndjson.ts'
import type { StageRecord } from '../../lib/records/record.ts'
import { amiFilter } from '../../lib/streams/ami-filter.ts'
import { readNdjson, writeNdjson } from '../../lib/streams/ndjson-stream.ts'
import { trackerStage } from '../../lib/streams/tracker-stage.ts'
import { chunkingsOf } from '../support/chunkings.ts'

function readLine(line: string, needsHeaders: (event: string) => boolean): StageRecord {
  return new LineReader(needsHeaders).read(line)
}

const all = (): boolean => true
const none = (): boolean => false

import { trackingOf } from '../support/tracking.ts'

describe('a line of NDJSON', () => {
  it('is an AMI message with its headers looked up in any case, arrays by their first value', () => {
    for (const needsHeaders of [all, none]) {
      const record = readLine('{"Event":"Hold","Uniqueid":"1.2","BridgeID":"b","V":["x","y"]}', needsHeaders)
      assert.ok(record.kind === 'ami')
      assert.deepEqual(
        [record.event, record.get('uniqueID'), record.get('BridgeId'), record.get('V'), record.get('no')],
        ['Hold', '1.2', 'b', 'x', undefined],
      )
    }
  })

  it('is the same message where another program wrote it with blanks and its event last', () => {
    const record = readLine('{ "Uniqueid": "1.2", "n": 5, "event": "Hold" }', none)
    assert.ok(record.kind === 'ami')
    assert.deepEqual([record.event, record.get('n')], ['Hold', '5'])
  })

  it('is what JSON makes of it where escapes, arrays or a name given twice stand in the way of reading it by its bytes', () => {
    const lines = [
      String.raw`{"Event":"Hold","Name":"a\"b\u00e9","Uniqueid":"1.2"}`,
      '{"Event":"Hold","V":["a","b"],"Uniqueid":"1.2"}',
      '{"Event":"Hold","V":["a",5],"Uniqueid":"1.2"}',
      '{"Event":"Hold","Uniqueid":"1.1","Uniqueid":"1.2"}',
      '{"Event":"VarSet","Event":"Hold","Uniqueid":"1.2"}',
      '{"Event":"Hold","":"x","Uniqueid":"1.2"}',
      '{"Event":"Hold","Uniqueid":"1.2" }',
    ]
    for (const line of lines) {
      const reader = new LineReader(all)
      // The second time it is known what is asked for.
      for (let time = 0; time < 2; time++) {
        const record = reader.read(line)
        assert.ok(record.kind === 'ami', line)
        const { Event, Name, V, Uniqueid } = JSON.parse(line)
        const first = Array.isArray(V) ? V[0] : V
        const found = [record.event, record.get('Name'), record.get('V'), record.get('uniqueid'), record.get('none')]
        assert.deepEqual(found, [Event, Name, first, Uniqueid, undefined], line)
        assert.equal(record.toLine(), line)
      }
    }
  })

  it('has no headers that only JavaScript knows of', () => {
    const record = readLine('{"Event":"Hold"}', all)
    assert.ok(record.kind === 'ami')
    for (const name of ['constructor', 'toString', '__proto__']) assert.equal(record.get(name), undefined)
  })

  it('shows its Timestamp without being parsed, and takes none out of a value', () => {
    const forged = JSON.stringify({ Event: 'X', Name: ',"Timestamp":"9.9"', Timestamp: '5.5' })
    const record = readLine(forged, none)
    assert.ok(record.kind === 'ami')
    assert.equal(record.get('Timestamp'), '5.5')
  })

  it('tells list items by their ActionID, but for OriginateResponse', () => {
    const isItem = (line: string): boolean => {
      const record = readLine(line, all)
      return record.kind === 'ami' && record.isListItem()
    }
    assert.equal(isItem('{"Event":"ParkedCall","ActionID":"1"}'), true)
    assert.equal(isItem('{"Event":"ParkedCall"}'), false)
    assert.equal(isItem('{"Event":"OriginateResponse","ActionID":"1"}'), false)
    assert.equal(isItem('{"Response":"Success","ActionID":"1"}'), false)
  })

  it('is foreign if it is not JSON, no object, or neither message nor record, and says so where that is wrong', () => {
    const problemOf = (line: string): unknown => {
      const record = readLine(line, all)
      return record.kind === 'foreign' ? (record.problem ?? 'none') : record.kind
    }
    assert.equal(problemOf('hello'), 'not JSON')
    assert.equal(problemOf('{"Event":"Hold","x":}'), 'not JSON')
    assert.equal(problemOf(''), 'not JSON')
    assert.equal(problemOf('{"queue_log":5}'), 'queue_log is not an object')
    assert.equal(problemOf('[1]'), 'none')
    assert.equal(problemOf('{"my":"record"}'), 'none')
    assert.equal(problemOf('{"Response":"Success"}'), 'ami')
  })
})

describe('a line of NDJSON that is odd', () => {
  it('breaks nothing where its headers are not texts, or nested deep', () => {
    for (const odd of [
      '{"Event":"X","Y":{"toString":1}}',
      `{"Event":"X","Y":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
    ]) {
      for (const needsHeaders of [all, none]) {
        const record = readLine(odd, needsHeaders)
        assert.equal(record.toLine(), odd)
        if (record.kind === 'ami') assert.equal(record.get('Timestamp'), undefined)
      }
    }
  })

  it('is told for what it is once its headers are needed, where it only looks like an event', () => {
    for (const broken of ['{"Event":"X", broken}', '{"Event":"X"}{"Event":"Y"}']) {
      const glanced = readLine(broken, none)
      assert.ok(glanced.kind === 'ami')
      assert.equal(glanced.get('Timestamp'), undefined)
      assert.equal(readLine(broken, all).kind, 'foreign')
    }
  })
})

describe('a stage between two pipes', () => {
  it('reads no further than its reader does: a slow one does not fill the memory', async () => {
    let taken = 0
    function* endless(): Generator<Buffer> {
      for (; taken < 10_000; taken++) yield Buffer.alloc(65_536, '{"Event":"Hold"}\n')
    }
    const tracker = trackerStage(trackingOf('track-moh'))
    const out = Readable.from(endless()).pipe(readNdjson(none)).pipe(tracker).pipe(writeNdjson())
    // Nobody reads `out`. Whatever the streams still do, they do within some turns of the event loop.
    for (let turn = 0; turn < 1000; turn++) await setImmediate()
    assert.ok(taken < 100, `${taken} chunks of 64 KiB taken`)
    out.destroy()
  })

  // A guard of the speed that times nothing.
  it('hands on a chunk of whole lines as it came, in the same memory, whether their headers are read or not', async () => {
    const lines = ['Newchannel', 'Newstate', 'Hangup'].map(
      (event, n) => `{"Event":"${event}","Timestamp":"180000000${n}.5","Uniqueid":"1800000000.1"}\n`,
    )
    const chunk = Buffer.from(lines.join(''))
    for (const needsHeaders of [all, none]) {
      const source = Readable.from([chunk], { objectMode: true })
      const tracker = trackerStage(trackingOf('track-moh'))
      const out: Buffer[] = await source.pipe(readNdjson(needsHeaders)).pipe(tracker).pipe(writeNdjson()).toArray()
      assert.deepEqual(out, [chunk])
      assert.equal(out[0]?.buffer, chunk.buffer)
    }
  })

  it('tells a line that is too long to be a record', async () => {
    const long = Readable.from([Buffer.alloc(9 * 1024 * 1024, 'x'), Buffer.from('\n')])
    await assert.rejects(buffer(long.pipe(readNdjson(none))), /^Error: a line is longer than 8388608 bytes/)
  })

  it('passes on what it does not understand byte for byte, in whatever chunks it comes', async () => {
    const lines = Buffer.concat([
      Buffer.from('{"Event":"Hold","CallerIDName":"Zo\u00eb \u65e5"}\n'),
      Buffer.from('not JSON\r\n\n  {"a": 1}\n', 'latin1'),
      Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a]),
      Buffer.from('{"queue_log":{"time":1.50,"callid":"a","queuename":"b","agent":"c","event":"d"}}\n'),
      Buffer.from('{"Response":"Success","Message":"\\u00e9"}\n'),
    ])
    for (const { label, chunks } of chunkingsOf(lines)) {
      const out = Readable.from(chunks, { objectMode: true })
        .pipe(readNdjson(none))
        .pipe(amiFilter())
        .pipe(writeNdjson())
      assert.deepEqual(await buffer(out), lines, label)
    }
  })

  it('leaves out the events that no tracker reads, unless told to let all pass', async () => {
    const lines = '{"Event":"VarSet"}\n{"Event":"Hold"}\n{ "Event": "RTCPSent" }\n'
    const filtered = async (allEvents: boolean): Promise<string> => {
      const source = Readable.from([Buffer.from(lines)], { objectMode: true })
      const out = source.pipe(readNdjson(none)).pipe(amiFilter({ allEvents })).pipe(writeNdjson())
      return String(await buffer(out))
    }
    assert.equal(await filtered(false), '{"Event":"Hold"}\n')
    assert.equal(await filtered(true), lines)
  })
})
