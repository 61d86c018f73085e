import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { helpText } from '../../lib/cli/help.ts'
import { readOptions } from '../../lib/cli/options.ts'
import { presets } from '../../lib/cli/presets.ts'
import { readSettings } from '../../lib/cli/settings.ts'
import { trackOptions } from '../../lib/cli/track-options.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { fixture } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-presets-'))
const file = join(folder, 'settings')
after(() => rmSync(folder, { recursive: true }))

const read = (lines: readonly string[], ...argv: string[]) => {
  writeFileSync(file, lines.join('\n'))
  return readOptions([...argv, '--settings', file], trackOptions, (path) => readSettings(path, () => {}))
}
const ofTrackers = new Map(trackers.flatMap(({ options }) => Object.entries(options)))

describe('a preset', () => {
  for (const { name, reader, options } of presets) {
    it(`${name} sets options of trackers to values that they take and that are not their defaults`, () => {
      const values: Record<string, unknown> = read([], '--preset', name)
      for (const { option, value } of options) {
        const kind = ofTrackers.get(option)
        assert.ok(kind !== undefined, option)
        assert.deepEqual(values[option], kind.read(option, value))
        assert.notDeepEqual(values[option], kind.fallback, option)
      }
      const others = read([]) as Record<string, unknown>
      const set = new Set(['preset', ...options.map(({ option }) => option)])
      for (const [option, value] of Object.entries(others))
        if (!set.has(option)) assert.deepEqual(values[option], value)
    })

    it(`${name} is shown with its reasons, as a settings file that sets the same`, async () => {
      const { stdout } = await runPipe([['ami-track', 'settings', '--preset', name]])
      for (const { why } of options) assert.ok(stdout.includes(`# ${reader}: ${why}.\n`), why)
      assert.deepEqual({ ...read([stdout]), preset: undefined }, { ...read([], '--preset', name), preset: undefined })
    })

    it(`${name} is told of in the help`, () => {
      const shown = options.map(({ option, value }) => `--${option} ${value}`).join(' ')
      assert.ok(helpText('ami-track').replace(/\s+/g, ' ').includes(`${name}: ${shown}`))
    })
  }

  it('gives way to an option that is given, and to one of the settings file', () => {
    const { agentname, outboundverb } = read([], '--preset', 'qpanel', '--agentname', 'interface') as Record<
      string,
      unknown
    >
    assert.deepEqual([agentname, outboundverb], ['interface', 'both'])
    const ofFile = read(['PRESET=qpanel', 'OUTBOUNDVERB=enterqueue']) as Record<string, unknown>
    assert.deepEqual([ofFile.agentname, ofFile.outboundverb], ['member', 'enterqueue'])
    const empty = read(['PRESET=qpanel', 'OUTBOUNDVERB=']) as Record<string, unknown>
    assert.equal(empty.outboundverb, 'both')
  })

  it('of the command line is used instead of that of the settings file', () => {
    const { joinlines, outboundverb } = read(['PRESET=qpanel'], '--preset', 'asternic') as Record<string, unknown>
    assert.deepEqual([joinlines, outboundverb], [false, 'callout'])
  })

  it('that does not exist is an error, with the one that may have been meant', async () => {
    assert.throws(() => read([], '--preset', 'qpannel'), /--preset takes .*, not "qpannel": did you mean qpanel\?/)
    assert.throws(() => read(['PRESET=none']), /^UsageError: line 1 of .*: PRESET: --preset takes asternic, /)
  })

  it('is shown among what a settings file says, unless the file says otherwise', async () => {
    writeFileSync(file, 'AMIUSER=tracker\nPRESET=asternic\nAGENTNAME=interface\n')
    const shown = async (...words: string[]) => (await runPipe([['ami-track', 'settings', file, ...words]])).stdout
    assert.equal(await shown(), 'AMIUSER=tracker\nPRESET=asternic\nAGENTNAME=interface\nJOINLINES=0\n')
    assert.equal(await shown('JOINLINES'), '0\n')
    assert.equal(await shown('OUTBOUNDVERB', '--preset', 'wazo'), 'both\n')
    writeFileSync(file, 'PRESET=none\n')
    assert.equal(await shown(), 'PRESET=none\n')
  })

  it('changes the lines of a replay as its options do', async () => {
    const { amiFile } = fixture('asterisk-22/out_answered_agent_hangs')
    const replay = ['ami-track', '--replay', amiFile, '--outboundcalls', '1']
    const qpanel = presets.find(({ name }) => name === 'qpanel')
    const options = qpanel?.options.flatMap(({ option, value }) => [`--${option}`, value]) ?? []
    const [byPreset, byOptions, plain] = await Promise.all(
      [['--preset', 'qpanel'], options, []].map((more) => runPipe([[...replay, ...more]])),
    )
    assert.match(byPreset?.stdout ?? '', /\|NONE\|ENTERQUEUE\|\|/)
    assert.equal(byPreset?.stdout, byOptions?.stdout)
    assert.notEqual(byPreset?.stdout, plain?.stdout)
  })
})
