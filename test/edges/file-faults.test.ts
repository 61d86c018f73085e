import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { appendFileSync, closeSync, constants as flags, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { constants } from 'node:os'
import { afterEach, beforeEach, describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { FileFaults, noFaults } from '../support/file-faults.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'
import { urlOf } from '../support/scrape.ts'

const it = sampledIt(4)

const { O_NONBLOCK, O_RDONLY } = flags

const faults = noFaults === false ? FileFaults.make() : undefined

let server: FakeAsterisk
const keep = programsOfEachTest()
const file = folderOfEachTest('faults')

beforeEach(async () => {
  server = await FakeAsterisk.start()
  server.pbx.refuseLists()
})
afterEach(() => server.stop())

/** A daemon that writes a file, of which one is at fault. */
function launch(faulty: string, ...options: string[]): LiveProgram {
  const args = ['ami-track', '--queuelog', file('queue_log'), '--metrics', '127.0.0.1:0', ...options]
  return keep(LiveProgram.start(server, args, faults?.environmentFor(file(faulty))))
}

/** The same with a call that is connected, once it knows of it. */
async function start(faulty: string, ...options: string[]): Promise<LiveProgram> {
  const program = launch(faulty, ...options)
  await server.session()
  server.send(connected)
  await program.untilStatus(/open call/)
  return program
}

/** Asks /healthz until it answers so. */
async function untilHealth(program: LiveProgram, pattern: RegExp): Promise<void> {
  await untilHealthAt(await urlOf(program), pattern)
}

async function untilHealthAt(url: string, pattern: RegExp): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/healthz`)
    if (pattern.test(`${response.status} ${await response.text()}`)) return
    await turn()
  }
}

async function untilWritten(text: string): Promise<void> {
  while (queueLog() !== text) await turn()
}

/** Where the metrics are, from the file of the log. */
async function urlInLog(): Promise<string> {
  for (;;) {
    const [, url] = /metrics are at (\S+)\/metrics/.exec(readFileSync(file('log'), 'utf8')) ?? []
    if (url !== undefined) return url
    await turn()
  }
}

const turn = (): Promise<void> => sleep(20)

const queueLog = (): string => readFileSync(file('queue_log'), 'utf8')

const T0 = 1_800_000_000_000
const caller = { Channel: 'PJSIP/trunk-00000001', Uniqueid: '1800000000.1' }
const agent = { Channel: 'PJSIP/1001-00000002', Uniqueid: '1800000000.2' }
const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
const bridge = { BridgeUniqueid: 'b-1', BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
/** A call of queue support that Jane has taken. */
const connected = Buffer.concat([
  amiEvent('AgentConnect', { ...caller, ...dest, Queue: 'support', MemberName: 'Jane' }, T0),
  amiEvent('BridgeEnter', { ...bridge, ...agent }, T0),
  amiEvent('BridgeEnter', { ...bridge, ...caller }, T0),
])

const holds = (n: number): Buffer => amiEvent(n % 2 === 0 ? 'Hold' : 'Unhold', agent, T0 + 1000 * n)
const line = (n: number): string => {
  return `${T0 / 1000 + n}|1800000000.1|support|Jane|${n % 2 === 0 ? 'CALLERONHOLD' : 'CALLEROFFHOLD'}|\n`
}
const lines = (...numbers: number[]): string => numbers.map(line).join('')

describe('a queue_log that becomes a pipe', () => {
  for (const whose of ['that nobody reads', 'whose reader is stuck']) {
    it(`${whose} holds nothing up: /healthz says it, and lines are written when it is a file again`, async () => {
      const program = await start('queue_log')
      server.send(holds(0))
      await untilWritten(lines(0))
      renameSync(file('queue_log'), file('queue_log.0'))
      execFileSync('mkfifo', [file('queue_log')])
      const reader = whose === 'whose reader is stuck' ? openSync(file('queue_log'), O_RDONLY | O_NONBLOCK) : undefined
      server.send(holds(1))
      await untilHealth(program, /^503 ami-track cannot write lines to .*queue_log: it is a pipe\./)
      rmSync(file('queue_log'))
      await untilHealth(program, /^200 /)
      assert.equal(queueLog(), lines(1))
      assert.equal(await program.stop(), 0)
      if (reader !== undefined) closeSync(reader)
    })
  }

  it('does not keep a daemon from ending, which tells the lines that are lost', async () => {
    const program = await start('queue_log')
    renameSync(file('queue_log'), file('queue_log.0'))
    execFileSync('mkfifo', [file('queue_log')])
    server.send(holds(0))
    await untilHealth(program, /^503 /)
    assert.equal(await program.stop(), 1)
    await program.untilLog(/stopped before ami-track could write this line: .*CALLERONHOLD/)
  })
})

describe('a queue_log that hangs', { skip: noFaults }, () => {
  for (const [where, before] of [
    ['as it is written', undefined],
    ['as it is closed and opened', (): void => renameSync(file('queue_log'), file('queue_log.0'))],
  ] as const) {
    it(`${where} is told by /healthz and the log, and gets each line once when it answers again`, async () => {
      const program = await start('queue_log')
      server.send(holds(0))
      await untilWritten(lines(0))
      before?.()
      faults?.order('hang')
      server.send(Buffer.concat([holds(1), holds(2)]))
      await untilHealth(program, /^503 .*queue_log has not answered for \d+ s: its disk or its network file system/)
      await program.untilLog(/queue_log has not answered for \d+ s: .* waits in memory/)
      faults?.order('')
      await untilHealth(program, /^200 /)
      await untilWritten(before === undefined ? lines(0, 1, 2) : lines(1, 2))
      assert.equal(await program.stop(), 0)
    })
  }

  it('does not keep a daemon from ending, which tells the lines that may be lost', async () => {
    const program = await start('queue_log', '--pid', file('pid'))
    faults?.order('hang')
    server.send(holds(0))
    await untilHealth(program, /^503 /)
    assert.equal(await program.stop(), 'SIGKILL')
    assert.match(program.stderr, /stopped before ami-track could write this line: .*CALLERONHOLD/)
    assert.throws(() => readFileSync(file('pid')), /ENOENT/)
  })
})

describe('a log or a debug file that hangs', { skip: noFaults }, () => {
  it('(--debugfile) is told by /healthz and the log, holds up no line, and does not keep a daemon from ending', async () => {
    const program = await start('debug', '--debugfile', file('debug'))
    faults?.order('hang')
    server.send(holds(0))
    await untilWritten(lines(0))
    await untilHealth(program, /^503 .*debug has not answered for \d+ s/)
    await program.untilLog(/debug has not answered/)
    assert.equal(await program.stop(), 'SIGTERM')
  })

  it('(--debugfile) goes on without a gap when it answers again', async () => {
    const program = await start('debug', '--debugfile', file('debug'))
    faults?.order('hang')
    server.send(holds(0))
    await untilHealth(program, /^503 /)
    faults?.order('')
    await untilHealth(program, /^200 /)
    server.send(holds(1))
    await untilWritten(lines(0, 1))
    assert.equal(await program.stop(), 0)
    const replayed = await runPipe([['ami-track', '--replay', file('debug')]])
    assert.equal(replayed.stdout, lines(0, 1))
  })

  it('(--logfile) is told by /healthz, holds up no line, and does not keep a daemon from ending', async () => {
    const program = launch('log', '--logfile', file('log'))
    await server.session()
    const url = await urlInLog()
    faults?.order('hang')
    program.signal('SIGUSR2')
    server.send(Buffer.concat([connected, holds(0)]))
    await untilWritten(lines(0))
    await untilHealthAt(url, /^503 .*log has not answered for \d+ s/)
    assert.equal(await program.stop(), 'SIGTERM')
  })
})

describe('a log or a debug file that becomes a pipe', () => {
  it('that nobody reads does not stop a daemon, which goes on in the file it had, and ends when it is told to', async () => {
    const program = await start('none', '--debugfile', file('debug'))
    rmSync(file('debug'))
    execFileSync('mkfifo', [file('debug')])
    program.signal('SIGHUP')
    await program.untilLog(/debug cannot be opened: it is a pipe/)
    server.send(holds(0))
    await untilWritten(lines(0))
    assert.equal(await program.stop(), 0)
  })

  it('whose reader is stuck does not keep a daemon from ending', async () => {
    const program = launch('none', '--logfile', file('log'), '--loglevel', 'debug')
    await server.session()
    server.send(connected)
    rmSync(file('log'))
    execFileSync('mkfifo', [file('log')])
    const reader = openSync(file('log'), O_RDONLY | O_NONBLOCK)
    program.signal('SIGHUP')
    for (let n = 0; n < 2000; n++) program.signal('SIGUSR2')
    server.send(holds(0))
    await untilWritten(lines(0))
    assert.equal(await program.stop(), 0)
    closeSync(reader)
  })
})

describe('a disk that fails', { skip: noFaults }, () => {
  const { EIO, ENOSPC, EINTR } = constants.errno
  for (const [name, number] of Object.entries({ EIO, ENOSPC, EINTR })) {
    it(`with ${name} delays lines, and no line is lost, doubled or cut`, async () => {
      const program = await start('queue_log')
      faults?.order(`errno ${number}`)
      server.send(Buffer.concat([holds(0), holds(1)]))
      if (name !== 'EINTR') await untilHealth(program, new RegExp(`^503 .*${name}`))
      faults?.order('')
      await untilWritten(lines(0, 1))
      await untilHealth(program, /^200 /)
      assert.equal(await program.stop(), 0)
    })
  }

  it('by taking a few bytes at a time gets whole lines', async () => {
    const program = await start('queue_log')
    faults?.order('short 5')
    server.send(Buffer.concat([holds(0), holds(1)]))
    await untilWritten(lines(0, 1))
    assert.equal(await program.stop(), 0)
  })

  it('in the middle of a line keeps no part of it', async () => {
    const program = await start('queue_log')
    server.send(holds(0))
    await untilWritten(lines(0))
    faults?.order('full 7')
    server.send(holds(1))
    await untilHealth(program, /^503 .*ENOSPC/)
    assert.equal(queueLog(), lines(0))
    faults?.order('')
    await untilWritten(lines(0, 1))
    assert.equal(await program.stop(), 0)
  })

  it('in the middle of a line, and keeps that, gets the line whole on a line of its own', async () => {
    const program = await start('queue_log')
    faults?.order('stub 7')
    server.send(holds(0))
    await untilHealth(program, /^503 .*ENOSPC/)
    assert.equal(queueLog(), line(0).slice(0, 7))
    faults?.order('')
    await untilWritten(`${line(0).slice(0, 7)}\n${line(0)}`)
    assert.equal(await program.stop(), 0)
  })

  it('in the middle of a line, behind which Asterisk writes, gets the line whole behind that', async () => {
    const program = await start('queue_log')
    faults?.order('stub 7')
    server.send(holds(0))
    await untilHealth(program, /^503 .*ENOSPC/)
    appendFileSync(file('queue_log'), 'of Asterisk\n')
    faults?.order('')
    await untilWritten(`${line(0).slice(0, 7)}of Asterisk\n${line(0)}`)
    assert.equal(await program.stop(), 0)
  })
})
