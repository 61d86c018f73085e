import { strict as assert } from 'node:assert'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { describe, it } from 'node:test'
import { Pseudonyms } from '../../lib/explain/pseudonyms.ts'
import { anonymizeStage } from '../../lib/stages/anonymize-stage.ts'
import { trackers } from '../../lib/trackers/index.ts'
import { linesInOneProcess } from '../support/chains.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'

/** A line of a recording with everybody in it replaced, column by column. */
function replacedLine(line: string, pseudonyms: Pseudonyms): string {
  const [time = '', callid = '', queue = '', agent = '', event = '', ...data] = line.split('|')
  const code = /^_?q-(.*)$/.exec(queue)?.[1]
  const newQueue =
    code === undefined
      ? pseudonyms.place(queue)
      : queue.replace(/-.*/, `-${code === 'outbound' ? code : pseudonyms.accountCode(code)}`)
  const [first = '', second = ''] = data
  if (event === 'CALLOUTBOUND') data[1] = pseudonyms.extension(second)
  if (event === 'HOTDESKING') data[0] = pseudonyms.dialled(first)
  if (event === 'BLINDTRANSFER') data.splice(0, 2, pseudonyms.extension(first), pseudonyms.place(second))
  if (event === 'ATTENDEDTRANSFER' && first === 'LINK') {
    data.splice(1, 2, pseudonyms.channel(second), pseudonyms.channel(data[2] ?? ''))
  }
  if (event === 'ENTERQUEUE') {
    const [space = '', number] = second.split('-')
    data[1] = [pseudonyms.extension(space), ...(number === undefined ? [] : [pseudonyms.callerNumber(number)])].join(
      '-',
    )
  }
  return [time, callid, newQueue, agent === 'NONE' ? agent : pseudonyms.memberName(agent), event, ...data].join('|')
}

const NAMED =
  /^(?:\w*(?:CallerIDNum|ConnectedLineNum|CallerIDName|ConnectedLineName|AccountCode)|MemberName): (.{4,}?)\r?$/gm
const HARMLESS = /^(?:Timestamp|\w*Uniqueid|\w*Linkedid|\w*BridgeUniqueid): .*$/gim

describe('ami-track explain --anonymize', () => {
  for (const recording of allFixtures()) {
    it(`leaves nobody in ${recording.name}, which gives the same lines but for the names`, async () => {
      const pseudonyms = new Pseudonyms()
      const chunks: Buffer[] = []
      const input = createReadStream(recording.amiFile, { highWaterMark: 777 })
      await pipeline(
        input,
        anonymizeStage({ onReport: ({ text }) => assert.fail(text) }, pseudonyms),
        async (source: AsyncIterable<Buffer>) => {
          for await (const chunk of source) chunks.push(chunk)
        },
      )
      const expected = goldenOf(recording)
        .split('\n')
        .map((line) => (line === '' ? '' : replacedLine(line, pseudonyms)))
      assert.deepEqual((await linesInOneProcess(chunks, trackers)).split('\n'), expected)

      const shared = Buffer.concat(chunks).toString().replace(HARMLESS, '')
      const original = readFileSync(recording.amiFile, 'utf8')
      const personal = new Set([...original.matchAll(NAMED)].map(([, text = '']) => text))
      for (const text of [...personal, '127.0.0.1']) {
        if (text === '<unknown>') continue
        const word = new RegExp(`(?<![\\w.])${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w])`)
        assert.doesNotMatch(shared, word, text)
      }
    })
  }

  it('writes a file, or stdout, and a replay reads it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ami-track-anonymize-'))
    try {
      const { amiFile } = fixture('asterisk-22/queue_hold')
      const file = join(folder, 'shareable.ami')
      const command = ['ami-track', 'explain', amiFile, '--anonymize']
      const { codes, stdout } = await runPipe([[...command, file]])
      assert.deepEqual([...codes, stdout, existsSync(file)], [0, '', true])
      const piped = await runPipe([
        [...command, '-'],
        ['ami-track', '--replay', '-'],
      ])
      assert.match(piped.stdout, /\|support\|PJSIP\/3\d\d\d\|CALLERONHOLD\|/)
      assert.deepEqual([piped.stderr, ...piped.codes], ['', 0, 0])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('keeps to the kind of what it replaces', () => {
    const pseudonyms = new Pseudonyms()
    assert.equal(pseudonyms.channel('PJSIP/1001-0000002a'), 'PJSIP/3001-0000002a')
    assert.equal(pseudonyms.dialled('PJSIP/1001'), 'PJSIP/3001')
    assert.equal(pseudonyms.channel('Local/1001@from-queue-00000001;2'), 'Local/3001@from-queue-00000001;2')
    assert.equal(pseudonyms.dialled('Local/1001@from-queue/n'), 'Local/3001@from-queue/n')
    assert.equal(pseudonyms.dialled('+4930123@acme-sip'), '+3000001@peer1')
    assert.equal(pseudonyms.dialled('1001/sip:1001@192.168.7.9:5060'), '3001/sip:3001@198.18.0.1:3002')
    assert.equal(pseudonyms.callerName('Jane Doe'), 'Name 1')
    assert.equal(pseudonyms.callerName('1001'), '3001')
    assert.equal(pseudonyms.extension('s'), 's')
    assert.equal(pseudonyms.extension('*43'), '*43')
  })
})
