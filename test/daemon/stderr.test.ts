import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'

const keep = programsOfEachTest()
const file = folderOfEachTest('stderr')
let server: FakeAsterisk

beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(() => server.stop())

/** Starts a program whose stderr is a file that takes the place of the journal's socket. */
function startInJournal([name = '', ...args]: readonly string[], env = {}, journal = 'journal'): LiveProgram {
  const stderr = openSync(file('journal'), 'a')
  const { dev, ino } = fstatSync(stderr, { bigint: true })
  const JOURNAL_STREAM = journal === 'journal' ? `${dev}:${ino}` : journal
  const options = { env: { ...process.env, JOURNAL_STREAM, ...env }, stdio: ['pipe', 'pipe', stderr] as const }
  const program = new LiveProgram(spawn(join(root, 'bin', name), args, { ...options, stdio: [...options.stdio] }))
  closeSync(stderr)
  return keep(program)
}

const connect = (): string[] => ['--port', String(server.port), '--login', 'tracker']
const lines = (name = 'journal'): string[] => readFileSync(file(name), 'utf8').split('\n').slice(0, -1)

async function untilLine(pattern: RegExp, name = 'journal'): Promise<void> {
  const changes = watch(file(name))
  while (!lines(name).some((line) => pattern.test(line))) await once(changes, 'change')
  changes.close()
}

describe('the log in the journal of systemd', () => {
  it('has each line once, as text behind its priority: the journal knows the rest', async () => {
    const program = startInJournal(['ami-track', ...connect()], { AMISECRET: 'tr4ck' })
    await untilLine(/^<6>connected to Asterisk 22\.10\.1 at 127\.0\.0\.1:\d+ as tracker/)
    await server.stop()
    await untilLine(/^<4>lost the connection to Asterisk: /)
    await untilLine(/^<3>no connection to Asterisk: /)
    assert.equal(await program.stop(), 0)
    assert.equal(lines().filter((line) => line.includes('lost the connection to Asterisk')).length, 1)
    assert.ok(
      lines().every((line) => /^<[346]>[^{<]/.test(line)),
      lines().join('\n'),
    )
  })

  it('has the errors also where the log is a file, and only these', async () => {
    const program = startInJournal(['ami-track', ...connect(), '--logfile', file('log')], { AMISECRET: 'tr4ck' })
    await server.session()
    await server.stop()
    await untilLine(/^<3>ami-track: no connection to Asterisk: .*ECONNREFUSED/)
    assert.equal(await program.stop(), 0)
    assert.ok(
      lines().every((line) => line.startsWith('<3>ami-track: no connection')),
      lines().join('\n'),
    )
    assert.match(readFileSync(file('log'), 'utf8'), /"level":"error".*no connection to Asterisk[\s\S]*SIGTERM/)
  })

  it('has the reason why a program cannot start, whatever ends it', async () => {
    mkdirSync(file('folder'))
    const reasons: [string[], Record<string, string>, number, RegExp][] = [
      [['--nonsense', '1'], {}, 2, /^<3>ami-track: unknown option/],
      [[], { AMISECRET: 'wrong' }, 3, /^<3>Asterisk refuses the login/],
      [['--logfile', file('log')], { AMISECRET: 'wrong' }, 3, /^<3>ami-track: Asterisk refuses the login/],
      [['--loglevel', 'silent'], { AMISECRET: 'wrong' }, 3, /^<3>ami-track: Asterisk refuses the login/],
      [['--logfile', file('folder')], {}, 3, /^<3>ami-track: the log .* cannot be opened: it is a folder/],
      [['--debugfile', file('none/debug'), '--logfile', file('log')], {}, 3, /^<3>ami-track: the debug file /],
      [
        ['--debugfile', file('none/debug')],
        {},
        3,
        /^<3>ami-track: the debug file .* cannot be opened: there is no folder/,
      ],
    ]
    for (const [args, env, code, pattern] of reasons) {
      writeFileSync(file('journal'), '')
      const program = startInJournal(['ami-track', ...connect(), ...args], { AMISECRET: 'tr4ck', ...env })
      assert.equal(await program.ended, code, args.join(' '))
      assert.equal(lines().filter((line) => pattern.test(line)).length, 1, `${args.join(' ')}: ${lines().join('\n')}`)
    }
  })

  it('has warnings of the settings as warnings', async () => {
    writeFileSync(file('settings'), 'AMIUSER=tracker\nAMISECRET=wrong\nNONSENSE=1\n')
    const args = ['ami-track', '--settings', file('settings'), '--port', String(server.port)]
    assert.equal(await startInJournal(args).ended, 3)
    assert.match(lines()[0] ?? '', /^<4>ami-track: .*NONSENSE/)
  })
})

describe('stderr that is not the journal', () => {
  it('has no priorities although the journal has the stderr of somebody else', async () => {
    const program = startInJournal(['ami-track', ...connect()], { AMISECRET: 'wrong' }, '8:12345')
    assert.equal(await program.ended, 3)
    assert.ok(
      lines().every((line) => line.startsWith('{')),
      lines().join('\n'),
    )
  })

  it('has the errors of a log that is a file, a line each', async () => {
    const args = ['ami-track', '--logfile', file('log')]
    const program = keep(LiveProgram.start(server, args, { AMISECRET: 'wrong' }))
    assert.equal(await program.ended, 3)
    assert.match(program.stderr, /^ami-track: Asterisk refuses the login of "tracker" .*\n$/)
    assert.match(readFileSync(file('log'), 'utf8'), /"level":"error".*Asterisk refuses the login/)
  })
})

describe('SIGUSR1', () => {
  it('opens no debugger, and the daemon goes on', async () => {
    const program = keep(LiveProgram.start(server, ['ami-track']))
    await server.session()
    program.signal('SIGUSR1')
    // Signals come in their order: the state is logged when the first one has been dealt with.
    await program.untilStatus(/^connected, /)
    assert.equal(await program.stop(), 0)
    assert.doesNotMatch(program.stderr, /[Dd]ebugger/)
  })
})
