import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import { readCommandLine, readOptions } from '../../lib/cli/options.ts'
import { readSettings, SETTINGS } from '../../lib/cli/settings.ts'
import { connectOptions } from '../../lib/daemon/connect-options.ts'
import { onOff, text } from '../../lib/options/kinds.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-settings-'))
const file = join(folder, 'settings')
after(() => rmSync(folder, { recursive: true }))

/** What is read of these lines, and what is told of them. */
function settingsOf(...lines: string[]): { values: Record<string, string>; told: string[] } {
  writeFileSync(file, `${lines.join('\n')}\n`)
  const told: string[] = []
  const values: Record<string, string> = {}
  for (const [name, setting] of readSettings(file, (line) => told.push(line))) values[name] = setting.text
  return { values, told }
}

/** As the vendor's package installs it. */
const VENDORS = [
  'LOGFILE=/var/log/asterisk/unitracker.log',
  'LOCKFILE=/var/lock/subsys/unitracker',
  'PIDFILE=/var/run/unitracker.pid',
  '',
  'AMIHOST=127.0.0.1',
  'AMIPORT=5038',
  'AMIUSER=admin',
  'AMISECRET=amp123',
  '',
  '#Uncomment to enable event logging',
  '#DEBUGFILE=/var/log/asterisk/unitracker_events.log',
  '',
  'ENABLEMOH=1',
  'ENABLEPARK=0',
  'ENABLEOUTBOUND=0',
  '',
  'OUTBOUNDTHRESHOLD=300',
]

describe('a settings file', () => {
  it('of the vendor says the same here, and nothing of it is unknown', () => {
    assert.deepEqual(settingsOf(...VENDORS), {
      values: {
        logfile: '/var/log/asterisk/unitracker.log',
        pid: '/var/run/unitracker.pid',
        host: '127.0.0.1',
        port: '5038',
        login: 'admin',
        secret: 'amp123',
        moh: '1',
        parkedcalls: '0',
        outboundcalls: '0',
        outboundthreshold: '300',
      },
      told: [],
    })
  })

  it('is read as a shell reads it, but that nothing is expanded', () => {
    const secret = (value: string): string | undefined => settingsOf(`AMISECRET=${value}`).values.secret
    for (const [written, meant] of [
      ['amp123', 'amp123'],
      ['"two words"  # a comment', 'two words'],
      ["'it # is $1'", 'it # is $1'],
      ['"say \\"hi\\" for \\$5 \\n"', 'say "hi" for $5 \\n'],
      ['a"b c"\'d\'\\ e', 'ab cd e'],
      ['amp#123', 'amp#123'],
      ['$HOME`id`', '$HOME`id`'],
      ['a=b ', 'a=b'],
    ] as const) {
      assert.equal(secret(written), meant, written)
    }
    assert.deepEqual(settingsOf('  export ENABLEMOH=0\r', '# AMIPORT=1', ' ').values, { moh: '0' })
  })

  it('gives nothing for an empty value, and the last one of a key that stands twice', () => {
    assert.deepEqual(settingsOf('AMIPORT=1', 'AMIPORT=2', 'DEBUGFILE=', 'LOGFILE=""', 'AMIUSER=x', 'AMIUSER=').values, {
      port: '2',
    })
  })

  it('warns of a key that it does not know, by its line', () => {
    const { values, told } = settingsOf('AMIPORT=1', 'ENABLEMUSIC=1', 'toString=1')
    assert.deepEqual(values, { port: '1' })
    assert.deepEqual(told, [
      `line 2 of ${file}: ENABLEMUSIC is unknown and has no effect`,
      `line 3 of ${file}: toString is unknown and has no effect`,
    ])
  })

  it('is refused with a line that is no setting, of which nothing is shown: it may be half a secret', () => {
    for (const line of ['tr4ck', 'AMISECRET=tr4 ck', "AMISECRET='tr4ck", 'AMISECRET="tr4ck', 'AMISECRET = tr4ck']) {
      assert.throws(
        () => settingsOf('', line),
        ({ name, message }) => {
          return name === 'UsageError' && message.startsWith(`line 2 of ${file}`) && !message.includes('tr4')
        },
        line,
      )
    }
    assert.throws(() => readSettings(join(folder, 'none'), () => {}), /none cannot be read: there is no such file/)
  })
})

describe('options and a settings file', () => {
  const kinds = {
    moh: onOff(true),
    pid: text('FILE'),
    settings: text('FILE'),
    ...connectOptions,
  }
  const read = (lines: readonly string[], ...argv: string[]) => {
    writeFileSync(file, lines.join('\n'))
    return readOptions([...argv, '--settings', file], kinds, (path) => readSettings(path, () => {}))
  }
  const before = process.env.AMISECRET
  afterEach(() => {
    if (before === undefined) delete process.env.AMISECRET
    else process.env.AMISECRET = before
  })

  it('an option that is given wins, then the file, then the default', () => {
    const { moh, pid, pinginterval } = read(['ENABLEMOH=0', 'PIDFILE=/run/a'], '--pid', '/run/b')
    assert.deepEqual({ moh, pid, pinginterval }, { moh: false, pid: '/run/b', pinginterval: 10_000 })
  })

  it('a value that the option does not take is told with its line and key', () => {
    assert.throws(() => read(['', 'ENABLEMOH=x']), {
      message: `line 2 of ${file}: ENABLEMOH: --moh takes 1 or 0, not "x"`,
    })
  })

  it('the secret of the file goes before that of the environment, and gives way to one that an option names', () => {
    assert.equal(read(['AMISECRET=amp123']).secret, undefined)
    const secretOf = (...argv: string[]): unknown => {
      const line = readCommandLine(['--settings', file, ...argv], kinds, (path) => readSettings(path, () => {}))
      return line.secrets.AMISECRET
    }
    assert.equal(secretOf(), 'amp123')
    assert.equal(secretOf('--secret-file', 'b'), process.env.AMISECRET)
    assert.equal(read(['SECRETFILE=a'], '--secret-file', 'b')['secret-file'], 'b')
    assert.equal(read(['SECRETFILE=a'], '--secret', 'b')['secret-file'], undefined)
    assert.throws(() => read(['AMISECRET=a', 'SECRETFILE=b']), /both .*SECRETFILE and AMISECRET give the secret/)
  })
})

describe('ami-track --settings', () => {
  let server: FakeAsterisk
  beforeEach(async () => {
    server = await FakeAsterisk.start()
  })
  afterEach(() => server.stop())

  it('logs in with what the file says, and ps does not show the secret', async () => {
    const lines = [`AMIPORT=${server.port}`, 'AMIUSER=tracker', 'AMISECRET="tr4ck"', `PIDFILE=${join(folder, 'pid')}`]
    writeFileSync(file, lines.join('\n'))
    const program = LiveProgram.start(server, ['ami-track', '--settings', file], { AMISECRET: 'another' })
    await program.untilLog(/^connected to Asterisk/)
    const { stdout } = await runPipe([['ps', '-o', 'args=', '-p', String(program.pid)]])
    assert.match(stdout, /--settings/)
    assert.doesNotMatch(stdout, /tr4ck/)
    program.signal('SIGTERM')
    assert.equal(await program.ended, 0)
  })

  it('replays with the trackers of the file, and tells of what it does not know', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    writeFileSync(file, 'ENABLEMOH=1\nFOO=1\n')
    const { stdout, stderr } = await runPipe([['ami-track', '--settings', file, '--replay', amiFile]])
    assert.equal(stdout, goldenOf(fixture('asterisk-22/queue_hold'), 'track-moh'))
    assert.equal(stderr, `ami-track: line 2 of ${file}: FOO is unknown and has no effect\n`)
  })

  it('has a key for every option that a service may need', async () => {
    const { stdout } = await runPipe([['ami-track', '--help']])
    const options = [...stdout.matchAll(/^ {2}--([a-z-]+) /gm)].map(([, name]) => name)
    // The settings file itself, and what is for replays.
    const others = ['settings', 'replay', 'since', 'until', 'strict']
    // A password is never on the command line.
    const onlyHere = ['queuelog-tail-secret', 'fleet-secret']
    assert.deepEqual([...Object.values(SETTINGS), ...others].sort(), [...options, ...onlyHere].sort())
  })
})

describe('ami-track settings', () => {
  it('shows what is read from a file, but no secret, or the value of one key', async () => {
    writeFileSync(file, VENDORS.slice(4).join('\n'))
    const { stdout } = await runPipe([['ami-track', 'settings', file]])
    assert.equal(
      stdout,
      'AMIHOST=127.0.0.1\nAMIPORT=5038\nAMIUSER=admin\nAMISECRET=…\nENABLEMOH=1\nENABLEPARK=0\nENABLEOUTBOUND=0\nOUTBOUNDTHRESHOLD=300\n',
    )
    assert.equal((await runPipe([['ami-track', 'settings', file, 'AMIUSER']])).stdout, 'admin\n')
    assert.equal((await runPipe([['ami-track', 'settings', file, 'LOGFILE']])).stdout, '')
    for (const wrong of [[], [file, 'NONE'], [file, 'AMIUSER', 'x']]) {
      assert.deepEqual((await runPipe([['ami-track', 'settings', ...wrong]])).codes, [2])
    }
  })
})
