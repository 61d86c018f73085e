import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe } from 'node:test'
import { explainedCalls } from '../support/explained-calls.ts'
import { ALL_TRACKERS, explainedFixtures, explainedGolden, explainedText } from '../support/explaining.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { runPipe, shellCommand } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

describe('ami-track explain', () => {
  for (const recording of explainedFixtures) {
    it(`shows ${recording.name} as it did`, async () => {
      assert.equal(await explainedText(recording), explainedGolden(recording))
    })
  }

  it('shows every line that a replay of the recording gives once, and no other', async () => {
    for (const recording of allFixtures()) {
      const calls = await explainedCalls([readFileSync(recording.amiFile)])
      const shown = calls.flatMap(({ events }) => events.flatMap(({ notes }) => notes))
      const lines = shown.filter(({ kind }) => kind === 'line').map(({ text }) => text)
      const expected = goldenOf(recording).split('\n').filter(Boolean)
      assert.deepEqual(lines.toSorted(), expected.toSorted(), recording.name)
    }
  })

  it('gives a reason where nothing was written', async () => {
    const { amiFile } = fixture('asterisk-22/out_answered_agent_hangs')
    const command = ['ami-track', 'explain', amiFile]
    const threshold = await runPipe([[...command, '--outboundcalls', '1', '--outboundthreshold', '5000']])
    assert.match(threshold.stdout, /no outbound call: it was answered after 1504 ms, before the threshold of 5000 ms/)
    const off = await runPipe([command])
    assert.match(off.stdout, /it needs --outboundcalls 1/)
    const hidden = await runPipe([[...command, '--outboundcalls', '1', '--hidden-channels', '1001']])
    assert.match(hidden.stdout, /on _q-acme: the calling channel matches --hidden-channels/)
  })

  it('takes a call by any of its channels, its queue, or a number in it, and says so if there is none', async () => {
    const { amiFile } = fixture('asterisk-22/park_retrieve')
    const command = ['ami-track', 'explain', amiFile, ...ALL_TRACKERS]
    for (const asked of [
      ['--call', '1795373421.22'],
      ['--call', ':1795373416.20'],
      ['--queue', 'pk-default'],
      ['--number', '5551000'],
      ['--number', '1002'],
    ]) {
      const { stdout, codes } = await runPipe([[...command, ...asked]])
      assert.match(stdout, /^Call 1795373416\.20 {2}/, asked.join(' '))
      assert.deepEqual(codes, [0])
    }
    const none = await runPipe([[...command, '--number', '4711']])
    assert.deepEqual([none.stdout, none.stderr, ...none.codes], ['', 'ami-track: no call in this dump matches\n', 1])
  })

  it('lists the calls of a dump that has many, and reads stdin', async () => {
    const recordings = allFixtures().filter(({ name }) => name.startsWith('asterisk-22-calls/'))
    const input = Buffer.concat(recordings.map(({ amiFile }) => readFileSync(amiFile)))
    const { stdout } = await runPipe([['ami-track', 'explain', '-']], { input })
    assert.match(stdout, /^\d+\.\d+ {2}2026-\S+ \S+ UTC, \S+ s {2}(no|\d+) lines? {2}\d+ → /)
    assert.match(stdout, /\d+ calls: use --call, --queue or --number to explain some of them\n$/)
  })

  it('lets no name move the cursor or begin a line of its own', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const input = readFileSync(amiFile, 'utf8').replaceAll('Agent 1001', 'A\u001b[2J\u202e\r> 1|2|3')
    const { stdout } = await runPipe([['ami-track', 'explain', '-']], { input })
    for (const forger of ['\u001b', '\u202e', '\r']) assert.ok(!stdout.includes(forger), JSON.stringify(forger))
    assert.match(stdout, /"A\ufffd\[2J\ufffd/)
  })

  it('writes a page of its own, in which names are text, instead of the text', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const input = readFileSync(amiFile, 'utf8').replaceAll('Agent 1001', `<b onload='x'>&"`)
    const { stdout, codes } = await runPipe([['ami-track', 'explain', '-', '--html', '-']], { input })
    assert.deepEqual(codes, [0])
    assert.match(stdout, /^<!DOCTYPE html>\n[\s\S]*<svg [\s\S]*<\/body><\/html>\n$/)
    assert.match(stdout, /&lt;b onload=&#39;x&#39;&gt;&amp;&quot;/)
    assert.doesNotMatch(stdout, /<b |https?:|url\((?!#)/)
  })

  it('has colours on a terminal alone, and none there if NO_COLOR says so', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const command = shellCommand(['ami-track', 'explain', amiFile])
    const onTerminal = await runPipe([['script', '-qec', command, '/dev/null']])
    assert.ok(onTerminal.stdout.includes('\u001b[32m'))
    const plain = await runPipe([['script', '-qec', `NO_COLOR=1 ${command}`, '/dev/null']])
    assert.ok(!plain.stdout.includes('\u001b['))
    assert.ok(!(await runPipe([['ami-track', 'explain', amiFile]])).stdout.includes('\u001b['))
  })

  it('wants a dump, and has a help of its own', async () => {
    const none = await runPipe([['ami-track', 'explain', '--moh', '1']])
    assert.deepEqual(none.codes, [2])
    assert.match(none.stderr, /a dump is missing: ami-track explain DUMP/)
    const help = await runPipe([['ami-track', 'explain', '--help']])
    assert.match(help.stdout, /^Usage: ami-track explain DUMP/)
  })
})
