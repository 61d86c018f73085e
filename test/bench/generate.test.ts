import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { type DumpOptions, dump, fill, readTemplate } from '../../bench/generate.ts'
import { chain } from '../../lib/stages/chain.ts'
import { trackers } from '../../lib/trackers/index.ts'
import { allFixtures } from '../support/fixtures.ts'
import { parse } from '../support/parsing.ts'

const templates = allFixtures().map(({ name, amiFile, goldenFile }) => readTemplate(name, amiFile, goldenFile))
const options = { templates, bytes: 3_000_000, lanes: 20, seed: 7 }

async function linesOf(chunks: Iterable<Buffer>): Promise<string[]> {
  const lines: string[] = []
  const running = trackers.filter(({ onByDefault }) => onByDefault).map(({ create }) => create())
  await pipeline(Readable.from(chunks, { objectMode: true }), chain({ trackers: running }), async (source) => {
    for await (const some of source as AsyncIterable<string[]>) lines.push(...some)
  })
  return lines
}

describe('the generator of dumps', () => {
  it('gives the same bytes for the same seed, and others for another', () => {
    const bytes = (more: Partial<DumpOptions>): Buffer => Buffer.concat([...dump({ ...options, ...more })])
    assert.ok(bytes({}).equals(bytes({})))
    assert.ok(!bytes({}).equals(bytes({ seed: 8 })))
    assert.ok(bytes({}).length > options.bytes)
  })

  it('gives messages that all parse, in the order of their time but for the recordings’ own jitter', () => {
    const { lines, reports, error } = parse([...dump(options)])
    assert.deepEqual([reports, error], [[], undefined])
    let last = 0
    for (const line of lines) {
      const time = Number(/"Timestamp":"([\d.]+)"/.exec(line)?.[1] ?? last)
      assert.ok(time > last - 0.01, `${time} after ${last}`)
      last = Math.max(last, time)
    }
  })

  it('gives each recording’s own lines, call by call, however many run at once', async () => {
    const expected: string[] = []
    const chunks = dump({
      ...options,
      onCopy: ({ lines }, copy) => {
        for (const line of lines) expected.push(`${copy.start + line.time / 1e6}${fill(line, copy)}\n`)
      },
    })
    const lines = await linesOf(chunks)
    assert.ok(lines.length > 50, `${lines.length} lines`)
    assert.deepEqual(lines.sort(), expected.sort())
  })
})
