import { strict as assert } from 'node:assert'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { allFixtures, fixture } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'

const pageOf = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8')
const blocksOf = (page: string): string[][] =>
  [...page.matchAll(/(?:^ {4}.*\n)+/gm)].map(([block]) => block.trimEnd().split('\n'))

describe('docs/trackers.md', () => {
  const blocks = blocksOf(pageOf('trackers.md'))

  const linesOf = (path: string): Set<string> => new Set(existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [])

  it('shows, in each example, lines of one recording: those with a dot are of Asterisk, the others of ours', () => {
    assert.ok(blocks.length >= 4)
    const recordings = allFixtures().map(({ queueLogFile, goldenFile }) => ({
      own: linesOf(queueLogFile),
      ours: linesOf(goldenFile),
    }))
    for (const block of blocks) {
      const from = recordings.find(({ own, ours }) =>
        block.every((line) => (line[4] === '·' ? own : ours).has(line.slice(5))),
      )
      assert.ok(from, `no recording has all of these:\n${block.join('\n')}`)
    }
  })
})

describe('docs/explain.md', () => {
  it('shows what the program says of a recording, shortened', async () => {
    const [, block = []] = blocksOf(pageOf('explain.md'))
    assert.match(block[0] ?? '', /^ {4}Call /)
    const { amiFile, queueLogFile } = fixture('asterisk-22/queue_hold')
    const options = ['--outboundcalls', '1', '--parkedcalls', '1', '--number', '5551000', '--queuelog', queueLogFile]
    const { stdout } = await runPipe([['ami-track', 'explain', amiFile, ...options]])
    let rest = stdout.split('\n')
    for (const line of block) {
      const at = rest.indexOf(line.slice(4))
      assert.notEqual(at, -1, `it does not say, or not in this order: ${line}\n${stdout}`)
      rest = rest.slice(at + 1)
    }
  })
})
