import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe } from 'node:test'
import { JsonView } from '../../lib/explain/json-view.ts'
import { inChunksOf } from '../support/chunkings.ts'
import { explainedBy } from '../support/explained-calls.ts'
import { explainedAsJson, explainedGolden, explainedJson } from '../support/explaining.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

/** What a program reads of a document. */
interface Document {
  version: number
  id: string | null
  heading: string
  way: string[]
  holds: number
  isOver: boolean
  lines: number
  channels: { uniqueid: string; name: string; begin: { event: number; at: number } | null }[]
  spans: { kind: string; uniqueid: string; begin: { event: number; at: number } }[]
  events: { number: number; at: number; from: string; event: string; notes: { kind: string; text: string }[] }[]
  omitted: { events: number; spans: number; stations: number }
}

function documentsOf(text: string): Document[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

describe('ami-track explain --json', () => {
  for (const recording of explainedAsJson) {
    it(`tells ${recording.name} as it did`, async () => {
      assert.equal(await explainedJson(recording), explainedGolden(recording, 'ndjson'))
    })

    it(`tells the same of ${recording.name}, wherever the dump is cut`, async () => {
      const bytes = readFileSync(recording.amiFile)
      const whole = await explainedBy(new JsonView(), [bytes])
      assert.ok(documentsOf(whole).length > 0)
      for (const size of [1, 7, 64, 1000]) {
        assert.equal(await explainedBy(new JsonView(), inChunksOf(bytes, size)), whole, `chunks of ${size}`)
      }
    })
  }

  it('has every line of every recording once, and for each bar and channel the event at which it began', async () => {
    for (const recording of allFixtures()) {
      const documents = documentsOf(await explainedBy(new JsonView(), [readFileSync(recording.amiFile)]))
      const notes = documents.flatMap(({ events }) => events.flatMap((event) => event.notes))
      const lines = notes.filter(({ kind }) => kind === 'line').map(({ text }) => text)
      assert.deepEqual(lines.toSorted(), goldenOf(recording).split('\n').filter(Boolean).toSorted(), recording.name)
      for (const { channels, spans, events } of documents) {
        const byNumber = new Map(events.map((event) => [event.number, event]))
        for (const { uniqueid, begin } of [...channels, ...spans]) {
          if (begin === null) continue
          const event = byNumber.get(begin.event)
          assert.ok(event !== undefined && event.at === begin.at, `${recording.name}: ${uniqueid}`)
          assert.equal(event.from, uniqueid, `${recording.name}: ${event.event}`)
        }
      }
    }
  })

  it('tells all calls in full, also where the text would list them', async () => {
    const recordings = allFixtures().filter(({ name }) => name.startsWith('asterisk-22-calls/'))
    const input = Buffer.concat(recordings.map(({ amiFile }) => readFileSync(amiFile)))
    const documents = documentsOf((await runPipe([['ami-track', 'explain', '-', '--json']], { input })).stdout)
    assert.ok(documents.length > 12)
    for (const { version, events, omitted } of documents) {
      assert.equal(version, 1)
      assert.ok(events.length > 0)
      assert.deepEqual(omitted, { events: 0, spans: 0, stations: 0 })
    }
  })

  it('says how much of an endless call it leaves out, and keeps each event with a line', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const dump = readFileSync(amiFile, 'utf8')
    const [hold = ''] = /Event: Hold\r\n[\s\S]*?\r\n\r\n/.exec(dump) ?? []
    const text = await explainedBy(new JsonView(), [Buffer.from(dump.replace(hold, hold.repeat(6000)))])
    const call = documentsOf(text).find(({ id }) => id !== null)
    assert.ok(
      call !== undefined && call.omitted.events > 900 && call.omitted.spans > 3900,
      JSON.stringify(call?.omitted),
    )
    assert.equal(call.lines, 4)
    assert.equal(call.events.flatMap(({ notes }) => notes).filter(({ kind }) => kind === 'line').length, 4)
  })

  it('has nothing that moves a cursor, and loses nothing of a name', async () => {
    const hostile = 'A\u001b[2J\u009b\u202e\u2028\u{e0001}"\\'
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const input = readFileSync(amiFile, 'utf8').replaceAll('Agent 1001', hostile)
    const { stdout } = await runPipe([['ami-track', 'explain', '-', '--json']], { input })
    assert.doesNotMatch(stdout.replaceAll('\n', ''), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    const names = documentsOf(stdout).flatMap(({ channels }) => channels)
    assert.ok(JSON.stringify(names).includes(JSON.stringify(hostile).slice(1, -1)))
  })

  it('is chosen by --call and the like, says if no call is what was asked for, and goes with no page', async () => {
    const { amiFile } = fixture('asterisk-22/park_retrieve')
    const command = ['ami-track', 'explain', amiFile, '--json']
    const one = await runPipe([[...command, '--number', '1002']])
    assert.deepEqual(
      documentsOf(one.stdout).map(({ id, way, holds, isOver }) => ({ id, way, holds, isOver })),
      [
        {
          id: '1795373416.20',
          way: ['5551000', 'support', 'PJSIP/1001', 'default 701', '1002'],
          holds: 1,
          isOver: true,
        },
      ],
    )
    const none = await runPipe([[...command, '--number', '4711']])
    assert.deepEqual([none.stdout, ...none.codes], ['', 1])
    const both = await runPipe([[...command, '--html', '-']])
    assert.deepEqual([both.stdout, ...both.codes], ['', 2])
    assert.match(both.stderr, /--json and --html cannot be used together: give one of them/)
  })
})
