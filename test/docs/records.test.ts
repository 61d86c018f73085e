import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { trackers } from '../../lib/trackers/table.ts'
import { exampleFilters, whyMissing } from '../support/example-filters.ts'
import { fixture } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

const page = readFileSync(join(root, 'docs/records.md'), 'utf8')
const record = (fields: object): string => `${JSON.stringify({ queue_log: fields })}\n`
const sound = { time: 5, callid: 'c', queuename: 'q', agent: 'a', event: 'E', data: ['x'] }

describe('docs/records.md', () => {
  it('shows messages as ami-parse writes them', async () => {
    const message = [
      'Event: Newchannel',
      'Privilege: call,all',
      'Timestamp: 1795373360.148000',
      'Channel: PJSIP/1001-00000001',
      'CallerIDName: M\xfcller',
      'ChanVariable: a=1',
      'empty:',
      'ChanVariable: b=2',
      'colon: a:b: c ',
      '7: x',
      'channel: other',
    ].join('\r\n')
    const input = Buffer.from(`Asterisk Call Manager/7.0.3\r\n${message}\r\n\r\n`, 'latin1')
    const { stdout } = await runPipe([['ami-parse']], { input })
    const shown = /^ {4}(\{"Event":"Newchannel",.*),…\}$/m.exec(page)?.[1] ?? 'no such line'
    assert.ok(stdout.startsWith(`${shown},`), shown)
    for (const part of ['"ChanVariable":["a=1","b=2"]', '"colon":"a:b: c "']) {
      assert.ok(page.includes(part) && stdout.includes(part), part)
    }
    assert.ok(stdout.endsWith('"empty":"","colon":"a:b: c ","7":"x","channel":"other"}\n'), stdout)
    assert.match(stdout, /"CallerIDName":"Müller"/)
  })

  it('shows a queue_log record as a stage writes it', async () => {
    const shown = /^ {4}(\{"queue_log":.*\})$/m.exec(page)?.[1] ?? 'no such line'
    const { queue_log: fields } = JSON.parse(shown)
    assert.equal(JSON.stringify({ queue_log: fields }), shown)
    const { stdout } = await runPipe([['qlog-write']], { input: shown })
    assert.equal(stdout, '1795373363|1795373360.2|support|PJSIP/1001|CALLERONHOLD|\n')
  })

  it('says that every stage passes on what it reads, byte for byte', async () => {
    const lines = ['{"own":1}', 'null', '[1]', ' {"Event" : "Hold"} \r', '{"Response":"Success"}', '{"queue_log":7}']
    const input = `${lines.join('\n')}\n${record({ ...sound, mine: 1 })}last`
    const stages = [...trackers.map(({ program }) => [program]), ['ami-filter']]
    const { stdout, stderr } = await runPipe(stages, { input })
    assert.equal(stdout, `${input}\n`)
    assert.equal(stderr, '')
  })

  it('says which queue_log records are sound, and how they are written', async () => {
    const { data: _, ...withoutData } = sound
    const written: [object, string][] = [
      [sound, '5|c|q|a|E|x\n'],
      [withoutData, '5|c|q|a|E|\n'],
      [{ ...sound, data: ['', 7] }, '5|c|q|a|E||7\n'],
      [{ ...sound, callid: 1, mine: {} }, '5|1|q|a|E|x\n'],
      [{ ...sound, time: 5.999 }, '5|c|q|a|E|x\n'],
      [{ ...sound, agent: 'a|b\r\n\0', data: ['x|y'] }, '5|c|q|a_b___|E|x_y\n'],
    ]
    for (const [fields, line] of written) {
      const { stdout, stderr } = await runPipe([['qlog-write']], { input: record(fields) })
      assert.deepEqual([stdout, stderr], [line, ''])
    }
    const wrong = [
      { ...sound, time: '5' },
      { ...sound, time: -1 },
      { ...sound, time: 1e11 },
      { ...sound, agent: '' },
      { ...withoutData, event: undefined },
      { ...sound, data: 'x' },
    ].map(record)
    const { stdout, stderr, codes } = await runPipe([['qlog-write']], { input: `${wrong.join('')}\nno JSON\n` })
    assert.equal(stdout, '')
    assert.equal(stderr.split('\n').length, wrong.length + 3)
    assert.deepEqual(codes, [0])
    for (const line of [...wrong, '\n']) {
      assert.deepEqual((await runPipe([['qlog-write', '--strict']], { input: line })).codes, [1], line)
    }
  })

  it('says that times are never below that of the line before', async () => {
    const input = record({ ...sound, time: 9.2 }) + record({ ...sound, time: 7 }) + record({ ...sound, time: 10 })
    const { stdout } = await runPipe([['qlog-write']], { input })
    assert.equal(stdout, '9|c|q|a|E|x\n9|c|q|a|E|x\n10|c|q|a|E|x\n')
  })

  it('says that our stages end with 1 at a line is longer than 8 MiB', async () => {
    const limit = 8 * 1024 * 1024
    const most = await runPipe([['track-moh'], ['wc', '-c']], { input: 'x'.repeat(limit) })
    assert.deepEqual([most.stdout.trim(), ...most.codes], [String(limit + 1), 0, 0])
    const more = await runPipe([['track-moh']], { input: 'x'.repeat(limit + 1) })
    assert.match(more.stderr, /^track-moh: a line is longer than 8388608 bytes: [^\n]+\n$/)
    assert.deepEqual(more.codes, [1])
  })

  it('says that holds are logged on the callid, queue and agent of a CONNECT, whoever wrote it', async () => {
    const { amiFile } = fixture('asterisk-22/out_answered_callee_hangs_hold')
    const tracked = await runPipe([['ami-parse'], ['track-outbound']], { input: { file: amiFile } })
    const renamed = tracked.stdout.replace(/^\{"queue_log".*$/gm, (line) =>
      line.replace('"q-outbound"', '"sales"').replace('"PJSIP/1003"', '"joe"'),
    )
    const { stdout } = await runPipe([['track-moh'], ['qlog-write'], ['grep', 'HOLD']], { input: renamed })
    assert.equal(
      stdout,
      '1795373511|:1795373508.43|sales|joe|CALLERONHOLD|\n1795373513|:1795373508.43|sales|joe|CALLEROFFHOLD|\n',
    )
  })

  it('has a whole filter in Python', { skip: whyMissing('python3') ?? false }, async () => {
    const [block = ''] = /^ {4}import json[\s\S]*?(?=^\S)/m.exec(page) ?? []
    const filter = ['python3', '-c', block.replace(/^ {4}/gm, '')]
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const { stdout } = await runPipe([['ami-parse'], ['track-moh'], filter, ['qlog-write'], ['head', '-n', '3']], {
      input: { file: amiFile },
    })
    assert.equal(
      stdout,
      `1795373363|1795373360.2|support|PJSIP/1001|CALLERONHOLD|
1795373363|1795373360.2|support|PJSIP/1001|MYVERB|1
1795373365|1795373360.2|support|PJSIP/1001|CALLEROFFHOLD|
`,
    )
    const odd = [
      '',
      'null',
      '7',
      '[]',
      '"x"',
      '{"queue_log":7}',
      '{"queue_log":["a"]}',
      '{"queue_log":{}}',
      '[[',
      '\xff',
    ]
    const deep = `{"queue_log":${'['.repeat(100_000)}`
    const passed = await runPipe([filter], { input: Buffer.from([...odd, deep, 'last'].join('\n'), 'latin1') })
    assert.equal(passed.stderr, '')
    assert.equal(passed.stdout, Buffer.from(`${[...odd, deep, 'last'].join('\n')}\n`, 'latin1').toString())
    const seen = await runPipe([filter, ['head', '-n', '1']], { input: '{"Event":"Hold"}\n'.repeat(100_000) })
    assert.deepEqual([seen.stdout, seen.stderr], ['{"Event":"Hold"}\n', ''])
  })

  it('shows the lines of the example in Python, which are those that are tested', () => {
    const shown = page.replace(/^ {4}/gm, '')
    const lines = exampleFilters.find(({ file }) => file === 'call-outcomes.py')?.lines
    assert.ok(lines !== undefined && shown.includes(lines))
  })
})
