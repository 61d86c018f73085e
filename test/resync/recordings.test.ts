import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { AmiParser } from '../../lib/ami/parser.ts'
import { Calls } from '../../lib/calls/calls.ts'
import type { Channel } from '../../lib/calls/channels.ts'
import { Deadlines } from '../../lib/calls/deadlines.ts'
import { neighbours } from '../../lib/calls/hearing.ts'
import { EventFacts } from '../../lib/calls/resync/event-facts.ts'
import { RESYNC_BEGIN_MESSAGE, resyncEndMessage, tickMessage } from '../../lib/connection/stamping.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { linesInOneProcess } from '../support/chains.ts'
import { FakePbx } from '../support/fake-pbx.ts'
import { allFixtures } from '../support/fixtures.ts'
import { sampleOf } from '../support/sample.ts'

/** Into how many parts each recording is cut. */
const CUTS = 12

/** Behind which parts of the `n`th recording the connection is lost. */
function cutsOf(n: number, last: number): readonly number[] {
  const all = Array.from({ length: last }, (_, part) => part + 1)
  return sampleOf(all, 4, n)
}

const ALL_LISTS = ['CoreStatus', 'CoreShowChannels', 'BridgeList', 'Status', 'ParkedCalls', 'QueueStatus']

/** A recording whose connection is lost behind some of its messages; the server that is found then has no calls. */
function lostBehind(messages: readonly string[], count: number): Buffer {
  const head = messages.slice(0, count)
  const stamps = head.flatMap((message) => /^Timestamp: (\d+\.\d+)/m.exec(message)?.[1] ?? [])
  const lostAt = Math.max(0, ...stamps.map(Number)) * 1000
  return Buffer.concat([
    RESYNC_BEGIN_MESSAGE,
    Buffer.from(head.map((message) => `${message}\r\n\r\n`).join(''), 'latin1'),
    RESYNC_BEGIN_MESSAGE,
    resyncEndMessage(lostAt + 60_000, ALL_LISTS),
    tickMessage(lostAt + 62_000),
  ])
}

/** How often each of the members of queues that we wrote is logged in, less how often it is logged out. */
function loggedIn(lines: readonly string[]): Map<string, number> {
  const members = new Map<string, number>()
  for (const line of lines) {
    const [, queue, agent, verb] =
      /^\d+\|MANAGER\|((?:pk|_?q)-[^|]*)\|([^|]*)\|(ADDMEMBER|REMOVEMEMBER)/.exec(line) ?? []
    const key = `${queue} ${agent}`
    if (verb !== undefined) members.set(key, (members.get(key) ?? 0) + (verb === 'ADDMEMBER' ? 1 : -1))
  }
  return members
}

/** The members that are logged in by name still, of those that we have logged in so. */
function namesLoggedIn(lines: readonly string[]): string[] {
  const names = new Set<string>()
  for (const line of lines) {
    const [, queue, agent, verb] = /^\d+\|MANAGER\|([^|]*)\|([^|]*)\|(HOTDESKING|REMOVEMEMBER)/.exec(line) ?? []
    if (verb === 'HOTDESKING') names.add(`${queue} ${agent}`)
    else names.delete(`${queue} ${agent}`)
  }
  return [...names]
}

/** What the server lists behind some messages of a recording, by what they tell; which applications run, they do not. */
function listsOf(head: readonly string[]): Buffer {
  const calls = new Calls([], new Deadlines())
  calls.followAll()
  const facts = new EventFacts(calls.channels)
  const read = new AmiParser(
    {},
    (message) => {
      calls.apply(message, 0)
      facts.follow(message)
    },
    () => {},
  )
  for (const message of head) read.feed(Buffer.from(`${message}\r\n\r\n`, 'latin1'))
  const pbx = new FakePbx()
  const [, date, time] = /CoreStartupDate: (.*)\r\nCoreStartupTime: (.*)/.exec(head.join('\r\n')) ?? []
  // A server that says another time than it said in the recording was restarted meanwhile.
  if (date !== undefined && time !== undefined) [pbx.startDate, pbx.startTime] = [date, time]
  for (const channel of calls.channels) {
    const { name, uniqueid, bridge } = channel
    const onHold = bridge?.joins === true && (facts.hearing.has(channel) || isHeld(channel, facts))
    pbx.channels.push({
      name,
      uniqueid,
      onHold,
      isRinging: !channel.isUp,
      ...(bridge && { bridge: bridge.uniqueid }),
    })
    if (bridge?.joins === false) pbx.lots.push(bridge.uniqueid)
  }
  for (const { channel, lot, space } of calls.parkings) {
    pbx.parked.push({ name: channel.name, uniqueid: channel.uniqueid, lot, space })
  }
  for (const { queue, name, interface: location, stateInterface } of calls.members) {
    pbx.members.push({ queue, name, location, stateInterface })
  }
  const actions = ALL_LISTS.map(
    (name, n) => new Map([...LIST_HEADERS, ['action', name], ['actionid', `ami-track-${n}`]]),
  )
  return Buffer.concat(actions.map((action) => pbx.answer(action) ?? Buffer.alloc(0)))
}

const LIST_HEADERS = [['variables', 'CHANNEL(onhold)']] as const

/** Of some holds the events tell but by the one who holds. */
function isHeld(channel: Channel, { holding }: EventFacts): boolean {
  return neighbours(channel).some((other) => holding.has(other))
}

describe('a connection that is lost anywhere in a recording for less than the time between two messages', () => {
  for (const [n, { name, amiFile }] of allFixtures().entries()) {
    it(`${name}: the lines are those of a connection that held`, async () => {
      const messages = readFileSync(amiFile, 'latin1').split('\r\n\r\n').slice(0, -1)
      const bytesOf = (some: readonly string[]): Buffer =>
        Buffer.from(some.map((message) => `${message}\r\n\r\n`).join(''), 'latin1')
      const expected = await linesInOneProcess([bytesOf(messages)], trackers)
      for (const cut of cutsOf(n, CUTS - 1)) {
        const count = Math.floor((messages.length * cut) / CUTS)
        const head = messages.slice(0, count)
        const stamps = head.flatMap((message) => /^Timestamp: (\d+\.\d+)/m.exec(message)?.[1] ?? [])
        if (stamps.length === 0) continue
        const session = [
          RESYNC_BEGIN_MESSAGE,
          listsOf(head),
          resyncEndMessage(Math.max(...stamps.map(Number)) * 1000, ALL_LISTS),
        ]
        const stream = [RESYNC_BEGIN_MESSAGE, bytesOf(head), ...session, bytesOf(messages.slice(count))]
        assert.equal(await linesInOneProcess(stream, trackers), expected, `lost behind ${count} of ${messages.length}`)
      }
    })
  }
})

describe('a connection that is lost anywhere in a recording, to a server that has no calls any more', () => {
  for (const [n, { name, amiFile }] of allFixtures().entries()) {
    it(`${name}: every call that was open is closed once, nobody stays logged in, and no tracker remembers anything`, async () => {
      const messages = readFileSync(amiFile, 'latin1').split('\r\n\r\n').slice(0, -1)
      for (const cut of cutsOf(n, CUTS)) {
        const count = Math.floor((messages.length * cut) / CUTS)
        const lines = (await linesInOneProcess([lostBehind(messages, count)], trackers)).split('\n').slice(0, -1)
        const place = `lost behind ${count} of ${messages.length} messages:\n${lines.join('\n')}`
        for (const open of loggedIn(lines).values()) assert.equal(open, 0, place)
        assert.deepEqual(namesLoggedIn(lines), [], place)
        const connected = lines.filter((line) => /^\d+\|:.*\|CONNECT\|/.test(line)).length
        const ended = lines.filter((line) => /^\d+\|:.*\|(COMPLETE|BLINDTRANSFER|ATTENDEDTRANSFER)/.test(line)).length
        assert.equal(ended, connected, place)
      }
    })
  }
})
