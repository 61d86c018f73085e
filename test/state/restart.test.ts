import { strict as assert } from 'node:assert'
import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'node:test'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'
import { scrapeUntil } from '../support/scrape.ts'

const it = sampledIt(4)

let server: FakeAsterisk
let lastStarted: LiveProgram | undefined
const keep = programsOfEachTest()
const file = folderOfEachTest('restart')

beforeEach(async () => {
  server = await FakeAsterisk.start()
  server.pbx.refuseLists()
})
afterEach(() => server.stop())

function start(...more: string[]): LiveProgram {
  lastStarted = keep(LiveProgram.start(server, ['ami-track', '--state', file('state'), ...more]))
  return lastStarted
}

async function killed(program: LiveProgram): Promise<void> {
  program.signal('SIGKILL')
  await program.ended
  await server.until(() => server.loggedIn.length === 0)
}

const caller = { Channel: 'PJSIP/trunk-00000001', Uniqueid: '1800000000.1' }
const agent = { Channel: 'PJSIP/1001-00000002', Uniqueid: '1800000000.2' }
const T0 = 1_800_000_000_000

/** A call of queue support that Jane has taken. */
function connected(): Buffer {
  const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  const bridge = { BridgeUniqueid: 'b-1', BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
  return Buffer.concat([
    amiEvent('AgentConnect', { ...caller, ...dest, Queue: 'support', MemberName: 'Jane' }, T0),
    amiEvent('BridgeEnter', { ...bridge, ...agent }, T0),
    amiEvent('BridgeEnter', { ...bridge, ...caller }, T0),
  ])
}

const onHold = '1800000000.1|support|Jane|CALLERONHOLD|'
const offHold = '1800000000.1|support|Jane|CALLEROFFHOLD|'

describe('a daemon that was killed', () => {
  it('closes a hold that began before, and goes on with the call', async () => {
    const program = start()
    await server.session()
    server.send(Buffer.concat([connected(), amiEvent('Hold', agent, T0 + 1000)]))
    await server.until(() => server.queueLog.length === 1)
    await killed(program)
    const restarted = start()
    await server.session()
    restarted.signal('SIGUSR2')
    await restarted.untilLog(/open call 1800000000\.1 on support with Jane: on hold since 2027-01-15T08:00:01\.000Z/)
    server.send(amiEvent('Unhold', agent, T0 + 2000))
    server.send(amiEvent('Hold', agent, T0 + 3000))
    await server.until(() => server.queueLog.length === 3)
    assert.deepEqual(server.queueLog, [onHold, offHold, onHold])
  })

  it('has debug files that replay together to the lines of both runs', async () => {
    const options = ['--debugfile', file('debug'), '--queuelog', file('queue_log')]
    const program = start(...options)
    await server.session()
    server.send(Buffer.concat([connected(), amiEvent('Hold', agent, T0 + 1000)]))
    await program.untilStatus(/open call .* on hold/)
    assert.equal(await program.stop(), 0)
    const restarted = start(...options)
    await server.session()
    server.send(Buffer.concat([amiEvent('Unhold', agent, T0 + 2000), amiEvent('Hold', agent, T0 + 3000)]))
    await restarted.untilStatus(/open call .* on hold since .*03/)
    assert.equal(await restarted.stop(), 0)
    const both = ['debug.old', 'debug'].map((name) => readFileSync(file(name), 'latin1')).join('')
    writeFileSync(file('both'), both, 'latin1')
    const { stdout } = await runPipe([['ami-track', '--replay', file('both')]])
    assert.equal(stdout, readFileSync(file('queue_log'), 'utf8'))
    assert.equal(stdout.split('\n').length, 4)
  })

  it('keeps its state where nobody else can read it', async () => {
    const program = start()
    await server.session()
    server.send(connected())
    await killed(program)
    assert.equal(statSync(file('state')).mode & 0o777, 0o700)
    for (const name of readdirSync(file('state')).filter((one) => one !== 'pid')) {
      assert.equal(statSync(join(file('state'), name)).mode & 0o777, 0o600, name)
    }
  })

  it('starts without knowing of any call where the journal is damaged, and says so', async () => {
    const program = start()
    await server.session()
    server.send(Buffer.concat([connected(), amiEvent('Hold', agent, T0)]))
    await server.until(() => server.queueLog.length === 1)
    await killed(program)
    const journal = readFileSync(file('state/journal'), 'latin1')
    writeFileSync(file('state/journal'), journal.replace('support', 'sopport'), 'latin1')
    const restarted = start()
    await restarted.untilLog(
      /the journal .* is damaged in line \d+: it is now .*\.corrupt, and ami-track forgets the open calls/,
    )
    await server.session()
    assert.equal(await restarted.stop(), 0)
    assert.equal(server.queueLog.length, 1)
  })
})

/** So many MiB of lines that Asterisk wrote, one a second. */
function othersLines(from: number, mebibytes: number): string {
  const rest = `|${'9'.repeat(400)}.1|support|Joe|COMPLETECALLER|1|2|3\n`
  return Array.from(
    { length: Math.ceil((mebibytes * 1024 * 1024) / (rest.length + 10)) },
    (_, n) => from + n + rest,
  ).join('')
}

describe('a daemon that is started again at once', () => {
  for (const how of ['SIGKILL', 'SIGTERM'] as const) {
    it(`after ${how} does not ask whether another one writes`, async () => {
      server.userEvents = 'seen'
      const program = start()
      await program.untilLog(/this one writes it$/)
      const before = (await server.session()).sent('UserEvent').map((beat) => beat.get('role'))
      assert.ok(before.includes('claiming'), String(before))
      // However long a start takes on this machine.
      const now = server.clock()
      server.clock = () => now
      program.signal(how)
      await program.ended
      const restarted = start()
      await restarted.untilLog(/this one writes it$/)
      const session = await server.session()
      const roles = new Set(session.sent('UserEvent').map((beat) => beat.get('role')))
      assert.deepEqual([...roles], ['listening', 'active'])
    })
  }
})

describe('a line whose answer was not seen when the daemon was killed', () => {
  const tail = (): string[] => ['--queuelog-tail', file('queue_log')]

  /** The line reaches the server, which does not answer. */
  async function unanswered(...more: string[]): Promise<void> {
    const program = start(...more)
    const session = await server.session()
    server.answerQueueLog = () => undefined
    session.send(Buffer.concat([connected(), amiEvent('Hold', agent, T0 + 1000)]))
    await server.until(() => session.sent('QueueLog').length === 1)
    await killed(program)
    server.answerQueueLog = () => ({ Response: 'Success' })
  }

  /** The first line that is written after the restart. */
  async function firstAfter(...more: string[]): Promise<string | undefined> {
    start(...more)
    await server.session()
    server.send(amiEvent('Unhold', agent, T0 + 2000))
    await server.until(() => server.queueLog.length > 0)
    return server.queueLog[0]
  }

  it('is not sent again if the file says that it arrived, however Asterisk stamped it', async () => {
    writeFileSync(file('queue_log'), '')
    await unanswered(...tail())
    appendFileSync(file('queue_log'), `1800000003|${onHold}\n1800000004|NONE|NONE|NONE|CONFIGRELOAD|\n`)
    assert.equal(await firstAfter(...tail()), offHold)
  })

  it('is not sent again if it arrived long before the restart, however much was written since, and rotated', async () => {
    writeFileSync(file('queue_log.0'), `1800000003|${onHold}\n${othersLines(1_800_000_010, 2)}`)
    utimesSync(file('queue_log.0'), 1_800_040_000, 1_800_040_000)
    writeFileSync(file('queue_log'), othersLines(1_800_050_000, 3))
    await unanswered(...tail())
    assert.equal(await firstAfter(...tail()), offHold)
  })

  it('is given up if it may be in a file that was rotated and compressed, and the log names it', async () => {
    writeFileSync(file('queue_log'), othersLines(1_800_050_000, 1))
    writeFileSync(file('queue_log.1.gz'), '')
    utimesSync(file('queue_log.1.gz'), 1_800_050_000, 1_800_050_000)
    await unanswered(...tail())
    assert.equal(await firstAfter(...tail()), offHold)
    await lastStarted?.untilLog(
      /unknown whether Asterisk wrote .* does not write it again: 1800000001\|1800000000\.1\|/,
    )
  })

  it('is sent again if the file says that it did not', async () => {
    writeFileSync(file('queue_log'), `1799999000|${onHold}\n`)
    await unanswered(...tail())
    assert.equal(await firstAfter(...tail()), onHold)
  })

  it('is given up if no file can be read, and the log names it', async () => {
    await unanswered()
    assert.equal(await firstAfter(), offHold)
    await lastStarted?.untilLog(
      /unknown whether Asterisk wrote .* does not write it again: 1800000001\|1800000000\.1\|support/,
    )
  })

  it('is in the metrics of the next one, as written if the file says so, else as unanswered', async () => {
    const metrics = ['--metrics', '127.0.0.1:0']
    await unanswered()
    const restarted = start(...metrics)
    const { samples } = await scrapeUntil(
      restarted,
      (found) => found.get('ami_track_unwritten_lines_total{reason="unanswered"}') === 1,
    )
    assert.equal(samples.get('ami_track_lines_total{verb="CALLERONHOLD"}'), 0)
    await killed(restarted)
    rmSync(file('state'), { recursive: true })

    writeFileSync(file('queue_log'), '')
    await unanswered(...tail())
    appendFileSync(file('queue_log'), `1800000003|${onHold}\n`)
    const other = await scrapeUntil(
      start(...tail(), ...metrics),
      (found) => found.get('ami_track_lines_total{verb="CALLERONHOLD"}') === 1,
    )
    assert.equal(other.samples.get('ami_track_unwritten_lines_total{reason="unanswered"}'), 0)
  })
})

describe('a daemon that is stopped', () => {
  it('while nothing can be written writes it after the start', async () => {
    const program = start()
    const session = await server.session()
    session.send(connected())
    await program.untilStatus(/^connected/)
    server.stall()
    const holds = Array.from({ length: 101 }, (_, n) => amiEvent(n % 2 === 0 ? 'Hold' : 'Unhold', agent, T0 + 1000 * n))
    session.send(Buffer.concat(holds))
    await program.untilStatus(/, 1 lines to write/)
    await server.stop()
    assert.equal(await program.stop(), 0)
    await program.untilLog(/1 queue_log lines are in the state and are written after the next start/)
    await server.restart()
    server.resume()
    start()
    await server.until(() => server.queueLog.at(-1) === onHold)
  })

  it('goes on with the calls that were open', async () => {
    const program = start()
    await server.session()
    server.send(Buffer.concat([connected(), amiEvent('Hold', agent, T0)]))
    await server.until(() => server.queueLog.length === 1)
    assert.equal(await program.stop(), 0)
    start()
    await server.session()
    server.send(amiEvent('Unhold', agent, T0 + 2000))
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [onHold, offHold])
  })
})

describe('a folder of state', () => {
  it('is used by one daemon at a time: the second says which process has it', async () => {
    const program = start()
    await server.session()
    const second = start()
    assert.equal(await second.ended, 1)
    assert.match(second.stderr, new RegExp(`already running as process ${program.pid} `))
  })

  it('is of no use with lines on stdout', async () => {
    const program = start('--queuelog', '-')
    assert.equal(await program.ended, 2)
    assert.match(program.stderr, /--state does not work with stdout/)
  })
})
