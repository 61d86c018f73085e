import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { type DumpOptions, dump, readTemplate } from '../../bench/generate.ts'
import { fixturesSideBySide } from '../support/fixtures.ts'
import { parse } from '../support/parsing.ts'

const templates = fixturesSideBySide().map(({ name, amiFile }) => readTemplate(name, amiFile))
const options = { templates, bytes: 3_000_000, lanes: 20, seed: 7 }

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
})
