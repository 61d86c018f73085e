import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { existsSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe } from 'node:test'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { playCall } from '../support/played-call.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(4)

const ALL_TRACKERS = ['--moh', '1', '--parkedcalls', '1', '--outboundcalls', '1', '--hotdesking', '1']
const hold = fixture('asterisk-22/queue_hold')

let server: FakeAsterisk
const keep = programsOfEachTest()
const file = folderOfEachTest('live')

beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(() => server.stop())

function start(command: readonly string[], env = {}): LiveProgram {
  return keep(LiveProgram.start(server, command, env))
}

/** The events of a recording, without its greeting and login. */
const eventsOf = (amiFile: string): Buffer => {
  const recording = readFileSync(amiFile)
  return recording.subarray(recording.indexOf('Event: '))
}
const withoutTimes = (lines: string): string[] =>
  lines
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\d+\|/, ''))

describe('ami-track on a connection', () => {
  it('writes the lines of its calls into the queue_log of Asterisk', async () => {
    start(['ami-track'])
    await server.session()
    await playCall(server, eventsOf(hold.amiFile), 4)
    assert.deepEqual(server.queueLog, withoutTimes(goldenOf(hold, 'track-moh')))
  })

  it('appends them to a file, and its debug file replays to the same bytes', async () => {
    const program = start(['ami-track', ...ALL_TRACKERS, '--queuelog', file('queue_log'), '--debugfile', file('debug')])
    await server.session()
    for (const { amiFile } of allFixtures().filter(({ name }) => name.startsWith('asterisk-22/'))) {
      server.send(eventsOf(amiFile))
    }
    server.send(amiEvent('Hold', { Channel: 'last' }))
    await changeIn(file('.'), () => readFileSync(file('debug'), 'latin1').includes('Channel: last'))
    assert.equal(await program.stop(), 0)
    const { stdout } = await runPipe([['ami-track', '--replay', file('debug'), ...ALL_TRACKERS]])
    const written = readFileSync(file('queue_log'), 'utf8')
    assert.equal(stdout, written)
    assert.ok(written.split('\n').length > 30, written)
  })

  it('writes them on stdout', async () => {
    const program = start(['ami-track', '--queuelog', '-'])
    await server.session()
    server.send(eventsOf(hold.amiFile))
    await program.untilStdout(/CALLEROFFHOLD[\s\S]*CALLEROFFHOLD.*\n/)
    assert.equal(program.stdout, goldenOf(hold, 'track-moh'))
    assert.equal(await program.stop(), 0)
  })

  it('writes an outbound call while it rings, though nothing more is heard', async () => {
    start(['ami-track', '--outboundcalls', '1'])
    await server.session()
    const channel = { Channel: 'PJSIP/1001-00000001', Uniqueid: '1800000000.1', Exten: '5550001', ChannelState: '4' }
    const dest = { DestChannel: 'PJSIP/trunk-00000002', DestUniqueid: '1800000000.2' }
    server.send(amiEvent('Newchannel', channel, 1_800_000_000_000))
    server.send(amiEvent('DialBegin', { ...channel, ...dest, DialString: '5550001@trunk' }, 1_800_000_000_000))
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [
      'MANAGER|q-outbound|PJSIP/1001|ADDMEMBER|',
      ':1800000000.1|q-outbound|PJSIP/1001|CALLOUTBOUND||5550001',
    ])
  })

  it('loses nothing while its reader is stuck, and the socket is read all the same', async () => {
    const program = start(['ami-track', '--queuelog', '-'])
    const session = await server.session()
    program.stall()
    // More lines than the pipe and the streams between hold.
    const calls = 10_000
    for (let n = 0; n < calls; n++) session.send(connectedAndHeld(n))
    await server.until(() => session.socket.writableLength === 0)
    // What the daemon has taken from the socket and cannot pass on waits in its memory.
    await program.untilStatus(/^connected, \d{4,} KiB of events wait/)
    assert.equal(session.isOpen, true)
    program.resume()
    await program.untilStdout(new RegExp(`support-${calls - 1}\\|Jane\\|CALLERONHOLD`))
    assert.deepEqual(
      withoutTimes(program.stdout),
      Array.from({ length: calls }, (_, n) => `1800000000.${2 * n}|support-${n}|Jane|CALLERONHOLD|`),
    )
  })
})

/** A queue call that is connected and put on hold. */
function connectedAndHeld(n: number): Buffer {
  const at = 1_800_000_000_000 + n
  const caller = { Channel: `PJSIP/trunk-${n}`, Uniqueid: `1800000000.${2 * n}` }
  const agent = { Channel: `PJSIP/1001-${n}`, Uniqueid: `1800000000.${2 * n + 1}` }
  const bridge = { BridgeUniqueid: `b-${n}`, BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
  const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  return Buffer.concat([
    amiEvent('AgentConnect', { ...caller, ...dest, Queue: `support-${n}`, MemberName: 'Jane' }, at),
    amiEvent('BridgeEnter', { ...bridge, ...agent }, at),
    amiEvent('BridgeEnter', { ...bridge, ...caller }, at),
    amiEvent('Hold', agent, at),
  ])
}

describe('the filters on a connection', () => {
  it('write each line when its event has come, though nothing more is heard', async () => {
    const program = LiveProgram.startPipe(server, [['ami-connect'], ['ami-parse'], ['track-moh'], ['qlog-write']])
    keep(program)
    const session = await server.session()
    session.send(connectedAndHeld(0))
    await program.untilStdout(/1800000000\|1800000000\.0\|support-0\|Jane\|CALLERONHOLD\|\n/)
    // Music alone is a hold once some ms have passed: a tick says so.
    const music = (event: string): Buffer => {
      return amiEvent(event, { Channel: 'PJSIP/trunk-0', Uniqueid: '1800000000.0' }, 1_800_000_002_000)
    }
    session.send(amiEvent('Unhold', { Channel: 'PJSIP/1001-0', Uniqueid: '1800000000.1' }, 1_800_000_001_000))
    await program.untilStdout(/CALLEROFFHOLD/)
    session.send(music('MusicOnHoldStart'))
    await program.untilStdout(/1800000002\|.*CALLERONHOLD\|\n/)
  })

  it('write through Asterisk as well', async () => {
    const program = start(['qlog-write'])
    keep(program)
    await server.session()
    const record = { time: 5, callid: '1.2', queuename: 'q', agent: 'a', event: 'CALLERONHOLD', data: [] }
    program.write(`${JSON.stringify({ queue_log: record })}\n`)
    await server.until(() => server.queueLog.length === 1)
    program.write(undefined)
    assert.equal(await program.ended, 0)
    assert.deepEqual(server.queueLog, ['1.2|q|a|CALLERONHOLD|'])
    assert.equal(server.sessions[0]?.sent('Login')[0]?.get('events'), 'off')
    assert.equal(server.sessions[0]?.sent('Logoff').length, 1)
  })

  it('end well when their reader has seen enough', async () => {
    const program = LiveProgram.startPipe(
      server,
      [
        ['ami-connect', '--loglevel', 'error'],
        ['head', '-1'],
      ],
      `; echo \${PIPESTATUS[*]}`,
    )
    keep(program)
    const feeding = setInterval(() => server.send(amiEvent('Hold', { Channel: 'x'.repeat(1000) })), 10)
    const code = await program.ended
    clearInterval(feeding)
    assert.equal(code, 0)
    assert.match(program.stdout, /^Asterisk Call Manager\/11\.0\.0\r\n0 0\n$/)
    assert.equal(program.stderr, '')
  })
})

describe('a stop', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`by ${signal} writes what is in flight, logs off, removes the pid file and ends with 0`, async () => {
      const program = start(['ami-track', '--pid', file('pid'), '--outboundcalls', '1'])
      const session = await server.session()
      assert.equal(readFileSync(file('pid'), 'utf8').trim(), String(program.pid))
      server.stall()
      session.send(connectedAndHeld(0))
      await server.until(() => session.sent('QueueLog').length === 1)
      program.signal(signal)
      await program.untilLog(/: stopping/)
      server.resume()
      assert.equal(await program.ended, 0)
      assert.deepEqual(server.queueLog, ['1800000000.0|support-0|Jane|CALLERONHOLD|'])
      assert.equal(session.sent('Logoff').length, 1)
      assert.equal(existsSync(file('pid')), false)
    })
  }

  it('ends although the server does not answer', async () => {
    const program = start(['ami-track'])
    const session = await server.session()
    session.goSilent()
    assert.equal(await program.stop(), 0)
  })

  it('ends although nobody takes its lines, and says that some are lost', async () => {
    const program = start(['ami-track', '--queuelog', '-'])
    const session = await server.session()
    program.stall()
    for (let n = 0; n < 10_000; n++) session.send(connectedAndHeld(n))
    await server.until(() => session.socket.writableLength === 0)
    assert.equal(await program.stop(), 1)
    await program.untilLog(/stopped before ami-track could write everything: no program reads the output/)
  })

  it('while the disk is full tells which lines were not written, and how many more', async () => {
    const program = start(['ami-track', '--queuelog', '/dev/full'])
    const session = await server.session()
    for (let n = 0; n < 300; n++) session.send(connectedAndHeld(n))
    await program.untilLog(/cannot write queue_log lines to \/dev\/full: ENOSPC/)
    await program.untilStatus(/300 lines to write/)
    assert.equal(await program.stop(), 1)
    assert.equal(
      program.log.filter(({ msg }) => /^stopped before ami-track could write this line/.test(msg)).length,
      100,
    )
    await program.untilLog(/^stopped before ami-track could write 200 more lines$/)
  })

  it('while there is no connection tells which lines were not written, and ends with 1', async () => {
    const program = start(['ami-track'])
    const session = await server.session()
    server.stall()
    for (let n = 0; n < 101; n++) session.send(connectedAndHeld(n))
    await server.until(() => session.sent('QueueLog').length === 100)
    await program.untilStatus(/, 1 lines to write/)
    await server.stop()
    await program.untilLog(/lost the connection to Asterisk/)
    assert.equal(await program.stop(), 1)
    const told = program.log.filter(({ level }) => level === 'error').map(({ msg }) => msg)
    assert.deepEqual(
      told.filter((msg) => /could write/.test(msg)),
      ['stopped before ami-track could write this line: 1800000000|1800000000.200|support-100|Jane|CALLERONHOLD|'],
    )
  })
})

/** Waits for something to be so in a folder. */
async function changeIn(watched: string, isSo: () => boolean): Promise<void> {
  const changes = watch(watched)
  while (!isSo()) await once(changes, 'change')
  changes.close()
}

describe('signals', () => {
  it('SIGUSR2 logs a line for each open call, and the state of the connection', async () => {
    const program = start(['ami-track', '--parkedcalls', '1'])
    const session = await server.session()
    session.send(connectedAndHeld(0))
    await server.until(() => server.queueLog.length === 1)
    program.signal('SIGUSR2')
    await program.untilLog(/open call 1800000000\.0 on support-0 with Jane: on hold since 2027-01-15T08:00:00\.000Z/)
    await program.untilLog(/^connected, 0 KiB of events wait, 0 lines to write, 0 lines sent and not answered, writes$/)
  })

  it('SIGHUP opens all files again', async () => {
    const files = ['--queuelog', file('queue_log'), '--debugfile', file('debug'), '--logfile', file('log')]
    const program = start(['ami-track', ...files])
    const session = await server.session()
    session.send(connectedAndHeld(0))
    await changeIn(file('.'), () => readFileSync(file('queue_log'), 'utf8') !== '')
    for (const name of ['queue_log', 'debug', 'log']) renameSync(file(name), file(`${name}.1`))
    program.signal('SIGHUP')
    const isThere = (name: string): boolean => existsSync(file(name))
    await changeIn(
      file('.'),
      () => isThere('log') && readFileSync(file('log'), 'utf8').includes('the files are open again'),
    )
    session.send(connectedAndHeld(1))
    await changeIn(file('.'), () => isThere('debug') && isThere('queue_log'))
    assert.equal(await program.stop(), 0)
    assert.match(readFileSync(file('queue_log.1'), 'utf8'), /^.*support-0\|Jane\|CALLERONHOLD\|\n$/)
    assert.match(readFileSync(file('queue_log'), 'utf8'), /^.*support-1\|Jane\|CALLERONHOLD\|\n$/)
    assert.match(readFileSync(file('log'), 'utf8'), /SIGHUP/)
    assert.match(readFileSync(file('debug'), 'utf8'), /support-1/)
    assert.match(readFileSync(file('debug.1'), 'utf8'), /support-0/)
    assert.equal(program.stderr, '')
  })
})

describe('what will never work', () => {
  it('a login that is refused ends with 3 and one clear line, without the secret', async () => {
    const program = start(['ami-track', '--pid', file('pid')], { AMISECRET: 'wr0ng' })
    assert.equal(await program.ended, 3)
    assert.equal(program.log.length, 1)
    assert.match(program.log[0]?.msg ?? '', /Asterisk refuses the login of "tracker" \(Authentication failed\)/)
    assert.doesNotMatch(program.stdout + program.stderr, /wr0ng/)
    assert.equal(existsSync(file('pid')), false)
  })

  it('an Asterisk too old ends with 3, in a pipe too', async () => {
    await server.stop()
    server = await FakeAsterisk.start({ banner: 'Asterisk Call Manager/1.1' })
    for (const name of ['ami-track', 'ami-connect', 'qlog-write']) {
      const program = start([name])
      assert.equal(await program.ended, 3, name)
      assert.match(program.stderr, /needs Asterisk 13 or later/)
    }
  })

  it('no login, no secret, or two of them is a question of usage', async () => {
    const cases: [string[], RegExp][] = [
      [['ami-track'], /--login is missing/],
      [['ami-track', '--login', 'a'], /the secret is missing: set \$AMISECRET, or use --secret-file or --secret/],
      [
        ['ami-connect', '--login', 'a', '--secret', 'b', '--secret-file', 'c'],
        /both --secret and --secret-file give the secret/,
      ],
      [['ami-track', '--login', 'a', '--secret', 'b', 'leftover'], /unexpected argument/],
      [['ami-track', '--login', 'a', '--secret', '-leftover'], /write a secret that begins with - as --secret=/],
      [['ami-track', '--login', 'a', '--secret', 'b', '--tls-ca', 'c'], /need --tls 1/],
      [['ami-track', '--login', 'a', '--secret', 'b', '--loglevel', 'loud'], /--loglevel takes debug, info, warn/],
      [['qlog-write', '--login', 'a', '--queuelog', 'b'], /--queuelog has no effect with --login/],
    ]
    for (const [command, expected] of cases) {
      const { stderr, codes } = await runPipe([command])
      assert.deepEqual(codes, [2], command.join(' '))
      assert.match(stderr, expected)
      assert.doesNotMatch(stderr, /leftover/)
    }
  })
})

describe('the secret', () => {
  it('is read from the first line of a file', async () => {
    writeFileSync(file('secret'), 'tr4ck\nsecond line\n', { mode: 0o600 })
    server.userEvents = 'seen'
    const program = start(['ami-track', '--secret-file', file('secret')], { AMISECRET: '' })
    await server.session()
    assert.equal(await program.stop(), 0)
    assert.deepEqual(
      program.log.filter(({ level }) => level !== 'info'),
      [],
    )
  })

  it('on the command line is a warning, and is shown nowhere', async () => {
    const program = start(['ami-track', '--secret', 'tr4ck', '--debugfile', file('debug'), '--loglevel', 'debug'])
    await server.session()
    await program.untilLog(/everyone on this machine can read --secret \(ps\)/)
    assert.equal(await program.stop(), 0)
    assert.doesNotMatch(program.stderr + readFileSync(file('debug'), 'utf8'), /tr4ck/)
  })
})
