import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { helpText } from '../../lib/cli/help.ts'
import { SETTINGS } from '../../lib/cli/settings.ts'
import { isOfTrackers, trackers } from '../../lib/trackers/table.ts'
import { optionsOf, readHelp } from '../../packaging/help-text.ts'
import { trackerSettings } from '../../packaging/tracker-settings.ts'
import { filled } from '../../packaging/tree.ts'
import { allFixtures, goldenOf } from '../support/fixtures.ts'
import { root } from '../support/package.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')

describe('the row of a tracker', () => {
  for (const { program, option, key, onByDefault, options, verbs, queues } of trackers) {
    it(`of ${program} names the verbs of its lines, and how its queues begin`, () => {
      const lines = allFixtures().flatMap((one) => goldenOf(one, program).split('\n'))
      const columns = lines.filter((line) => line !== '').map((line) => line.split('|'))
      for (const [, , , , verb = ''] of columns) assert.ok(verbs.includes(verb), verb)
      const made = new Set(columns.map(([, , queue = '']) => queue).filter(isOfTrackers))
      for (const queue of made)
        assert.ok(
          queues.some((beginning) => queue.startsWith(beginning)),
          queue,
        )
      assert.equal(made.size > 0, queues.length > 0)
    })

    it(`of ${program} is what the help texts say of it`, () => {
      const shown = new Map(
        optionsOf(readHelp(helpText('ami-track'))).flatMap(({ names, value }) => names.map((name) => [name, value])),
      )
      assert.equal(shown.get(`--${option}`), options[option]?.shown ?? '1')
      for (const [name, kind] of Object.entries(options)) assert.equal(shown.get(`--${name}`), kind.shown, name)
      const own = optionsOf(readHelp(helpText(program))).flatMap(({ names }) => names)
      assert.deepEqual(own, [...Object.keys(options).map((name) => `--${name}`), '--help', '--version'])
      const ofExplain = optionsOf(readHelp(helpText('ami-track-explain'))).flatMap(({ names }) => names)
      for (const name of [option, ...Object.keys(options)]) assert.ok(ofExplain.includes(`--${name}`), name)
    })

    it(`of ${program} is what the book says of it`, () => {
      const byDefault = onByDefault ? ', on by default' : ''
      assert.ok(
        read('docs/trackers.md').includes(`(\`${program}\`, \`--${option} 1\`${byDefault})\n`),
        'docs/trackers.md',
      )
      const settings = read('docs/install.md')
      for (const word of [key, `--${option}`, ...Object.keys(options).map((name) => `--${name}`)])
        assert.ok(settings.includes(`\`${word}\``), `docs/install.md does not tell of ${word}`)
    })
  }

  it('is in the settings file of the packages, each switch and each option at its default', () => {
    const lines = filled(root, 'settings', { TRACKERS: trackerSettings() }).split('\n')
    for (const { key, onByDefault, options } of trackers) {
      const found = lines.filter((line) => line.replace(/^#/, '') === `${key}=${Number(onByDefault)}`)
      assert.equal(found.length, 1, key)
      for (const own of Object.values(options)) {
        assert.equal(lines.filter((line) => line.startsWith(`#${own.key}=`)).length, 1, own.key)
      }
    }
    for (const line of lines) {
      const [, key] = /^#?([A-Z]+)=/.exec(line) ?? []
      if (key !== undefined && key !== 'LOCKFILE') assert.ok(Object.hasOwn(SETTINGS, key), key)
    }
  })
})
