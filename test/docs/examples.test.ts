import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe } from 'node:test'
import { type ExampleFilter, exampleFilters, whyMissing } from '../support/example-filters.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { endOf, runPipe, shellCommand } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

const commandOf = ({ command, file }: ExampleFilter): string[] => [...command, join(root, 'docs/examples', file)]
const pipeOf = (filter: ExampleFilter): string[][] => [
  ...filter.before.map((program) => [program]),
  commandOf(filter),
  ...filter.behind.map((program) => [program]),
]
const filterOf = (file: string): ExampleFilter => {
  const filter = exampleFilters.find((one) => one.file === file)
  assert.ok(filter, file)
  return filter
}

/** Lines that are no records, or only nearly. */
const ODD_LINES = [
  'no JSON à la carte',
  '',
  '{"Event":"DialEnd", broken}',
  '{"queue_log":{"time":"x","queuename":7}}',
  '{"queue_log":["q-acme"]}',
  '{"queue_log":null,"DialEnd":1}',
  '{"Event":["DialEnd"],"Uniqueid":{}}',
  '{"queue_log":{"time":5,"queuename":"an-other","callid":":1.1","agent":"b","event":"CALLOUTBOUND"}}',
  '{"Event":"DialEnd","Uniqueid":"1.1","DialStatus":"BUSY"}',
  '{"queue_log":{"time":NaN,"queuename":"an-other","callid":":1.1","agent":"b","event":"ABANDON"}}',
  '["queue_log"]',
  '"queue_log"',
  '{"a":1,"queue_log":{"time":5,"callid":"a","queuename":"an-other","agent":"b","event":"E","data":[1.50,"\\u00e9"]}}\r',
  `{"queue_log":${'['.repeat(100_000)}`,
  `{"queue_log":{"time":1e400,"queuename":"${'x'.repeat(100_000)}"}}`,
]

for (const filter of exampleFilters) {
  const missing = whyMissing(filter.interpreter)
  describe(`docs/examples/${filter.file}`, { skip: missing ?? false }, () => {
    it('gives the lines that it promises, between two stages', async () => {
      const { stdout, stderr, codes } = await runPipe(pipeOf(filter), {
        input: { file: fixture(filter.recording).amiFile },
      })
      assert.equal(stdout, filter.lines)
      assert.equal(stderr, '')
      assert.ok(codes.every((code) => code === 0))
    })

    it('passes what it does not know as it came, whatever it is', async () => {
      const input = `${ODD_LINES.join('\n')}\n`
      const { stdout, stderr, codes } = await runPipe([commandOf(filter)], { input })
      const beginnings = (lines: string): string[] => lines.split('\n').map((line) => line.slice(0, 200))
      assert.deepEqual(beginnings(stdout), beginnings(input))
      assert.ok(stdout === input)
      assert.equal(stderr, '')
      assert.deepEqual(codes, [0])
    })

    it('passes every event of every recording as it came', async () => {
      const dump = Buffer.concat(allFixtures().map(({ amiFile }) => readFileSync(amiFile)))
      const parsed = await runPipe([['ami-parse', '--noeventblacklisting', '1']], { input: dump })
      const { stdout } = await runPipe([commandOf(filter)], { input: parsed.stdout })
      assert.ok(stdout === parsed.stdout)
    })

    it('ends quietly when its reader has seen enough', async () => {
      const input = '{"Event":"Hold","Uniqueid":"1.1"}\n'.repeat(100_000)
      const { stdout, stderr } = await runPipe([commandOf(filter), ['head', '-n', '1']], { input })
      assert.equal(stdout, '{"Event":"Hold","Uniqueid":"1.1"}\n')
      assert.equal(stderr, '')
    })

    it('lets a line through as soon as it is there, and loses no last line to ^C', async () => {
      const hold = fixture('asterisk-22/queue_hold')
      const recording = readFileSync(hold.amiFile)
      const at = recording.indexOf('\r\n\r\n', recording.indexOf('Event: Hold')) + 4
      const commands = pipeOf(filter).map((words) =>
        // As docs/records.md says: of the two, only a script can ignore ^C by itself.
        words[0] === 'jq' ? `(trap '' INT; ${shellCommand(words)})` : shellCommand(words),
      )
      const shell = spawn('bash', ['-c', commands.join(' | ')], { detached: true })
      const ended = endOf(shell)
      const errors = text(shell.stderr)
      shell.stdin.write(recording.subarray(0, at))
      const [firstLine] = await once(shell.stdout, 'data') // stdin is still open
      process.kill(-(shell.pid ?? 0), 'SIGINT')
      shell.stdin.end(recording.subarray(at))
      assert.equal(String(firstLine) + (await text(shell.stdout)), goldenOf(hold, 'track-moh'))
      assert.equal(await errors, '')
      await ended
    })
  })
}

describe('docs/examples/call-outcomes.py, of hostile input', { skip: whyMissing('python3') ?? false }, () => {
  const command = commandOf(filterOf('call-outcomes.py'))

  it('passes bytes that are no UTF-8', async () => {
    // Through od, as a pipe of this test is read as text.
    const odd = Buffer.from([0x7b, 0xff, 0x00, 0xc3, 0x0a, 0xfe])
    const { stdout } = await runPipe([command, ['od', '-An', '-tx1']], { input: odd })
    assert.equal(stdout.trim(), '7b ff 00 c3 0a fe 0a')
  })

  it('ends with 1 at a line that no stage writes, before it fills the memory', async () => {
    const { stdout, stderr, codes } = await runPipe([command], { input: Buffer.alloc(9 * 1024 * 1024, 'x') })
    assert.equal(stdout, '')
    assert.match(stderr, /^call-outcomes\.py: a line is longer than 8388608 bytes: this is not a stream of records\n$/)
    assert.deepEqual(codes, [1])
  })

  it('forgets the oldest of more open calls than it keeps', async () => {
    const line = (callid: string, event: string): string =>
      `{"queue_log":{"time":5,"callid":"${callid}","queuename":"q","agent":"a","event":"${event}","data":[]}}\n`
    const busy = (uniqueid: string): string => `{"Event":"DialEnd","Uniqueid":"${uniqueid}","DialStatus":"BUSY"}\n`
    const calls = Array.from({ length: 10_001 }, (_, n) => line(`:1.${n}`, 'CALLOUTBOUND')).join('')
    const ends = busy('1.0') + busy('1.1') + line(':1.0', 'ABANDON') + line(':1.1', 'ABANDON')
    const { stdout } = await runPipe([command, ['grep', 'CALLSTATUS']], { input: calls + ends })
    assert.equal(
      stdout,
      '{"queue_log": {"time": 5, "callid": ":1.1", "queuename": "q", "agent": "a", "event": "CALLSTATUS", "data": ["BUSY"]}}\n',
    )
  })
})

describe('docs/examples/rename-queues.jq', { skip: whyMissing('jq') ?? false }, () => {
  it('changes nothing of a line but the queue, and writes none of a queue that is dropped', async () => {
    const record = (queuename: string): string =>
      `{"queue_log":{"time":1795373501.938323,"callid":":1.41","queuename":"${queuename}","agent":"é|a","event":"E","data":["","x"]},"extra":1}\n`
    const input = record('pk-default') + record('q-acme') + record('_q-acme')
    const { stdout } = await runPipe([commandOf(filterOf('rename-queues.jq'))], { input })
    assert.equal(stdout, record('parked') + record('_q-acme'))
  })

  it('writes numbers in its own way in a record that it renames, and leaves all others as they came', async () => {
    const record = (queuename: string): string =>
      `{"queue_log":{"time":1795373363.148000,"callid":"c","queuename":"${queuename}","agent":"a","event":"E","data":[1e3]}}\n`
    const { stdout } = await runPipe([commandOf(filterOf('rename-queues.jq'))], {
      input: record('other') + record('pk-default'),
    })
    assert.ok(stdout.startsWith(record('other')))
    assert.deepEqual(JSON.parse(stdout.slice(record('other').length)), JSON.parse(record('parked')))
  })

  it('is called in its comment as docs/records.md calls it, so that ^C loses no line', () => {
    const page = readFileSync(join(root, 'docs/records.md'), 'utf8')
    const comment = readFileSync(join(root, 'docs/examples/rename-queues.jq'), 'utf8')
    const [shown = ''] = /^ {4}ami-parse [^\n]*\n {6}\(trap[\s\S]*?qlog-write\n/m.exec(page) ?? []
    assert.match(shown, /exec jq/)
    assert.ok(comment.replace(/^# /gm, '').includes(shown), shown)
  })
})
