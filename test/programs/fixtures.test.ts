import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { TrackerEntry } from '../../lib/trackers/row.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { allFixtures, type Fixture, goldenOf, selections } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'
import { sampleOf } from '../support/sample.ts'

const everyTracker = trackers.flatMap(({ option }) => [`--${option}`, '1'])

/**
 * Starting six processes takes most of a second, and that each recording gives these lines where each tracker reads NDJSON
 * is proved in one process. So here it is a sample, and each tracker alone with the first recording of which it writes
 * lines.
 */
const piped = [...selections].flatMap(([name, entries]) => {
  const first = firstOf(name, entries)
  const sample = sampleOf(allFixtures(), entries.length > 1 ? 48 : allFixtures().length)
  const chosen = first === undefined || sample.includes(first) ? sample : [first]
  return chosen.map((fixture) => ({ fixture, name, entries }))
})

function firstOf(name: string, entries: readonly TrackerEntry[]): Fixture | undefined {
  return entries.length > 1 ? undefined : allFixtures().find((fixture) => goldenOf(fixture, name) !== '')
}

describe('recordings give the same bytes as a pipe of processes', { concurrency: 2 }, () => {
  for (const { fixture, name, entries } of piped) {
    it(`${fixture.name}, ${name}`, async () => {
      const commands = [['ami-parse'], ...entries.map(({ program }) => [program]), ['qlog-write']]
      const { stdout, stderr, codes } = await runPipe(commands, { input: { file: fixture.amiFile } })
      assert.equal(stdout, goldenOf(fixture, name))
      assert.equal(stderr, '')
      assert.deepEqual(
        codes,
        commands.map(() => 0),
      )
    })
  }
})

describe('ami-track --replay', () => {
  it('gives the same bytes for a file, for stdin, and under the vendor’s subcommand', async () => {
    for (const fixture of allFixtures().slice(0, 3)) {
      for (const command of [
        ['ami-track', '--replay', fixture.amiFile, ...everyTracker],
        ['ami-track', 'track', '--replay=-', ...everyTracker],
      ]) {
        const { stdout, codes } = await runPipe([command], { input: { file: fixture.amiFile } })
        assert.equal(stdout, goldenOf(fixture))
        assert.deepEqual(codes, [0])
      }
    }
  })

  it('tracks music on hold unless told otherwise, and nothing with every tracker off', async () => {
    const fixture = allFixtures().find(({ name }) => name === 'asterisk-22/park_retrieve')
    assert.ok(fixture)
    const lines = async (...options: string[]): Promise<string> =>
      (await runPipe([['ami-track', '--replay', fixture.amiFile, ...options]])).stdout
    assert.equal(await lines(), goldenOf(fixture, 'track-moh'))
    assert.equal(await lines('--moh', '0', '--parkedcalls', 'yes'), goldenOf(fixture, 'track-parked'))
    assert.equal(await lines('--moh', 'false'), '')
  })
})
