import { strict as assert } from 'node:assert'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { QueueLogRecord } from '../../lib/queue-log/record.ts'
import type { OwnAround, SinkKind } from '../../lib/sinks/sink.ts'
import { sinkFor } from '../../lib/sinks/table.ts'

const record = new QueueLogRecord({ time: 1, callid: '1.1', queuename: 'q', agent: 'a', event: 'CONNECT', data: [] })

/** What comes out of a sink for one line, and what it was told of it. */
async function written(kind: SinkKind<OwnAround>): Promise<{ text: string; settled: string[] }> {
  const output = new PassThrough()
  const settled: string[] = []
  const { streams } = kind.create({ output, onSettled: ({ event }, outcome) => settled.push(`${event} ${outcome}`) })
  const stages = [Readable.from([[record]]), ...streams] as unknown as [NodeJS.ReadableStream, NodeJS.WritableStream]
  await pipeline(stages)
  output.end()
  return { text: await text(output), settled }
}

describe('the table of sinks', () => {
  it('has Asterisk where no file is named: it stamps the lines, and others write there as well', () => {
    const { stampsTimes, isShared, isReadable, ownFile } = sinkFor(undefined)
    assert.deepEqual([stampsTimes, isShared, isReadable, ownFile], [true, true, true, undefined])
  })

  it('has stdout for -, of which nobody can tell what was read', async () => {
    const kind = sinkFor('-')
    assert.deepEqual([kind.stampsTimes, kind.isShared, kind.isReadable, kind.ownFile], [false, false, false, undefined])
    assert.deepEqual(await written(kind), { text: '1|1.1|q|a|CONNECT|\n', settled: ['CONNECT written'] })
  })

  it('has a file for all else, into which it writes itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ami-track-sinks-'))
    try {
      const path = join(folder, 'queue_log')
      const kind = sinkFor(path)
      assert.deepEqual([kind.stampsTimes, kind.isShared, kind.isReadable, kind.ownFile], [false, false, true, path])
      assert.deepEqual(await written(kind), { text: '', settled: ['CONNECT written'] })
      assert.equal(readFileSync(path, 'utf8'), '1|1.1|q|a|CONNECT|\n')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
