import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Answer, Configuration, LineFacts, Purpose, QueueMember, ServerFacts } from '../../lib/doctor/facts.ts'
import type { Finding } from '../../lib/doctor/finding.ts'
import { findingsOf } from '../../lib/doctor/findings.ts'
import { classOf, neededActions } from '../../lib/doctor/privilege-findings.ts'
import { jsonOf, textOf } from '../../lib/doctor/view.ts'
import type { Beat } from '../../lib/election/beat.ts'
import { FileTail } from '../../lib/queue-log/file-tail.ts'
import { readTablePlace, type TablePlace } from '../../lib/queue-log/table-place.ts'
import { TableTail } from '../../lib/queue-log/table-tail.ts'
import { sinkFor } from '../../lib/sinks/table.ts'
import { neededEvents, trackers } from '../../lib/trackers/table.ts'
import { allFixtures } from '../support/fixtures.ts'

const allTrackers = trackers

const purpose: Purpose = {
  host: 'pbx',
  port: 5038,
  login: 'tracker',
  isSameMachine: true,
  trackers: allTrackers,
  options: { agentname: 'member', hotdesking: true },
  sink: sinkFor(undefined),
  tail: undefined,
  standby: true,
}

const configuration: Configuration = {
  read: 'system,call,agent,user',
  writetimeout: '10000',
  eventfilter: '',
  timestampevents: 'yes',
  disabledevents: '',
  queueLog: '',
  queueLogName: '',
  queueLogToFile: '',
  logFolder: '',
  realtime: '',
  logMembernameAsAgent: '',
}

const line: LineFacts = {
  isTaken: true,
  place: '/var/log/asterisk/queue_log',
  isInTail: true,
  isInTable: undefined,
}

/** A PBX that is set up as documented. */
const facts: ServerFacts = {
  banner: 'Asterisk Call Manager/11.0.0',
  version: '22.10.1',
  answers: new Map(neededActions(purpose).map(({ name }) => [name, 'permitted'])),
  readClasses: undefined,
  isFullyBootedSeen: true,
  userEvent: { isSeen: true, isStamped: true },
  configuration,
  clock: { aheadMs: 3, uncertaintyMs: 1 },
  trackers: [],
  otherSessions: 0,
  members: [],
  comingIn: [],
  namesLogged: undefined,
  lots: ['default'],
  line,
  unwritable: undefined,
  lost: undefined,
}

interface Scene {
  purpose?: Partial<Purpose>
  facts?: Partial<ServerFacts>
  configuration?: Partial<Configuration>
  line?: Partial<LineFacts>
}

function findingsIn(scene: Scene): Finding[] {
  const said = { ...configuration, ...scene.configuration }
  const all = { ...facts, configuration: said, line: { ...line, ...scene.line }, ...scene.facts }
  return findingsOf({ ...purpose, ...scene.purpose }, all)
}

/** What is not ok, but for the names of the parking lots. */
function complaints(scene: Scene): string[] {
  return findingsIn(scene)
    .filter(({ check, state }) => state !== 'ok' && check !== 'parking lots')
    .map(({ check, state }) => `${state} ${check}`)
}

function findingOf(check: string, scene: Scene): Finding {
  const found = findingsIn(scene).find((finding) => finding.check === check)
  assert.ok(found, check)
  return found
}

const beat = (role: Beat['role'], tracker: string): Beat => ({
  tracker,
  role,
  number: 1,
  place: `${tracker}, process 7`,
})
const member = (location: string, stateInterface: string, name = 'Ann'): QueueMember => ({
  queue: 'support',
  name,
  location,
  stateInterface,
})

describe('the findings', () => {
  it('have nothing to complain of on a PBX that is set up as documented', () => {
    assert.deepEqual(complaints({}), [])
  })

  it('are each a sentence, with a remedy wherever something is wrong', () => {
    const scenes: Scene[] = [
      {},
      { facts: { configuration: undefined, userEvent: undefined, clock: undefined, version: undefined } },
      { facts: { answers: new Map(neededActions(purpose).map(({ name }) => [name, 'denied'])), members: undefined } },
      { facts: { answers: new Map(neededActions(purpose).map(({ name }) => [name, 'unknown'])), lots: undefined } },
      { configuration: { read: '' }, facts: { userEvent: undefined, isFullyBootedSeen: false } },
    ]
    for (const found of scenes.flatMap(findingsIn)) {
      assert.ok(
        found.finding.length > 0 && !/undefined|NaN|\[object/.test(JSON.stringify(found)),
        JSON.stringify(found),
      )
      assert.ok(found.state !== 'wrong' || (found.remedy ?? '') !== '', JSON.stringify(found))
    }
  })

  it('hold nothing that moves the cursor of a terminal or ends its line, whatever the PBX says', () => {
    const hostile = 'a\u001b[2J\u0007\r\nok      login: \u202ex\u009b'
    const scene: Scene = {
      facts: {
        version: hostile,
        lots: [hostile],
        members: [member(`Local/${hostile}`, '')],
        trackers: [{ ...beat('active', 'x'), place: hostile }],
        lost: hostile,
      },
      line: { isTaken: false, refusal: hostile, isInTail: undefined, isInTable: undefined },
      configuration: { realtime: hostile },
    }
    for (const finding of findingsIn(scene)) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      const forgers = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/
      assert.doesNotMatch(textOf(finding, false), forgers)
      assert.doesNotMatch(jsonOf(finding), forgers)
      const lines = textOf(finding, false).trimEnd().split('\n')
      assert.equal(lines.length, finding.remedy === undefined ? 1 : 2)
      assert.equal(jsonOf(finding).split('\n').length, 2)
    }
  })

  it('are no longer than a screen, however long the names on a PBX are', () => {
    const lots = Array.from({ length: 20 }, () => 'n'.repeat(900_000))
    const { finding } = findingOf('parking lots', { facts: { lots } })
    assert.ok(finding.length <= 4000 && finding.endsWith('n…'), String(finding.length))
  })

  it('name the first twenty of many parking lots', () => {
    const lots = Array.from({ length: 500 }, (_, n) => `lot${n}`)
    assert.match(findingOf('parking lots', { facts: { lots } }).finding, /lot19 as pk-lot19 and 480 more$/)
  })
})

describe('the privileges', () => {
  it('of events are those that real Asterisk servers give them', () => {
    const seen = new Set<string>()
    for (const { amiFile } of allFixtures()) {
      const dump = readFileSync(amiFile, 'latin1')
      for (const [, event = '', privilege] of dump.matchAll(/^Event: (.*)\r\nPrivilege: (\w+),/gm)) {
        if (!neededEvents.has(event)) continue
        assert.equal(classOf(event), privilege, `${event} in ${amiFile}`)
        seen.add(event)
      }
    }
    const unseen = [...neededEvents].filter((event) => classOf(event) !== undefined && !seen.has(event))
    // No recording goes on to the end of its server.
    assert.deepEqual(unseen, ['Shutdown'])
    assert.equal(classOf('Shutdown'), 'system')
  })

  it('are asked for only where a tracker that is switched on reads such events', () => {
    const hotdesking = allTrackers.filter(({ option }) => option === 'hotdesking')
    const checks = findingsIn({ purpose: { trackers: hotdesking } }).map(({ check }) => check)
    assert.ok(checks.includes('read agent') && !checks.includes('read call'), checks.join())
  })

  it('for lines and signs of life are not needed where lines go to a file of our own', () => {
    const checks = findingsIn({ purpose: { sink: sinkFor('-') } }).map(({ check }) => check)
    for (const check of ['write agent', 'write user', 'read user', 'queue_log'])
      assert.ok(!checks.includes(check), check)
  })

  it('that manager.conf has and the running Asterisk has not call for a reload', () => {
    const { state, remedy = '' } = findingOf('read user', { facts: { userEvent: { isSeen: false, isStamped: false } } })
    assert.equal(state, 'wrong')
    assert.match(remedy, /^asterisk -rx 'manager reload'/)
  })

  it('of the running Asterisk count more than those of manager.conf', () => {
    assert.deepEqual(complaints({ facts: { readClasses: new Set(['system', 'call', 'user']) } }), ['wrong read agent'])
  })

  it('are all there with read = all', () => {
    assert.deepEqual(complaints({ configuration: { read: 'all' } }), [])
  })

  it('are read as Asterisk reads them, to which a blank is a part of the word', () => {
    const ofFile = (read: string): string[] => complaints({ configuration: { read } })
    assert.deepEqual(ofFile('system,user,call, agent'), ['wrong read agent'])
    assert.deepEqual(ofFile('system,user,call ,agent'), ['wrong read call'])
    assert.deepEqual(ofFile('system,user,call agent'), ['wrong read call', 'wrong read agent'])
    assert.match(
      findingOf('read agent', { configuration: { read: 'system,user,call, agent' } }).remedy ?? '',
      /^add agent to the line read = … of \[tracker\] in manager\.conf, without a blank before or after it/,
    )
  })

  it('of call and agent cannot be told where manager.conf cannot be asked for', () => {
    const notes = complaints({ facts: { configuration: undefined } })
    assert.ok(notes.includes('note read call') && notes.includes('note read agent'), notes.join())
    assert.ok(!notes.some((note) => note.startsWith('wrong')), notes.join())
  })

  it('that lack are told with what is lost by that', () => {
    const answers = new Map([...facts.answers, ['ParkedCalls', 'denied' as const]])
    const { finding, remedy } = findingOf('write call', { facts: { answers } })
    assert.match(
      finding,
      /call is missing in .*: Asterisk refuses ParkedCalls, and calls that are parked while the connection is lost/,
    )
    assert.match(
      remedy ?? '',
      /^add call to the line write = … of \[tracker\] in manager\.conf, without a blank before or after it/,
    )
  })

  it('are not to blame where a module is not loaded', () => {
    const answers = new Map([...facts.answers, ['ParkedCalls', 'unknown' as const]])
    assert.deepEqual(complaints({ facts: { answers } }), ['wrong modules'])
    assert.deepEqual(complaints({ facts: { answers }, purpose: { trackers: [] } }), ['note modules'])
  })

  it('are not said to be there of an action that Asterisk does not know', () => {
    const answers = new Map([...facts.answers, ['QueueLog', 'unknown' as const], ['ParkedCalls', 'unknown' as const]])
    const scene: Scene = { facts: { answers, lots: undefined }, line: { isTaken: undefined, isInTail: undefined } }
    assert.deepEqual(
      [findingOf('write agent', scene), findingOf('write call', scene)].map(({ state, finding }) => [state, finding]),
      [
        ['note', 'it is unknown whether it permits QueueLog: Asterisk does not know it'],
        ['ok', 'it permits Status'],
      ],
    )
    assert.equal(findingOf('parking lots', scene).finding, 'none: res_parking.so is not loaded')
  })

  it('that lack are told as the reason why parking lots are not named, and nothing else is', () => {
    const lotsOf = (answer: Answer): string => {
      const answers = new Map([...facts.answers, ['ParkedCalls', answer]])
      return findingOf('parking lots', { facts: { answers, lots: undefined } }).finding
    }
    assert.match(lotsOf('denied'), /call is missing in write = …$/)
    assert.equal(lotsOf('unanswered'), 'unknown: Asterisk did not answer')
  })
})

describe('the server', () => {
  it('may be newer than what is known, which is a note', () => {
    assert.deepEqual(complaints({ facts: { version: '24.0.0' } }), ['note asterisk'])
    assert.deepEqual(complaints({ facts: { version: 'certified/20.7-cert1' } }), [])
    assert.deepEqual(complaints({ facts: { version: 'GIT-master-1234' } }), [])
  })

  it('drops slow readers soon with less than the documented writetimeout, also where none is set', () => {
    assert.deepEqual(complaints({ configuration: { writetimeout: '9999' } }), ['wrong writetimeout'])
    assert.match(
      findingOf('writetimeout', { configuration: { writetimeout: '' } }).finding,
      /not set, which means 100 ms/,
    )
    for (const writetimeout of ['99', 'ten']) {
      const { finding } = findingOf('writetimeout', { configuration: { writetimeout } })
      assert.ok(finding.startsWith(`${writetimeout}, which means 100 ms`), finding)
    }
  })

  it('that does not stamp its events is wrong only over a network', () => {
    const userEvent = { isSeen: true, isStamped: false }
    assert.deepEqual(complaints({ facts: { userEvent } }), ['note timestampevents'])
    assert.deepEqual(complaints({ facts: { userEvent }, purpose: { isSameMachine: false } }), ['wrong timestampevents'])
  })

  it('that keeps an event from everybody is wrong if a tracker reads it', () => {
    assert.deepEqual(complaints({ configuration: { disabledevents: 'TestEvent' } }), [])
    const scene: Scene = { configuration: { disabledevents: 'TestEvent, Hold,Newexten' } }
    assert.match(findingOf('event filters', scene).finding, /blocks Hold for all users/)
    assert.deepEqual(complaints({ ...scene, purpose: { trackers: [] } }), [])
    // With a blank behind it, it is no event's name to Asterisk (16.28, 22.10).
    assert.deepEqual(complaints({ configuration: { disabledevents: 'Hold ,TestEvent' } }), [])
  })

  it('may hold events back in a way that nobody can ask it for, which is said', () => {
    const { state, finding } = findingOf('event filters', {})
    assert.equal(state, 'ok')
    assert.match(finding, /doctor cannot check lines such as eventfilter\(…\) = …$/)
  })

  it('that filters the events of the user is a note: what a filter lets pass cannot be told', () => {
    assert.deepEqual(complaints({ configuration: { eventfilter: '!Event: RTCP' } }), ['note event filters'])
  })

  it('may have a clock that differs by two seconds, and what the network took', () => {
    assert.deepEqual(complaints({ facts: { clock: { aheadMs: -2400, uncertaintyMs: 500 } } }), [])
    const behind: Scene = { facts: { clock: { aheadMs: -2600, uncertaintyMs: 500 } } }
    assert.deepEqual(complaints(behind), ['wrong clock'])
    assert.match(findingOf('clock', behind).finding, /2\.60 s behind the clock of this machine/)
  })
})

describe('queue_log', () => {
  const unseen = { isInTail: false }
  const unread = { isInTail: undefined, unreadable: { reason: 'ENOENT', remedy: undefined } }

  const namedFile = new FileTail('/q', { isStampedByAsterisk: true })

  it('that does not get the line is wrong', () => {
    assert.deepEqual(complaints({ line: unseen }), ['wrong queue_log'])
  })

  it('that logger.conf turns off is wrong, whether or not a line was tried', () => {
    for (const isTaken of [true, undefined]) {
      const scene: Scene = { configuration: { queueLog: 'no' }, line: { ...unread, isTaken } }
      assert.match(findingOf('queue_log', scene).remedy ?? '', /^set queue_log = yes/)
    }
  })

  it('that cannot be read is a note, unless the daemon is to look lines up in it', () => {
    assert.deepEqual(complaints({ line: unread }), ['note queue_log'])
    assert.deepEqual(complaints({ line: unread, purpose: { tail: namedFile } }), ['wrong queue_log'])
  })

  it('on another machine that was not named is a note', () => {
    assert.deepEqual(complaints({ line: { place: undefined, isInTail: undefined } }), ['note queue_log'])
  })

  it('of a database is looked for there', () => {
    const realtime = { realtime: 'odbc,asterisk,queue_log' }
    const scene = (isInTable: boolean): Scene => ({ configuration: realtime, line: { ...unread, isInTable } })
    assert.deepEqual(complaints(scene(true)), ['note realtime queue_log'])
    assert.deepEqual(complaints(scene(false)), ['wrong queue_log', 'note realtime queue_log'])
    assert.deepEqual(complaints({ ...scene(true), purpose: { tail: namedFile } }), ['wrong realtime queue_log'])
  })

  it('whose table is named has to get the line there', () => {
    const place = readTablePlace('mysql://ami@db/asterisk/queue_log') as TablePlace
    const tail = new TableTail({ place, password: undefined, ca: undefined })
    const realtime = { realtime: 'odbc,asterisk,queue_log' }
    const scene = (line: Partial<LineFacts>): Scene => {
      return { purpose: { tail }, configuration: realtime, line: { place: tail.name, ...line } }
    }
    assert.deepEqual(complaints(scene({ isInTail: true })), [])
    assert.match(
      findingOf('queue_log', scene({ isInTail: true })).finding,
      /is in mysql:\/\/ami@db\/asterisk\/queue_log$/,
    )
    assert.deepEqual(complaints(scene(unseen)), ['wrong queue_log', 'note realtime queue_log'])
    const otherTable = { ...unseen, isInTable: true }
    assert.match(findingOf('queue_log', scene(otherTable)).remedy ?? '', /its own table: give that table/)
    const denied = { isInTail: undefined, unreadable: { reason: 'no such user', remedy: 'make one' } }
    assert.match(findingOf('queue_log', scene(denied)).finding, /cannot read .* \(no such user\)/)
    assert.equal(findingOf('queue_log', scene(denied)).remedy, 'make one')
  })

  it('whose table is named is wrong where Asterisk writes into none', () => {
    const place = readTablePlace('mysql://ami@db/asterisk/queue_log') as TablePlace
    const tail = new TableTail({ place, password: undefined, ca: undefined })
    assert.deepEqual(complaints({ purpose: { tail }, line: { isInTail: true } }), ['wrong realtime queue_log'])
  })

  it('that is both a table and a file is looked for in the file', () => {
    const both = { realtime: 'odbc,asterisk,queue_log', queueLogToFile: 'yes' }
    assert.deepEqual(complaints({ configuration: both, line: { isInTable: true } }), ['note realtime queue_log'])
    assert.deepEqual(complaints({ configuration: both, line: { isInTable: false } }), ['wrong realtime queue_log'])
    const elsewhere: Partial<LineFacts> = { place: undefined, isInTail: undefined, isInTable: false }
    assert.deepEqual(complaints({ configuration: both, line: elsewhere }), [
      'note queue_log',
      'wrong realtime queue_log',
    ])
    assert.deepEqual(complaints({ configuration: both, line: { isInTail: false, isInTable: false } }), [
      'wrong queue_log',
      'note realtime queue_log',
    ])
  })

  it('that refuses the line is wrong, unless it is a privilege that lacks, which is told already', () => {
    const refused = { isTaken: false, refusal: 'no', isInTail: undefined }
    assert.deepEqual(complaints({ line: refused }), ['wrong queue_log'])
    const answers = new Map([...facts.answers, ['QueueLog', 'denied' as const]])
    assert.deepEqual(complaints({ facts: { answers }, line: { isTaken: undefined, isInTail: undefined } }), [
      'wrong write agent',
    ])
  })

  it('of our own that cannot be written is wrong', () => {
    assert.deepEqual(complaints({ purpose: { sink: sinkFor('/q') }, facts: { unwritable: 'EACCES' } }), [
      'wrong queuelog file',
    ])
  })
})

describe('other trackers', () => {
  it('that write are a note where ours stands by, and wrong where it does not', () => {
    const scene: Scene = { facts: { trackers: [beat('active', 'one'), beat('standby', 'two')] } }
    assert.deepEqual(complaints(scene), ['note other trackers'])
    assert.match(findingOf('other trackers', scene).finding, /on one, process 7 writes/)
    assert.deepEqual(complaints({ ...scene, purpose: { standby: false } }), ['wrong other trackers'])
    assert.deepEqual(complaints({ ...scene, purpose: { standby: false, sink: sinkFor('-') } }), ['note other trackers'])
  })

  it('that hand over while they are listened for do not write at once', () => {
    const scene: Scene = { facts: { trackers: [beat('leaving', 'one'), beat('active', 'two')] } }
    assert.deepEqual(complaints(scene), ['note other trackers'])
    assert.match(findingOf('other trackers', scene).finding, /on two, process 7 writes/)
  })

  it('that write at once are wrong', () => {
    const scene: Scene = { facts: { trackers: [beat('active', 'one'), beat('active', 'two')] } }
    assert.match(
      findingOf('other trackers', scene).finding,
      /on one, process 7 and two, process 7: every line appears twice/,
    )
  })

  it('of other makes may be among the sessions of the same user', () => {
    assert.deepEqual(complaints({ facts: { otherSessions: 1 } }), ['note sessions'])
    assert.deepEqual(complaints({ facts: { otherSessions: 1, trackers: [beat('active', 'one')] } }), [
      'note other trackers',
    ])
  })
})

describe('members of queues', () => {
  const complaintsOf = (...members: QueueMember[]): string[] => complaints({ facts: { members } })

  it('by a Local channel that is optimised away have to name their phone', () => {
    for (const stateInterface of ['', 'Local/1001@from-queue', 'hint:1001@ext-local', 'Custom:1001']) {
      assert.deepEqual(complaintsOf(member('Local/1001@from-queue', stateInterface)), ['wrong Local members'])
    }
    assert.deepEqual(complaintsOf(member('Local/1001@from-queue', 'SIP/1001')), [])
    assert.deepEqual(complaintsOf(member('Local/1001@from-queue', 'PJSIP/1001')), [])
  })

  it('that ask for an agent of app_agent_pool, as in Asterisk’s own sample, name that agent', () => {
    assert.deepEqual(complaintsOf(member('Local/1001@agents', 'Agent:1001')), [])
    assert.deepEqual(complaintsOf(member('Local/1001@agents/n', 'Agent:1001')), [])
  })

  it('are busy to Asterisk by a hint, and unseen by nothing at all', () => {
    const lossOf = (stateInterface: string): string =>
      findingOf('Local members', { facts: { members: [member('Local/1001@from-queue', stateInterface)] } }).finding
    assert.match(lossOf('Local/1001@from-queue'), /Asterisk itself does not see that the phone is busy/)
    assert.doesNotMatch(lossOf('hint:1001@ext-local'), /busy/)
  })

  it('by a Local channel that stays need not', () => {
    assert.deepEqual(complaintsOf(member('Local/1001@from-queue/n', 'hint:1001@ext-local')), [])
    assert.deepEqual(complaintsOf(member('Local/1001@from-queue/jn', '')), [])
  })

  it('without names are a note where hotdesking is to log them in by name', () => {
    const nameless = member('PJSIP/1001', 'PJSIP/1001', 'PJSIP/1001')
    assert.deepEqual(complaintsOf(nameless), ['note member names'])
    assert.deepEqual(complaintsOf(nameless, member('PJSIP/1002', 'PJSIP/1002')), [])
    assert.deepEqual(complaints({ facts: { members: [nameless] }, purpose: { trackers: [] } }), [])
  })
})
