import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readOptions } from '../../lib/cli/options.ts'
import { presets } from '../../lib/cli/presets.ts'
import { trackerOptions } from '../../lib/cli/tracker-options.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { root } from '../support/package.ts'
import { logOf, recorded } from './merged-log.ts'

const page = readFileSync(join(root, 'docs/reports.md'), 'utf8')
const sections = new Map(page.split(/^## /m).map((text) => [text.split('\n', 1)[0] ?? '', text]))
const EXAMPLE = /^`(\S+)`, queue `(\S+)`, with `([^`]+)`:\n\n((?: {4}.*\n)+)/gm

describe('docs/reports.md', () => {
  it('shows the lines of each example as the program writes them, among Asterisk’s own', () => {
    const examples = [...page.matchAll(EXAMPLE)]
    assert.ok(examples.length >= sections.size - 1)
    for (const [, name = '', queue, words = '', block] of examples) {
      const one = recorded(name)
      const lines = logOf(one, readOptions(words.split(' '), trackerOptions)).filter(
        (line) => line.split('|')[2] === queue,
      )
      const marked = lines.map((line) => `    ${one.ownLines.includes(line) ? '·' : ' '}${line}\n`)
      assert.equal(block, marked.join(''), `${name}, queue ${queue}, with ${words}`)
    }
  })

  it('has a section with an example for each preset, and names what it sets in the table', () => {
    for (const { name, options } of presets) {
      const section = [...sections.values()].find((text) => text.includes(`\n\`--preset ${name}\`.`))
      assert.ok(section?.includes(`--preset ${name}\`:`), `${name} has no example`)
      assert.match(section ?? '', /It cannot show/)
      const set = options.map(({ option, value }) => `\`--${option} ${value}\``).join(', ')
      assert.ok(page.includes(`| \`--preset ${name}\`: ${set} |`), set)
    }
  })

  it('says of every section what the program cannot show', () => {
    for (const [title, text] of sections)
      if (text.includes('\n') && !text.startsWith('# ')) assert.match(text, /cannot show/, title)
  })

  it('names every option that changes how a line looks, and no option that does not exist', () => {
    const all = new Set(trackers.flatMap(({ option, options }) => [option, ...Object.keys(options)]))
    for (const name of ['agentname', 'outboundverb', 'joinlines', 'parkinglabel', 'rewriteuniqueids', 'hotdesking']) {
      assert.ok(page.includes(`--${name}`), name)
    }
    for (const [, name = ''] of page.matchAll(/--([a-z][a-z-]+)/g)) assert.ok(all.has(name) || name === 'preset', name)
  })
})
