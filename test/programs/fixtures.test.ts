import { strict as assert } from 'node:assert'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { chain } from '../../lib/stages/chain.ts'
import { trackers } from '../../lib/trackers/index.ts'
import { allFixtures, goldenOf } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'

const stages = trackers.filter(({ onByDefault }) => onByDefault)
const commands = [['ami-parse'], ...stages.map(({ program }) => [program]), ['qlog-write']]

describe('every recording gives the lines of its golden file', () => {
  for (const fixture of allFixtures()) {
    it(`${fixture.name}, as a pipe of processes`, async () => {
      const { stdout, stderr, codes } = await runPipe(commands, { input: { file: fixture.amiFile } })
      assert.equal(stdout, goldenOf(fixture))
      assert.equal(stderr, '')
      assert.deepEqual(
        codes,
        commands.map(() => 0),
      )
    })

    it(`${fixture.name}, in one process, and no tracker remembers anything at the end`, async () => {
      const running = stages.map(({ create }) => create())
      let lines = ''
      const stream = chain({ trackers: running, parse: { onReport: ({ text }) => assert.fail(text) } })
      await pipeline(createReadStream(fixture.amiFile, { highWaterMark: 1000 }), stream, async (source) => {
        for await (const some of source as AsyncIterable<string[]>) lines += some.join('')
      })
      assert.equal(lines, goldenOf(fixture))
      assert.deepEqual(
        running.map(({ size }) => size),
        running.map(() => 0),
      )
    })
  }
})

describe('ami-track --replay', () => {
  const [first] = allFixtures()

  it('gives the same bytes for a file, for stdin, and under the vendor’s subcommand', async () => {
    for (const fixture of allFixtures().slice(0, 3)) {
      for (const command of [
        ['ami-track', '--replay', fixture.amiFile],
        ['ami-track', 'track', '--replay=-', '--moh', '1'],
      ]) {
        const { stdout, codes } = await runPipe([command], { input: { file: fixture.amiFile } })
        assert.equal(stdout, goldenOf(fixture))
        assert.deepEqual(codes, [0])
      }
    }
  })

  it('writes nothing with every tracker off', async () => {
    const off = trackers.flatMap(({ option }) => [`--${option}`, '0'])
    const { stdout, codes } = await runPipe([['ami-track', '--replay', first?.amiFile ?? '', ...off]])
    assert.equal(stdout, '')
    assert.deepEqual(codes, [0])
  })
})
