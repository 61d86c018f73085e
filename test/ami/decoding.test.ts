import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { decoded } from '../../lib/ami/indexed-message.ts'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { LineReader } from '../../lib/records/ndjson.ts'
import type { Batch } from '../../lib/records/record.ts'
import { neededEvents, trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures } from '../support/fixtures.ts'

const fixture = allFixtures().find(({ name }) => name === 'asterisk-22/park_retrieve')
const stream = readFileSync(fixture?.amiFile ?? '')

/** The events of the recording that are read, and the parser that read them. */
function read(wants: (event: string) => boolean): { messages: AmiMessage[]; parser: AmiParser } {
  const messages: AmiMessage[] = []
  const parser = new AmiParser(
    { wants },
    (message) => {
      if (message.event !== '') messages.push(message)
    },
    () => {},
  )
  parser.feed(stream)
  parser.end()
  return { messages, parser }
}

/** How many values are decoded while `work` is done. */
function valuesDecodedBy(work: () => void): number {
  const before = decoded.values
  work()
  return decoded.values - before
}

// A guard of the speed that times nothing: what must not be decoded is not.
describe('what is decoded of a recording', () => {
  it('is no event that nobody wants, and no header of one that is only passed on', () => {
    const values = valuesDecodedBy(() => {
      const { messages, parser } = read((event) => neededEvents.has(event))
      const all = stream.toString('latin1').match(/^Event: .*(?=\r)/gm) ?? []
      const needed = all.filter((line) => neededEvents.has(line.slice('Event: '.length)))
      assert.equal(messages.length, needed.length)
      assert.ok(parser.counts.decoded < parser.counts.messages / 2, JSON.stringify(parser.counts))
      for (const message of messages) message.toLine()
    })
    assert.equal(values, 1) // the parser looks for a Timestamp until it has seen one
  })

  it('is a header once, however many ask for it', () => {
    const { messages } = read((event) => event === 'Hangup')
    const ask = (): void => {
      for (const message of messages) for (const name of ['Uniqueid', 'Nobody-has-it']) message.get(name)
    }
    assert.ok(messages.length > 0)
    assert.equal(valuesDecodedBy(ask), messages.length)
    ask() // a name that was asked for anew made the first message be looked through again
    assert.equal(valuesDecodedBy(ask), 0)
  })

  it('is less than a fifth of the headers, by all trackers together', () => {
    const { messages } = read((event) => neededEvents.has(event))
    const headers = messages.reduce((sum, message) => sum + message.headers().size, 0)
    const values = valuesDecodedBy(() => new Tracking(trackers).pass(messages))
    assert.ok(values > 0 && values < headers / 5, `${values} of ${headers}`)
  })

  it('is no text of a line that a stage only passes on: its time is read by its bytes', () => {
    const reader = new LineReader(() => false)
    const tracking = new Tracking(trackers.slice(3))
    const { messages } = read((event) => !tracking.events.has(event))
    const records: Batch = messages.map((message) => reader.read(message.toLine()))
    const values = valuesDecodedBy(() => {
      const passed = tracking.pass(records)
      for (const record of passed) if (record.kind === 'ami' && record.event === 'Hold') assert.ok(record.timestamp)
    })
    assert.equal(values, 0)
  })

  it('is found whichever spellings of a name are asked for, one after the other', () => {
    const { messages } = read((event) => event === 'Hangup')
    for (const name of ['UNIQUEID', 'Uniqueid', 'uniqueid', 'UNIQUEID', 'Uniqueid']) {
      for (const message of messages) assert.equal(message.get(name), message.headers().get('Uniqueid'), name)
    }
  })
})
