import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { dump, readTemplate } from '../../bench/generate.ts'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { formatQueueLogLine } from '../../lib/queue-log/record.ts'
import { OpenCallEvents } from '../../lib/state/compaction.ts'
import { neededEvents, trackers } from '../../lib/trackers/table.ts'
import type { Tracker } from '../../lib/trackers/tracker.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures, fixturesSideBySide } from '../support/fixtures.ts'
import { busyPbx, HOST } from './busy-pbx.ts'

function messagesOf(recording: Buffer): AmiMessage[] {
  const messages: AmiMessage[] = []
  const parser = new AmiParser(
    { wants: (event) => neededEvents.has(event) },
    (message) => messages.push(message),
    () => {},
  )
  parser.feed(recording)
  parser.end()
  return messages
}

interface Run {
  running: readonly Tracker[]
  /** The lines that further messages give. */
  lines: (messages: readonly AmiMessage[]) => string[]
}

function run(): Run {
  const tracking = new Tracking(trackers)
  const lines = (messages: readonly AmiMessage[]): string[] =>
    tracking.pass([...messages]).flatMap((record) => (record.kind === 'queue_log' ? [formatQueueLogLine(record)] : []))
  return { running: tracking.trackers, lines }
}

/** What is left of events by a compaction. */
function kept(messages: readonly AmiMessage[]): AmiMessage[] {
  const events = new OpenCallEvents()
  for (const message of messages) events.read(message)
  const { keeps } = events.selection()
  return messages.filter((_, n) => keeps(n))
}

/** Asserts that what is left after a compaction says the same of all that follows. */
function assertSame(messages: readonly AmiMessage[], cut: number, label: string): void {
  const before = run()
  before.lines(messages.slice(0, cut))
  const after = run()
  after.lines(kept(messages.slice(0, cut)))
  const open = (tracker: Tracker): string[] =>
    tracker
      .openCalls()
      .map((call) => JSON.stringify(call))
      .sort()
  assert.deepEqual(after.running.map(open), before.running.map(open), label)
  const rest = messages.slice(cut)
  assert.deepEqual(after.lines(rest), before.lines(rest), label)
}

describe('a compaction', () => {
  it('changes no later line, wherever in a recording it takes place', () => {
    for (const { name, amiFile } of allFixtures()) {
      const messages = messagesOf(readFileSync(amiFile))
      for (let cut = 1; cut < messages.length; cut += 7) assertSame(messages, cut, `${name} at ${cut}`)
    }
  })

  it('changes no later line of many calls at once, and drops those that are over', () => {
    const templates = fixturesSideBySide().map(({ name, amiFile }) => readTemplate(name, amiFile))
    const many = Buffer.from([...dump({ templates, bytes: 3e6, lanes: 10, seed: 7 })].join(''), 'latin1')
    const messages = messagesOf(many)
    for (const part of [0.3, 0.45, 0.6, 0.75, 0.9]) {
      const cut = Math.floor(messages.length * part)
      assertSame(messages, cut, `at ${cut} of ${messages.length}`)
      assert.ok(kept(messages.slice(0, cut)).length < cut / 2)
    }
  })

  it('leaves nothing of calls that are over where a parking lot and a conference are never empty', () => {
    const tracking = new Tracking(trackers)
    let all: AmiMessage[] = []
    for (const batch of busyPbx({ callsPerSecond: 4, seconds: 60, seed: 3 })) {
      tracking.pass(batch)
      all = [...all, ...(batch as AmiMessage[])]
    }
    const left = kept(all)
    const channels = new Set(
      left.flatMap((message) => message.get('Uniqueid') ?? []).filter((uniqueid) => uniqueid !== '<unknown>'),
    )
    assert.deepEqual([...channels], [HOST], 'only the host of the conference is left')
    assert.ok(left.length < 15, `${left.length} events`)
  })

  it('keeps the halves of a Local channel together where only their names tell that they are one', () => {
    const ofCall = messagesOf(
      Buffer.from(
        [
          'Event: Newchannel\r\nTimestamp: 1800000000.0\r\nChannel: Local/1@x-0001;1\r\nUniqueid: 1.1\r\n\r\n',
          'Event: Newchannel\r\nTimestamp: 1800000000.0\r\nChannel: Local/1@x-0001;2\r\nUniqueid: 1.2\r\n\r\n',
          'Event: Hangup\r\nTimestamp: 1800000001.0\r\nChannel: Local/1@x-0001;2\r\nUniqueid: 1.2\r\n\r\n',
          'Event: Tick\r\nTimestamp: 1800000060.0\r\n\r\n',
        ].join(''),
      ),
    )
    assert.equal(kept(ofCall).length, 4)
  })

  it('leaves of events that name no channel the last of each kind', () => {
    const added = (time: string, name: string): string =>
      `Event: QueueMemberAdded\r\nTimestamp: ${time}\r\nQueue: q\r\nMemberName: ${name}\r\nInterface: PJSIP/1\r\n\r\n`
    const begin = 'Event: ResyncBegin\r\nPrivilege: \r\n\r\n'
    const tick = 'Event: Tick\r\nTimestamp: 1800000060.0\r\n\r\n'
    const messages = messagesOf(
      Buffer.from(`${added('1800000000.0', 'Jane')}${begin}${added('1800000001.0', 'Bob')}${tick}`),
    )
    assert.deepEqual(
      kept(messages).map((message) => message.get('MemberName') ?? message.event),
      ['ResyncBegin', 'Bob', 'Tick'],
    )
  })

  it('drops the calls of before where Asterisk goes down', () => {
    const messages = messagesOf(
      Buffer.from(
        'Event: Newchannel\r\nTimestamp: 1800000000.0\r\nChannel: PJSIP/1-1\r\nUniqueid: 1.1\r\n\r\n' +
          'Event: Shutdown\r\nTimestamp: 1800000001.0\r\n\r\nEvent: Tick\r\nTimestamp: 1800000060.0\r\n\r\n',
      ),
    )
    assert.deepEqual(
      kept(messages).map(({ event }) => event),
      ['Shutdown', 'Tick'],
    )
  })
})
