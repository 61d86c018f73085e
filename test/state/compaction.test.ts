import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { dump, readTemplate } from '../../bench/generate.ts'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { formatQueueLogLine } from '../../lib/queue-log/record.ts'
import { withoutClosedCalls } from '../../lib/state/compaction.ts'
import { neededEvents, trackers } from '../../lib/trackers/table.ts'
import type { Tracker } from '../../lib/trackers/tracker.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures } from '../support/fixtures.ts'

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

/** Asserts that what is left after a compaction says the same of all that follows. */
function assertSame(messages: readonly AmiMessage[], cut: number, label: string): void {
  const before = run()
  before.lines(messages.slice(0, cut))
  const after = run()
  after.lines(withoutClosedCalls(messages.slice(0, cut)))
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
    for (const { name, amiFile } of allFixtures().filter((_, index) => index % 3 === 0)) {
      const messages = messagesOf(readFileSync(amiFile))
      for (let cut = 1; cut < messages.length; cut += 7) assertSame(messages, cut, `${name} at ${cut}`)
    }
  })

  it('changes no later line of many calls at once, and drops those that are over', () => {
    const templates = allFixtures().map(({ name, amiFile }) => readTemplate(name, amiFile))
    const many = Buffer.from([...dump({ templates, bytes: 3e6, lanes: 10, seed: 7 })].join(''), 'latin1')
    const messages = messagesOf(many)
    for (const part of [0.3, 0.6, 0.9]) {
      const cut = Math.floor(messages.length * part)
      assertSame(messages, cut, `at ${cut} of ${messages.length}`)
      assert.ok(withoutClosedCalls(messages.slice(0, cut)).length < cut / 2)
    }
  })

  it('leaves nothing where all calls are over for a while', () => {
    const { amiFile } = allFixtures()[0] as { amiFile: string }
    const messages = messagesOf(readFileSync(amiFile)).filter(({ event }) => event !== '')
    const later = messages.map((message) => message)
    const [tick] = messagesOf(Buffer.from('Event: Tick\r\nTimestamp: 1999999999.0\r\n\r\n'))
    assert.deepEqual(withoutClosedCalls([...later, tick as AmiMessage]), [tick])
  })
})
