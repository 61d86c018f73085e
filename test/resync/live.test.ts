import { strict as assert } from 'node:assert'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { amiEvent, FakeAsterisk, type FakeSession } from '../support/fake-asterisk.ts'
import { LiveConnection, settingsFor } from '../support/live.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { ResyncScene } from '../support/resync-scene.ts'
import { T0 } from '../support/scene.ts'

const CALLER = 'PJSIP/trunk-00000001'
const AGENT = 'PJSIP/1001-00000002'
const CALLED = 'PJSIP/trunk-00000004'
const PARKEE = 'PJSIP/trunk-00000005'
const RETRIEVER = 'PJSIP/1003-00000006'
const ALL_TRACKERS = ['--moh', '1', '--parkedcalls', '1', '--outboundcalls', '1', '--hotdesking', '1']

let server: FakeAsterisk
let folder = ''
const running: { stop: () => Promise<unknown> }[] = []

beforeEach(async () => {
  server = await FakeAsterisk.start()
  folder = mkdtempSync(join(tmpdir(), 'ami-track-resync-'))
})
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop()
  await server.stop()
  rmSync(folder, { recursive: true })
})

function connect(): LiveConnection {
  const live = new LiveConnection(settingsFor(server, { resynchronises: true }))
  running.push({ stop: () => live.close() })
  return live
}

describe('after a login', () => {
  it('the stream holds all lists between two marks, and the banner before them', async () => {
    server.pbx.channels = [{ name: 'PJSIP/1001-1', uniqueid: '1.1', bridge: 'b' }]
    const live = connect()
    await live.until(/ResyncEnd[\s\S]*?\r\n\r\n/)
    assert.match(live.text, /^Asterisk Call Manager\/11\.0\.0\r\nEvent: ResyncBegin\r\nPrivilege: \r\n\r\n/)
    const end =
      /\r\n\r\nEvent: ResyncEnd\r\nPrivilege: \r\nTimestamp: \d+\.\d{6}\r\nLists: CoreStatus,CoreShowChannels,BridgeList,Status,ParkedCalls,QueueStatus\r\n\r\n/
    assert.match(live.text, end)
    const between = live.text.slice(0, live.text.indexOf('ResyncEnd'))
    for (const item of ['CoreStartupTime: 08:00:00', 'Event: CoreShowChannel\r\n', 'Event: Status\r\n']) {
      assert.ok(between.includes(item), item)
    }
    assert.doesNotMatch(between, /Timestamp/)
    assert.equal(server.loggedIn[0]?.sent('BridgeInfo').length, 0)
  })

  it('each bridge is asked for its channels where the server lists no channels, and what is refused is told once', async () => {
    server.pbx.channels = [{ name: 'PJSIP/1001-1', uniqueid: '1.1', bridge: 'b' }]
    for (const name of ['CoreStatus', 'CoreShowChannels', 'Status', 'ParkedCalls']) server.pbx.refused.add(name)
    const live = connect()
    await live.until(/Lists: BridgeList,QueueStatus,BridgeInfo\r\n/)
    server.loggedIn[0]?.reset()
    await live.until(/Lists: BridgeList[\s\S]*Lists: BridgeList/)
    assert.match(live.text, /BridgeInfoChannel[\s\S]*BridgeInfoComplete/)
    const told = live.log.lines.filter((line) => /refuses/.test(line))
    assert.deepEqual(
      told.map((line) => /refuses (\w+) \(Permission denied\): add (\w+) to .* \[tracker\]/.exec(line)?.slice(1, 3)),
      [
        ['CoreStatus', 'reporting'],
        ['CoreShowChannels', 'reporting'],
        ['Status', 'call'],
        ['ParkedCalls', 'call'],
      ],
    )
  })

  it('the second mark has the time of the server, as its answer to Ping says it', async () => {
    server.clock = () => T0 * 1000
    const live = connect()
    await live.until(/ResyncEnd\r\n.*\r\nTimestamp: 1800000000\.\d+\r\n/)
  })

  it('in which events are off until the reader has caught up, the lists are asked for when they are on again', async () => {
    const live = new LiveConnection(settingsFor(server, { resynchronises: true, maxWaitingBytes: 100_000 }), {
      reads: false,
    })
    running.push({ stop: () => live.close() })
    const first = await server.session()
    for (let n = 0; n < 2000; n++) first.send(amiEvent('Hold', { Channel: `n${n}` }, T0 * 1000))
    await live.log.until(/ami-track reads events too slowly/)
    await server.until(() => server.loggedIn.some((session) => session !== first))
    const second = server.loggedIn.at(-1) as FakeSession
    assert.equal(second.eventMask, 'off')
    assert.equal(second.sent('CoreShowChannels').length, 0)
    live.read()
    await live.until(
      /ResyncEnd[\s\S]*ResyncBegin[\s\S]*ResyncBegin[\s\S]*Events: On[\s\S]*CoreShowChannelsComplete[\s\S]*ResyncEnd/,
    )
  })

  it('a client that reads no events asks for nothing', async () => {
    const program = LiveProgram.start(server, ['qlog-write'])
    running.push(program)
    const session = await server.session()
    program.write('{"queue_log":{"time":1,"callid":"1.1","queuename":"q","agent":"a","event":"E","data":[]}}\n')
    await server.until(() => server.queueLog.length === 1)
    assert.equal(session.sent('CoreShowChannels').length, 0)
  })
})

/** A flow on a server, of which the events of each step are sent as they are written. */
class Flow {
  readonly scene = new ResyncScene()
  private readonly pbx = server.pbx
  private sent = 0

  constructor() {
    server.clock = () => this.ms
  }

  private ms = T0 * 1000

  at(seconds: number): ResyncScene {
    this.ms = (T0 + seconds) * 1000
    return this.scene.at(seconds)
  }

  /** Sends what was added to the scene. */
  async play(): Promise<void> {
    const bytes = this.scene.bytes
    server.send(bytes.subarray(this.sent))
    this.sent = bytes.length
  }

  /** What the server lists from now on. */
  list(change: (scene: ResyncScene) => void): void {
    const listed = new ResyncScene()
    Object.assign(listed, { uniqueid: (name: string) => this.scene.uniqueid(name) })
    change(listed)
    const { channels, parked, lots, members } = listed.pbx
    Object.assign(this.pbx, { channels, parked, lots, members })
  }
}

/** Cuts the connection, and waits for the next one to be told all lists. */
async function loseConnection(session: FakeSession, meanwhile: () => void): Promise<FakeSession> {
  await server.stop()
  meanwhile()
  await server.restart()
  await server.until(() => server.loggedIn.some((one) => one !== session && one.sent('CoreSettings').length > 0))
  return server.loggedIn.at(-1) as FakeSession
}

const q = (time: number, rest: string, callid: string): string => `${T0 + time}|${callid}|${rest}`

/** Four calls: on hold, parked, ringing and connected. While the connection is lost, one thing happens to each. */
async function playLostFlows(program: LiveProgram, written: () => string): Promise<string[]> {
  const flow = new Flow()
  const session = await server.session()
  const scene = flow.at(1)
  scene.connected(CALLER, AGENT, 'Jane').hold(AGENT).music(CALLER)
  scene.parking('ParkedCall', PARKEE).enterLot('lot', PARKEE)
  scene.create('PJSIP/1004-00000008').dial('PJSIP/1004-00000008', CALLED)
  scene.create('PJSIP/1005-0000000a').dial('PJSIP/1005-0000000a', 'PJSIP/trunk-0000000b')
  flow.at(3).answered('PJSIP/1005-0000000a', 'PJSIP/trunk-0000000b')
  await flow.play()
  await untilWritten(program, written, /\|CONNECT\|/)
  await loseConnection(session, () => {
    flow.at(10)
    flow.list((listed) => {
      listed.there(CALLER, { bridge: 'queue', application: 'Queue', data: 'support' })
      listed.there(AGENT, { bridge: 'queue', application: 'AppQueue' })
      listed.there(PARKEE, { bridge: 'b2', application: 'Queue', data: 'support' })
      listed.there(RETRIEVER, { bridge: 'b2', application: 'ParkedCall' })
    })
  })
  await untilWritten(program, written, /\|CONNECT\|[\s\S]*\|pk-default\|PJSIP\/1003\|CONNECT\|/)
  flow.at(20).hangupRequest(PARKEE).hangup(PARKEE, RETRIEVER).agentComplete(CALLER, 'Jane').hangup(CALLER, AGENT)
  await flow.play()
  await untilWritten(program, written, /REMOVEMEMBER\|\n[\s\S]*REMOVEMEMBER\|\n[\s\S]*PJSIP\/1003\|REMOVEMEMBER\|\n/)
  const id = (name: string): string => scene.uniqueid(name)
  const [ringing, talking] = [`:${id('PJSIP/1004-00000008')}`, `:${id('PJSIP/1005-0000000a')}`]
  return [
    q(1, 'support|Jane|CALLERONHOLD|', id(CALLER)),
    q(1, 'pk-default|NONE|ENTERQUEUE||701-5551000|1', `:${id(PARKEE)}`),
    q(1, 'q-outbound|PJSIP/1004|ADDMEMBER|', 'MANAGER'),
    q(1, 'q-outbound|PJSIP/1004|CALLOUTBOUND||5550001', ringing),
    q(1, 'q-outbound|PJSIP/1005|ADDMEMBER|', 'MANAGER'),
    q(1, 'q-outbound|PJSIP/1005|CALLOUTBOUND||5550001', talking),
    q(3, `q-outbound|PJSIP/1005|CONNECT|2|${id('PJSIP/trunk-0000000b')}|2`, talking),
    q(10, 'q-outbound|PJSIP/1004|ABANDON|1|1|9', ringing),
    q(10, 'q-outbound|PJSIP/1004|REMOVEMEMBER|', 'MANAGER'),
    q(10, 'q-outbound|PJSIP/1005|COMPLETECALLER|2|7|1', talking),
    q(10, 'q-outbound|PJSIP/1005|REMOVEMEMBER|', 'MANAGER'),
    q(10, 'support|Jane|CALLEROFFHOLD|', id(CALLER)),
    q(10, 'pk-default|PJSIP/1003|ADDMEMBER|', 'MANAGER'),
    q(10, `pk-default|PJSIP/1003|CONNECT|9|${id(RETRIEVER)}|0`, `:${id(PARKEE)}`),
    q(20, 'pk-default|PJSIP/1003|COMPLETECALLER|9|10|1', `:${id(PARKEE)}`),
    q(20, 'pk-default|PJSIP/1003|REMOVEMEMBER|', 'MANAGER'),
  ]
}

async function untilWritten(program: LiveProgram, written: () => string, pattern: RegExp): Promise<void> {
  if (!pattern.test(written())) await program.untilStdout(pattern)
}

describe('a connection that is lost during calls', () => {
  it('costs ami-track no line that can be known, leaves no call open, and its debug file replays to the same bytes', async () => {
    const debug = join(folder, 'debug')
    const program = LiveProgram.start(server, ['ami-track', ...ALL_TRACKERS, '--queuelog', '-', '--debugfile', debug])
    running.push(program)
    const expected = await playLostFlows(program, () => program.stdout)
    assert.deepEqual(program.stdout.trimEnd().split('\n').sort(), expected.sort())
    program.signal('SIGUSR2')
    await program.untilLog(/^connected, /)
    assert.ok(!program.log.some(({ msg }) => /^open call/.test(msg)))
    assert.equal(await program.stop(), 0)
    const { stdout } = await runPipe([['ami-track', '--replay', debug, ...ALL_TRACKERS]])
    assert.equal(stdout, program.stdout)
    const piped = await runPipe(
      [['ami-parse'], ['track-outbound'], ['track-parked'], ['track-moh'], ['track-hotdesking'], ['qlog-write']],
      { input: { file: debug } },
    )
    assert.equal(piped.stdout, program.stdout)
    assert.ok(readFileSync(debug, 'latin1').includes('ResyncEnd'))
  })

  it('costs a pipe of programs none either', async () => {
    const program = LiveProgram.startPipe(server, [
      ['ami-connect'],
      ['ami-parse'],
      ['track-outbound'],
      ['track-parked'],
      ['track-moh'],
      ['qlog-write'],
    ])
    running.push(program)
    const expected = await playLostFlows(program, () => program.stdout)
    assert.deepEqual(program.stdout.trimEnd().split('\n').sort(), expected.sort())
  })

  it('ends every call when the server was restarted', async () => {
    const program = LiveProgram.start(server, ['ami-track', ...ALL_TRACKERS, '--queuelog', '-'])
    running.push(program)
    const flow = new Flow()
    const session = await server.session()
    const scene = flow.at(1).create(AGENT).dial(AGENT, CALLED)
    flow.at(4).answered(AGENT, CALLED).parking('ParkedCall', PARKEE).enterLot('lot', PARKEE)
    await flow.play()
    await program.untilStdout(/ENTERQUEUE/)
    await loseConnection(session, () => {
      flow.at(10)
      server.pbx.startTime = '09:00:00'
    })
    await program.untilStdout(/ABANDON[\s\S]*REMOVEMEMBER|REMOVEMEMBER[\s\S]*ABANDON/)
    const lines = program.stdout.split('\n')
    assert.ok(lines.includes(q(10, 'q-outbound|PJSIP/1001|COMPLETECALLER|3|6|1', `:${scene.uniqueid(AGENT)}`)))
    assert.ok(lines.includes(q(10, 'pk-default|NONE|ABANDON|1|1|6', `:${scene.uniqueid(PARKEE)}`)))
  })
})
