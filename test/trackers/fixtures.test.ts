import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { trackers } from '../../lib/trackers/table.ts'
import { linesInOneProcess, linesThroughNdjson } from '../support/chains.ts'
import { allFixtures, goldenOf, selections } from '../support/fixtures.ts'

describe('every recording gives the lines of its golden file, and no tracker remembers anything at the end', () => {
  for (const fixture of allFixtures()) {
    for (const [name, entries] of selections) {
      it(`${fixture.name}, in one process: ${name}`, async () => {
        assert.equal(await linesInOneProcess(fixture.amiFile, entries), goldenOf(fixture, name))
      })
    }
  }
})

describe('every recording gives the same bytes where each tracker reads NDJSON and has a model of its own', () => {
  for (const fixture of allFixtures()) {
    it(fixture.name, async () => {
      for (const [name, entries] of selections) {
        assert.equal(await linesThroughNdjson(fixture.amiFile, entries), goldenOf(fixture, name), name)
      }
    })
  }
})

describe('a recording that stands twice in a dump gives every line twice', () => {
  for (const fixture of allFixtures().filter(({ name }) => name.startsWith('asterisk-22/'))) {
    it(fixture.name, async () => {
      const recording = readFileSync(fixture.amiFile)
      const columns = (lines: string): string[] => lines.split('\n').map((line) => line.replace(/^\d+/, ''))
      // Only the times differ: lines never run backwards.
      const lines = await linesInOneProcess([recording, recording], trackers)
      assert.deepEqual(columns(lines), columns(goldenOf(fixture).repeat(2)))
    })
  }
})
