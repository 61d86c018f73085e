import { strict as assert } from 'node:assert'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import { HeaderMessage } from '../../lib/ami/message.ts'
import { LISTS, MEMBER_NAMES_LOGGED, RESYNC_BEGIN, RESYNC_END, VALUE } from '../../lib/ami/own-events.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { Anonymizer, sharedEvents } from '../../lib/explain/anonymize.ts'
import type { AnonymousValues } from '../../lib/explain/anonymous-values.ts'
import { Explainer } from '../../lib/explain/explainer.ts'
import { sharedHeader } from '../../lib/explain/shared-headers.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { anonymizedDump } from '../support/anonymizing.ts'
import { linesInOneProcess } from '../support/chains.ts'
import { explainedCalls } from '../support/explained-calls.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

/** A line of a recording with everybody in it replaced, column by column. */
function replacedLine(line: string, values: AnonymousValues): string {
  const [time = '', callid = '', queue = '', agent = '', event = '', ...data] = line.split('|')
  const [first = '', second = ''] = data
  if (event === 'CALLOUTBOUND') data[1] = values.extension(second)
  if (event === 'CONNECT') data[1] = values.uniqueid(second)
  if (event === 'HOTDESKING') data[0] = values.dialled(first)
  if (event === 'BLINDTRANSFER') data.splice(0, 2, values.extension(first), values.context(second))
  if (event === 'ATTENDEDTRANSFER' && first === 'LINK') {
    data.splice(1, 2, values.channel(second), values.channel(data[2] ?? ''))
  }
  if (event === 'ENTERQUEUE') {
    const [space = '', number] = second.split('-')
    data[1] = [values.extension(space), ...(number === undefined ? [] : [values.callerNumber(number)])].join('-')
  }
  const newAgent = agent === 'NONE' ? agent : values.memberName(agent, undefined)
  const newCallid = callid.replace(/[^:].*/, (uniqueid) =>
    uniqueid === 'MANAGER' ? uniqueid : values.uniqueid(uniqueid),
  )
  return [time, newCallid, values.queue(queue), newAgent, event, ...data].join('|')
}

const NAMED =
  /^(?:\w*(?:CallerIDNum|ConnectedLineNum|CallerIDName|ConnectedLineName|AccountCode)|MemberName|Queue): (.{3,}?)\r?$/gm
const HARMLESS = /^(?:Timestamp|\w*Uniqueid|\w*Linkedid|\w*BridgeUniqueid): .*$/gim

/** What is told of the calls of a dump, but for the names in it. */
async function told(dump: Buffer): Promise<unknown> {
  const calls = await explainedCalls([dump])
  return calls.map(({ channels, events }) => {
    const place = new Map(channels.map(({ uniqueid }, n) => [uniqueid, n]))
    return {
      channels: channels.map(({ begin, end }) => ({ begin, end })),
      events: events.map(({ at, kind, event, from, to, notes }) => {
        const reasons = notes.map(({ kind, tracker }) => ({ kind, tracker }))
        return { at, kind, event, from: place.get(from), to: place.get(to), reasons }
      }),
    }
  })
}

describe('ami-track explain --anonymize', () => {
  it('keeps what ami-track itself says in a stream', async () => {
    for (const [event, name, value] of [
      [MEMBER_NAMES_LOGGED, VALUE, 'yes'],
      [RESYNC_END, LISTS, 'CoreStatus,QueueStatus'],
    ] as const) {
      const shared = await anonymizedDump(Buffer.from(`Event: ${event}\r\n${name}: ${value}\r\n\r\n`))
      assert.match(shared.toString(), new RegExp(`Event: ${event}\r\n${name}: ${value}\r\n`))
    }
  })

  for (const recording of allFixtures()) {
    it(`leaves nobody in ${recording.name}, which gives the same lines and reasons but for the names`, async () => {
      const original = readFileSync(recording.amiFile)
      const anonymizer = new Anonymizer()
      const shared = await anonymizedDump(original, { anonymizer, chunkBytes: 777 })
      const expected = goldenOf(recording)
        .split('\n')
        .map((line) => (line === '' ? '' : replacedLine(line, anonymizer.values)))
      assert.deepEqual((await linesInOneProcess([shared], trackers)).split('\n'), expected)
      assert.deepEqual(await told(shared), await told(original))

      const text = shared.toString().replace(HARMLESS, '')
      const personal = new Set([...original.toString().matchAll(NAMED)].map(([, name = '']) => name))
      const harmless = ['<unknown>', 'default', 'anonymous']
      const names = [...personal, '127.0.0.1'].filter((name) => !harmless.includes(name))
      const anyName = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
      assert.doesNotMatch(text, new RegExp(`(?<![\\w.])(?:${anyName})(?![\\w])`))
    })
  }

  it('knows what becomes of every header that a tracker, the lists after a login or an explanation reads', () => {
    const read = new Set<string>()
    class Watched extends HeaderMessage {
      override get(name: string): string | undefined {
        read.add(name)
        return super.get(name)
      }
    }
    for (const { amiFile } of allFixtures()) {
      const explainer = new Explainer(new Tracking(trackers), () => {})
      explainer.pass(new Watched(new Map([['Event', RESYNC_BEGIN]])))
      const parser = new AmiParser(
        {},
        (message) => explainer.pass(new Watched(message.headers())),
        ({ text }) => assert.fail(text),
      )
      parser.feed(readFileSync(amiFile))
      parser.end()
      explainer.end()
    }
    assert.equal(read.size > 50, true, 'headers are read')
    const unknown = [...read].filter((name) => name !== 'Event' && sharedHeader(name) === undefined)
    assert.deepEqual(unknown, [])
  })

  it('leaves out what no tracker reads, headers and events', async () => {
    const shared = await anonymizedDump(
      'Event: Hold\r\nPrivilege: call,all\r\nSystemName: acme\r\nTimestamp: 1800000000.000001\r\n' +
        'Channel: PJSIP/1001-00000001\r\nUNIQUEID: 1800000000.1\r\nChanVariable: CUSTOMER=acme\r\n\r\n' +
        'Event: VarSet\r\nVariable: SECRET\r\nValue: acme\r\n\r\n',
    )
    assert.equal(
      shared.toString(),
      'Event: Hold\r\nTimestamp: 1800000000.000001\r\nChannel: PJSIP/3000-00000001\r\nUniqueid: 1800000000.1\r\n\r\n',
    )
  })

  it('reads headers of any name, and values that end in CR', async () => {
    const shared = await anonymizedDump(
      'Event: Hold\r\n__proto__: Anna\r\nconstructor: Anna\r\ntoString: Anna\r\nChannel: PJSIP/anna-00000001\r\r\n' +
        'Uniqueid: 1800000000.1\r\r\n\r\n',
    )
    assert.equal(shared.toString(), 'Event: Hold\r\nChannel: PJSIP/peer1-peer2\r\nUniqueid: channel1\r\n\r\n')
  })

  it('takes the first of repeated headers that is spelled as Asterisk does, as the trackers do', async () => {
    const shared = await anonymizedDump(
      'Event: Hold\r\nCHANNEL: PJSIP/1002-00000002\r\nChannel: PJSIP/1001-00000001\r\nChannel: PJSIP/1003-00000003\r\n\r\n',
    )
    assert.equal(shared.toString(), 'Event: Hold\r\nChannel: PJSIP/3001-00000001\r\n\r\n')
  })

  it('goes on behind the output of a command as Asterisk 13 sends it', async () => {
    const shared = await anonymizedDump(
      'Response: Follows\r\nPrivilege: Command\r\nActionID: x\r\nsecret=acme\n\n--END COMMAND--\r\n\r\n' +
        'Event: Hold\r\nChannel: PJSIP/1001-00000001\r\n\r\n',
    )
    assert.equal(
      shared.toString(),
      'Response: Success\r\nActionID: 1\r\n\r\nEvent: Hold\r\nChannel: PJSIP/3000-00000001\r\n\r\n',
    )
  })

  it('says where something could not be read, as a piece of the stream was lost there', async () => {
    const reports: string[] = []
    const shared = await anonymizedDump(
      'Event: Hold\r\nTimestamp: 1800000000.1\r\n\r\nSecret: acme\r\n\r\nEvent: Unhold\r\nUniqueid: 1800000000.1\r\n\r\n' +
        'Event: Hangup\r\nUniq',
      { onReport: ({ kind }) => reports.push(kind) },
    )
    assert.equal(
      shared.toString(),
      'Event: Hold\r\nTimestamp: 1800000000.1\r\n\r\nUnreadable: left out\r\n\r\n' +
        'Event: Unhold\r\nUniqueid: 1800000000.1\r\n\r\n',
    )
    const again: string[] = []
    await anonymizedDump(shared, { onReport: ({ kind }) => again.push(kind) })
    assert.deepEqual(reports, ['not a message', 'unfinished'])
    assert.deepEqual(again, ['not a message'])
  })

  it('keeps the names of no event but those of Asterisk and our own', () => {
    for (const event of sharedEvents) assert.match(event, /^[A-Z][A-Za-z]+$/)
  })

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
      assert.match(piped.stdout, /\|queue1\|PJSIP\/3\d\d\d\|CALLERONHOLD\|/)
      assert.deepEqual([piped.stderr, ...piped.codes], ['', 0, 0])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
