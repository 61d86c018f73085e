import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { dump, readTemplate } from '../../bench/generate.ts'
import { type AmiMessage, HeaderMessage } from '../../lib/ami/message.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { QueueMembers } from '../../lib/calls/queue-members.ts'
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

function amiMessage(headers: Readonly<Record<string, string>>): AmiMessage {
  return new HeaderMessage(new Map(Object.entries(headers)), headers.Event ?? '')
}

interface Run {
  running: readonly Tracker[]
  /** The lines that further messages give. */
  lines: (messages: readonly AmiMessage[]) => string[]
}

function run(agentname: 'interface' | 'member'): Run {
  const tracking = new Tracking(trackers, { agentname })
  const lines = (messages: readonly AmiMessage[]): string[] =>
    tracking.pass([...messages]).flatMap((record) => (record.kind === 'queue_log' ? [formatQueueLogLine(record)] : []))
  return { running: tracking.trackers, lines }
}

/** What is left of events by a compaction. */
function kept(messages: readonly AmiMessage[]): AmiMessage[] {
  const events = new OpenCallEvents()
  for (const message of messages) events.read(message)
  const { kept } = events.selection()
  return messages.flatMap((message, n) => {
    const what = kept(n)
    return what === 'as it is' ? message : (what ?? [])
  })
}

/** Asserts that what is left after a compaction says the same of all that follows. */
function assertSame(
  messages: readonly AmiMessage[],
  cut: number,
  label: string,
  agentname: 'interface' | 'member' = 'interface',
): void {
  const before = run(agentname)
  before.lines(messages.slice(0, cut))
  const after = run(agentname)
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

  it('changes no name of an agent', () => {
    for (const { name, amiFile } of allFixtures()) {
      const messages = messagesOf(readFileSync(amiFile))
      if (!messages.some(({ event }) => event === 'QueueMemberAdded' || event === 'AgentConnect')) continue
      for (let cut = 1; cut < messages.length; cut += 7) assertSame(messages, cut, `${name} at ${cut}`, 'member')
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
    const members = new QueueMembers(() => {})
    for (const message of all) members.apply(message, 0)
    const ofMembers = left.filter(({ event }) => event.startsWith('QueueMember'))
    assert.ok(ofMembers.length < 20, `${ofMembers.length} events of ${members.size} members`)
    assert.ok(left.length - ofMembers.length < 15, `${left.length} events`)
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

  const at = (time: number, event: string, headers: Record<string, string> = {}): string => {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    return `Event: ${event}\r\nTimestamp: ${1_800_000_000 + time}.0\r\n${lines.join('')}\r\n`
  }
  const keptOf = (...events: string[]): string[] =>
    kept(messagesOf(Buffer.from(events.join('')))).map((message) => {
      return `${message.event} ${message.get('Uniqueid') ?? message.get('ParkeeUniqueid') ?? ''}`.trim()
    })
  const channel = { Channel: 'PJSIP/1-1', Uniqueid: '1.1' }

  it('keeps what was said of a call that is over for 2 s: some events come late', () => {
    const over = [at(0, 'Newchannel', channel), at(10, 'Hangup', channel)]
    assert.deepEqual(keptOf(...over, at(11, 'Tick')), ['Newchannel 1.1', 'Hangup 1.1', 'Tick'])
    assert.deepEqual(keptOf(...over, at(13, 'Tick')), ['Tick'])
  })

  it('keeps a channel of a Uniqueid that had hung up before: a dump twice, or Asterisk anew', () => {
    const twice = [
      at(0, 'Newchannel', channel),
      at(1, 'Hangup', channel),
      at(20, 'Newchannel', channel),
      at(60, 'Tick'),
    ]
    assert.deepEqual(keptOf(...twice), ['Newchannel 1.1', 'Hangup 1.1', 'Newchannel 1.1', 'Tick'])
    // An event of another thread that names it later does not bring it back.
    const late = [
      at(0, 'Newchannel', channel),
      at(1, 'Hangup', channel),
      at(20, 'BridgeLeave', channel),
      at(60, 'Tick'),
    ]
    assert.deepEqual(keptOf(...late), ['Tick'])
  })

  it('keeps together the calls that one event names: all of them, until all of their channels have hung up', () => {
    const [one, two, three] = ['1.1', '1.2', '1.3'].map((Uniqueid) => ({ Uniqueid }))
    const events = [
      at(0, 'Newchannel', one),
      at(0, 'Newchannel', two),
      at(0, 'Newchannel', three),
      at(1, 'DialBegin', { ...one, DestUniqueid: '1.2' }),
      at(1, 'DialBegin', { ...two, DestUniqueid: '1.3' }),
      at(2, 'Hangup', one),
      at(2, 'Hangup', two),
    ]
    assert.equal(keptOf(...events, at(60, 'Tick')).length, 8)
    assert.deepEqual(keptOf(...events, at(3, 'Hangup', three), at(60, 'Tick')), ['Tick'])
  })

  it('ties nobody together by a bridge, nor by an unknown Uniqueid', () => {
    for (const shared of [{ BridgeUniqueid: 'b-1' }, { DestUniqueid: '<unknown>' }, { DestUniqueid: '' }]) {
      const [over, open] = ['1.1', '1.2'].map((Uniqueid) => ({ Uniqueid, ...shared }))
      const events = [at(0, 'BridgeEnter', over), at(0, 'BridgeEnter', open), at(1, 'Hangup', over), at(60, 'Tick')]
      assert.deepEqual(keptOf(...events), ['BridgeEnter 1.2', 'Tick'])
    }
  })

  it('ties Local halves together by any header that names one, and other channels by none', () => {
    const named = (half: string): Record<string, string> => ({
      DestChannel: `Local/1@x-0001;${half}`,
      Uniqueid: `1.${half}`,
    })
    const local = [at(0, 'DialBegin', named('1')), at(0, 'DialBegin', named('2')), at(1, 'Hangup', { Uniqueid: '1.1' })]
    assert.equal(keptOf(...local, at(60, 'Tick')).length, 4)
    const phones = ['1', '2'].map((n) => at(0, 'Newchannel', { Channel: 'PJSIP/1;1', Uniqueid: `1.${n}` }))
    assert.deepEqual(keptOf(...phones, at(1, 'Hangup', { Uniqueid: '1.1' }), at(60, 'Tick')), [
      'Newchannel 1.2',
      'Tick',
    ])
  })

  it('leaves nothing of an AgentComplete without channels: its call is over, or nobody can tell which it was', () => {
    const complete = at(1, 'AgentComplete', { Queue: 'q' })
    const known = at(0, 'AgentComplete', { Queue: 'q', Uniqueid: '1.1' })
    assert.deepEqual(keptOf(known, at(0, 'Hangup', { Uniqueid: '1.1' }), complete, at(60, 'Tick')), ['Tick'])
    assert.deepEqual(keptOf(known, at(0, 'Hangup', { Uniqueid: '1.1' }), at(59, 'AgentComplete'), at(60, 'Tick')), [
      'AgentComplete',
      'Tick',
    ])
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

describe('what a compaction keeps of the members of queues', () => {
  const added = (own: string, name: string): AmiMessage =>
    amiMessage({ Event: 'QueueMemberAdded', Queue: 'support', MemberName: name, Interface: own })
  const removed = (own: string): AmiMessage =>
    amiMessage({ Event: 'QueueMemberRemoved', Queue: 'support', MemberName: 'x', Interface: own })
  const listed = (own: string, name: string): AmiMessage =>
    amiMessage({ Event: 'QueueMember', Queue: 'support', Name: name, Location: own })
  const lists = (...members: AmiMessage[]): AmiMessage[] => [
    amiMessage({ Event: 'ResyncBegin' }),
    ...members,
    amiMessage({ Event: 'ResyncEnd', Lists: 'CoreShowChannels,QueueStatus' }),
  ]
  /** So much later that nothing of before is kept for being recent. */
  const later = amiMessage({ Event: 'Tick', Timestamp: '1800000900.000000' })
  const namesAfter = (messages: readonly AmiMessage[]): string[] => {
    const members = new QueueMembers(() => {})
    for (const message of messages) members.apply(message, 0)
    return [...members].map(({ interface: own, name }) => `${own} ${name}`).sort()
  }

  it('is what was told last of each that there is, however often it was told', () => {
    const messages = [
      ...Array.from({ length: 100 }, () => added('PJSIP/1', 'Jane')),
      added('PJSIP/2', 'Bob'),
      removed('PJSIP/2'),
      added('PJSIP/3', 'Joe'),
      added('PJSIP/3', 'Joseph'),
      later,
    ]
    const left = kept(messages)
    assert.deepEqual(namesAfter(left), ['PJSIP/1 Jane', 'PJSIP/3 Joseph'])
    assert.ok(left.length < 10, String(left.length))
  })

  it('is nothing of those whom a list of all does not name', () => {
    const messages = [added('PJSIP/1', 'Jane'), added('PJSIP/2', 'Bob'), ...lists(listed('PJSIP/1', 'Jane')), later]
    assert.deepEqual(namesAfter(kept(messages)), ['PJSIP/1 Jane'])
    const again = [...messages, ...lists(listed('PJSIP/1', 'Jane'), listed('PJSIP/4', 'Eve')), later]
    assert.deepEqual(namesAfter(kept(again)), ['PJSIP/1 Jane', 'PJSIP/4 Eve'])
  })

  it('is whether a member logged in: that one is logged out if it is gone after a restart', () => {
    const join = { Event: 'QueueMemberAdded', Queue: 'support', MemberName: 'Jane', Interface: 'PJSIP/1' }
    const members = new QueueMembers(() => {})
    for (const message of kept([amiMessage({ ...join, Membership: 'dynamic' }), added('PJSIP/2', 'Bob'), later])) {
      members.apply(message, 0)
    }
    assert.deepEqual(
      [...members].map(({ name, isDynamic }) => [name, isDynamic]),
      [
        ['Jane', true],
        ['Bob', false],
      ],
    )
  })

  it('is the name that only a call of the queue has told, when that call is over', () => {
    const caller = { Channel: 'PJSIP/trunk-1', Uniqueid: '1800000000.1' }
    const connect = { Event: 'AgentConnect', ...caller, Queue: 'support', Interface: 'Local/1002@from-queue/n' }
    const messages = [
      amiMessage({ Event: 'Newchannel', ...caller, Timestamp: '1800000000.000000' }),
      amiMessage({
        ...connect,
        MemberName: 'Jane Doe',
        DestChannel: 'Local/1002@from-queue-1;1',
        DestUniqueid: '1800000000.2',
      }),
      amiMessage({ Event: 'Hangup', Channel: 'Local/1002@from-queue-1;1', Uniqueid: '1800000000.2' }),
      amiMessage({ Event: 'Hangup', ...caller }),
      later,
    ]
    const left = kept(messages)
    assert.deepEqual(namesAfter(left), ['Local/1002@from-queue/n Jane Doe'])
    assert.deepEqual(
      left.map(({ event }) => event),
      ['QueueMember', 'Tick'],
    )
  })
})
