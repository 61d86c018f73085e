import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { trackers } from '../../lib/trackers/table.ts'
import { allFixtures, goldenOf, selections } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'

const everyTracker = trackers.flatMap(({ option }) => [`--${option}`, '1'])

/** Starting six processes takes most of a second: `RECORDINGS=all` does it for every recording, as CI does. */
const piped = allFixtures().filter((_, n) => process.env.RECORDINGS === 'all' || n % 12 === 0)

describe('recordings give the same bytes as a pipe of processes', { concurrency: 2 }, () => {
  for (const fixture of piped) {
    for (const [name, entries] of selections) {
      // A tracker alone that writes nothing in one process is not started for a pipe as well.
      if (entries.length === 1 && goldenOf(fixture, name) === '') continue
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

  it('gives every line twice for a recording that stands twice in a dump', async () => {
    for (const fixture of allFixtures().filter(({ name }) => name.startsWith('asterisk-22/'))) {
      const recording = readFileSync(fixture.amiFile)
      const { stdout } = await runPipe([['ami-track', '--replay', '-', ...everyTracker]], {
        input: Buffer.concat([recording, recording]),
      })
      const columns = (lines: string): string[] => lines.split('\n').map((line) => line.replace(/^\d+/, ''))
      // Only the times differ: lines never run backwards.
      assert.deepEqual(columns(stdout), columns(goldenOf(fixture).repeat(2)), fixture.name)
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
