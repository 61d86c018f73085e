import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { contentOf, isTelling } from '../../lib/cli/content.ts'
import { firstLineEnd, SingleCr } from '../../lib/cli/line-ends.ts'
import { gunzipped } from '../../lib/files/gunzip.ts'
import { chunkingsOf } from '../support/chunkings.ts'

async function* from(chunks: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks
}

/** What is unpacked of chunks, and how the data were damaged. */
async function unpacked(chunks: Iterable<Buffer>): Promise<{ text: string; damage: string }> {
  let damage = ''
  const out: Buffer[] = []
  for await (const chunk of gunzipped(from(chunks), (reason) => {
    damage += reason
  })) {
    out.push(chunk)
  }
  return { text: Buffer.concat(out).toString(), damage }
}

describe('gzip data', () => {
  it('are unpacked however they are cut, also several one behind the other', async () => {
    for (const { chunks } of chunkingsOf(Buffer.concat([gzipSync('one\n'), gzipSync(''), gzipSync('two\n')]))) {
      assert.deepEqual(await unpacked(chunks), { text: 'one\ntwo\n', damage: '' })
    }
  })

  it('give all that stands before the place where they are cut off', async () => {
    const whole = gzipSync(Buffer.from('line\n'.repeat(1000)))
    for (const { chunks } of chunkingsOf(whole.subarray(0, whole.length - 1))) {
      assert.deepEqual(await unpacked(chunks), { text: 'line\n'.repeat(1000), damage: 'unexpected end of file' })
    }
  })

  it('are given up where anything else stands behind them, but for NULs', async () => {
    assert.match((await unpacked([gzipSync('one\n'), Buffer.from('two\n')])).damage, /incorrect header check/)
    assert.deepEqual(await unpacked([gzipSync('one\n'), Buffer.alloc(100_000)]), { text: 'one\n', damage: '' })
  })
})

describe('doubled CRs', () => {
  it('become one before an LF, and stay elsewhere, however the bytes are cut', () => {
    for (const { chunks } of chunkingsOf(Buffer.from('\r\r\na: b\r\rc\r\r\r\n\nd\r\n\r\r'))) {
      const single = new SingleCr()
      const out = Buffer.concat([...chunks.map((chunk) => single.pass(chunk)), single.end()])
      assert.equal(out.toString(), '\r\na: b\r\rc\r\n\nd\r\n\r\r')
    }
  })

  it('are told from other ends by the first line that is not empty', () => {
    for (const [text, end] of [
      ['\r\n\r\nEvent: A\r\n', 'CR LF'],
      ['Event: A\nB', 'LF'],
      ['\r\r\nEvent: A\r\r\n\r\r\n', 'CR CR LF'],
      ['Event: A\rB: C\r', 'CR'],
      ['Event: A', undefined],
      ['Event: A\rB\r\n', undefined],
      ['', undefined],
    ] as const) {
      assert.equal(firstLineEnd(Buffer.from(text)), end, JSON.stringify(text))
    }
  })
})

describe('what an input holds', () => {
  it('is told by its first line, and not before that is whole', () => {
    assert.equal(isTelling(Buffer.from('\r\n\r\nEvent: A')), false)
    assert.equal(isTelling(Buffer.from('\r\n\r\nEvent: A\r\n')), true)
    assert.equal(isTelling(Buffer.alloc(512, 0x20)), true)
    assert.equal(contentOf(Buffer.from('\r\n\r\nevent: A\r\n'))?.kind, 'ami')
    assert.equal(contentOf(Buffer.from('\uFEFFAsterisk Call Manager/5.0.4\r\n'))?.kind, 'ami')
    assert.equal(contentOf(Buffer.from('{"queue_log":{"time":1}}\n'))?.what, 'records, as ami-parse writes them')
  })

  it('may be anything where a line only looks a little like something else', () => {
    for (const text of [
      '',
      'Channel: SIP/1\r\nEvent: A\r\n',
      '1795373360|a|b\n',
      'Events: 1\n',
      '[a]\n',
      'a=b\n',
      '<a>\n',
    ]) {
      assert.equal(contentOf(Buffer.from(text)), undefined, text)
    }
  })
})
