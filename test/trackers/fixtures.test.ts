import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
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
