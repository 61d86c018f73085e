import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { beforeEach, describe } from 'node:test'
import { logrotateFindings } from '../../lib/doctor/logrotate-findings.ts'
import { contentsOf } from '../files/kinds-of-files.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { type PipeResult, runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

const file = folderOfEachTest('validate')
const keep = programsOfEachTest()
const isRoot = process.getuid?.() === 0

/** Root would look as the user of a service that may be installed here. */
const asOurselves = isRoot ? ['--user', 'root'] : []

function writeSettings(...lines: string[]): string {
  writeFileSync(file('settings'), `${lines.join('\n')}\n`)
  return file('settings')
}

function validate(...options: string[]): Promise<PipeResult> {
  return runPipe([
    ['env', '-u', 'AMISECRET', join(root, 'bin/ami-track'), 'validate', '--settings', file('settings'), ...options],
  ])
}

const SOUND = ['AMIUSER=tracker', 'AMISECRET=tr4ck']

describe('ami-track validate', () => {
  beforeEach(() => chmodSync(file('.'), 0o755))

  it('says that nothing is wrong, as whom it looked, and ends with 0, having left nothing behind', async () => {
    mkdirSync(file('logs'))
    mkdirSync(file('state'))
    writeFileSync(file('logs/queue_log'), '1|a|b|c|D|\n')
    writeFileSync(file('logs/debug'), 'Event: DumpBegin\r\nWrittenBy: ami-track --debugfile\r\n\r\nEvent: Hold\r\n\r\n')
    writeSettings(
      ...SOUND,
      `LOGFILE=${file('logs/log')}`,
      `DEBUGFILE=${file('logs/debug')}`,
      `QUEUELOG=${file('logs/queue_log')}`,
      `PIDFILE=${file('pid')}`,
      `STATE=${file('state')}`,
      'METRICS=127.0.0.1:0',
    )
    const before = contentsOf(file('.'))
    const { stdout, stderr, codes } = await validate(...asOurselves)
    const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()
    assert.equal(stdout, `${file('settings')}: the user ${user} can use everything that it names\n`)
    assert.deepEqual([stderr, ...codes], ['', 0])
    assert.deepEqual(contentsOf(file('.')), before)
    rmSync(file('state'), { recursive: true })
    writeSettings(...SOUND, `STATE=${file('new/state')}`)
    assert.deepEqual((await validate(...asOurselves)).codes, [0])
    assert.deepEqual(readdirSync(file('.')).sort(), ['logs', 'settings'])
  })

  it('says all that is wrong at once, each in a line with its place in the file', async () => {
    mkdirSync(file('folder'))
    writeFileSync(file('notes'), 'notes\n')
    writeFileSync(file('other-notes'), 'notes\n')
    writeFileSync(file('empty'), '')
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const before = contentsOf(file('.'))
    writeSettings(
      'AMIPORT=port',
      'ENABLEMUSIC=1',
      'what is this',
      'AMISECRET=two words',
      `LOGFILE=${file('folder')}`,
      `DEBUGFILE=${file('notes')}`,
      `PIDFILE=${file('none/pid')}`,
      `STATE=${file('other-notes')}`,
      `QUEUELOGTAIL=${file('folder')}`,
      `SECRETFILE=${file('empty')}`,
      `AMITLSCA=${file('other-notes')}`,
      'AMITLS=1',
      `METRICS=127.0.0.1:${port}`,
      'DEADPEERLIMIT=5',
      'HIDDENCHANNELS=(',
      `LIVE=0.0.0.0:${port}`,
    )
    const { stdout, stderr, codes } = await validate(...asOurselves)
    taken.close()
    const where = (line: number): string => `line ${line} of ${file('settings')}`
    const expected = [
      `${where(1)}: AMIPORT: --port takes a whole number`,
      `${where(2)}: ENABLEMUSIC is unknown and has no effect`,
      `${where(3)} does not have the form KEY=value`,
      `${where(4)}: the value of AMISECRET has several words`,
      `${where(5)}: LOGFILE: the log ${file('folder')} cannot be opened: it is a folder`,
      `${where(6)}: DEBUGFILE: the debug file ${file('notes')} cannot be opened: somebody else made it`,
      `${where(7)}: PIDFILE: the pid file ${file('none/pid')} cannot be opened: there is no folder ${file('none')}`,
      `${where(8)}: STATE: the state folder ${file('other-notes')} cannot be opened: it is not a folder`,
      `${where(9)}: QUEUELOGTAIL: the queue_log of Asterisk ${file('folder')} cannot be read: it is a folder`,
      `${where(10)}: SECRETFILE: the secret file ${file('empty')} cannot be used: its first line is empty`,
      `${where(11)}: AMITLSCA: the certificate file ${file('other-notes')} cannot be used: it contains no certificate`,
      `${where(13)}: METRICS: cannot listen on 127.0.0.1, port ${port}: another program already listens there`,
      `${where(15)}: HIDDENCHANNELS: --hidden-channels "(" is not a regular expression`,
      `${where(16)}: LIVE: cannot listen on 0.0.0.0, port ${port}: another program already listens there`,
      `${file('settings')}: LIVE shows numbers and names, and other machines can reach 0.0.0.0: give a token with LIVETOKENFILE, or listen on 127.0.0.1`,
      `${file('settings')}: AMIUSER is missing: give a user of manager.conf`,
      `${file('settings')}: DEADPEERLIMIT 5 must be longer than PINGINTERVAL 10000 (ms)`,
    ]
    const said = stdout.trimEnd().split('\n')
    for (const line of expected)
      assert.ok(
        said.some((one) => one.startsWith(line)),
        `${line}\nis not in\n${stdout}`,
      )
    assert.equal(said.length, expected.length, stdout)
    assert.deepEqual([stderr, ...codes], ['', 1])
    const { settings: _settings, ...after } = contentsOf(file('.'))
    assert.deepEqual(after, before)
    const { stdout: json } = await validate('--json', ...asOurselves)
    const findings = json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.equal(findings.length, expected.length - 2, json) // the port of both is free again
    assert.ok(findings.every(({ check, state }) => check === 'settings' && state === 'wrong'))
  })

  it('says which two are one file, and takes options of the command line for those of the file', async () => {
    writeSettings(...SOUND, `LOGFILE=${file('x')}`, `DEBUGFILE=${file('x')}`)
    const { stdout, codes } = await validate(...asOurselves)
    assert.match(
      stdout,
      /^\S+: LOGFILE and DEBUGFILE are the same file, and one would destroy the other: name two files\n$/,
    )
    assert.deepEqual(codes, [1])
    assert.deepEqual((await validate('--logfile', file('y'), ...asOurselves)).codes, [0])
    const other = await validate('--debugfile', file('none/x'), ...asOurselves)
    assert.match(other.stdout, /^--debugfile: the debug file .* there is no folder/)
  })

  it('says of a folder what is wrong with each PBX, with what is of the process, and what two of them share', async () => {
    mkdirSync(file('settings'))
    const conf = (name: string, ...lines: string[]): void =>
      writeFileSync(file(`settings/${name}.conf`), `${lines.join('\n')}\n`)
    conf('defaults', ...SOUND, `LOGFILE=${file('none/log')}`, 'DEADPEERLIMIT=20000')
    conf('east', `QUEUELOG=${file('queue_log')}`)
    conf('north', 'AMIPORT=port', 'ENABLEMUSIC=1', 'PINGINTERVAL=30000')
    conf('south', `QUEUELOG=${file('queue_log')}`, 'PIDFILE=/run/pid')
    conf('two words', 'AMIPORT=5038')
    writeFileSync(file('settings/notes'), 'not looked at')
    const at = (line: number, name: string): string => `line ${line} of ${file('settings')}/${name}.conf`
    const expected = [
      `${at(2, 'north')}: ENABLEMUSIC is unknown and has no effect`,
      `${at(2, 'south')}: PIDFILE belongs to the whole process and has no effect here: write it into defaults.conf`,
      `${file('settings/two words.conf')} is skipped: a name is up to 64 letters`,
      `${at(3, 'defaults')}: LOGFILE: the log ${file('none/log')} cannot be opened`,
      `${at(1, 'north')}: AMIPORT: --port takes a whole number`,
      `${file('settings/north.conf')}: DEADPEERLIMIT 20000 must be longer than PINGINTERVAL 30000`,
      `${file('settings/south.conf')}: QUEUELOG ${file('queue_log')} is already the queue_log file of east: each PBX needs its own`,
    ]
    const { stdout, codes } = await validate(...asOurselves)
    const said = stdout.trimEnd().split('\n')
    assert.deepEqual(
      said.map((line, n) => line.slice(0, expected[n]?.length)),
      expected,
    )
    assert.deepEqual(codes, [1])
    for (const name of ['north', 'south', 'two words']) rmSync(file(`settings/${name}.conf`))
    conf('defaults', ...SOUND)
    assert.deepEqual((await validate(...asOurselves)).codes, [0])
  })

  it('names the file where it cannot be read, and asks for one where there is none', async () => {
    const missing = await validate(...asOurselves)
    assert.equal(
      missing.stdout,
      `the settings file ${file('settings')} cannot be read: there is no such file or folder (ENOENT)\n`,
    )
    assert.deepEqual(missing.codes, [1])
    const { stderr, codes } = await runPipe([['ami-track', 'validate']])
    assert.match(stderr, /^ami-track: the settings file is missing: use ami-track validate --settings FILE /)
    assert.deepEqual(codes, [2])
  })

  it('looks as the user of the service, who may do less than root', async (t) => {
    if (!isRoot) return t.skip('only root can become somebody else')
    mkdirSync(file('of-root'), { mode: 0o755 })
    mkdirSync(file('of-group'))
    chmodSync(file('of-group'), 0o770)
    const { gid } = groupOf('nobody')
    chownSync(file('of-group'), 0, gid)
    writeSettings(...SOUND, `LOGFILE=${file('of-root/log')}`, `DEBUGFILE=${file('of-group/debug')}`)
    assert.deepEqual((await validate('--user', 'root')).codes, [0])
    const { stdout, codes } = await validate('--user', 'nobody')
    assert.equal(
      stdout,
      `line 3 of ${file('settings')}: LOGFILE: the log ${file('of-root/log')} cannot be opened: permission denied (EACCES). ` +
        'Let the user nobody write there\n',
    )
    assert.deepEqual(codes, [1])
    assert.match((await validate('--user', 'no-such-user')).stderr, /this machine has no user no-such-user \(--user\)/)
  })

  it('finds nothing wrong with what a daemon that runs has taken', async () => {
    const server = await FakeAsterisk.start()
    try {
      const options = [
        '--pid',
        file('pid'),
        '--state',
        file('state'),
        '--metrics',
        '127.0.0.1:0',
        '--live',
        '127.0.0.1:0',
      ]
      const program = keep(LiveProgram.start(server, ['ami-track', ...options]))
      const { msg } = await program.untilLog(/^metrics are at /)
      const { msg: page } = await program.untilLog(/^the page of the open calls is at /)
      await program.untilLog(/^connected to Asterisk/)
      const port = /:(\d+)\/metrics/.exec(msg)?.[1]
      const live = `LIVE=${/:(\d+)\/$/.exec(page)?.[1]}`
      writeSettings(...SOUND, `PIDFILE=${file('pid')}`, `STATE=${file('state')}`, `METRICS=${port}`, live)
      const { stdout, codes } = await validate(...asOurselves)
      assert.deepEqual(codes, [0], stdout)
      assert.equal(await program.stop(), 0)
    } finally {
      await server.stop()
    }
  })

  it('is called by doctor, also where the settings are too bad to connect', async () => {
    const doctor = (): Promise<PipeResult> =>
      runPipe([['env', '-u', 'AMISECRET', join(root, 'bin/ami-track'), 'doctor', '--settings', file('settings')]])
    writeSettings('AMIPORT=x', `LOGFILE=${file('none/log')}`)
    const { stdout, stderr, codes } = await doctor()
    assert.match(stdout, /^wrong {3}settings: line 1 of .* AMIPORT: --port takes/m)
    assert.match(stdout, /^wrong {3}settings: line 2 of .* LOGFILE: the log .* there is no folder/m)
    assert.match(stdout, /^ {8}correct it, then check again: ami-track validate --settings /m)
    assert.deepEqual([stderr, ...codes], ['', 1])
    const server = await FakeAsterisk.start()
    writeSettings(...SOUND, `AMIPORT=${server.port}`)
    const sound = await doctor()
    await server.stop()
    assert.match(sound.stdout, /^ok {6}settings: the user \S+ can use everything that .* names\n/)
    assert.match(sound.stdout, /^ok {6}login: /m)
  })
})

function groupOf(user: string): { gid: number } {
  return { gid: Number(spawnSync('id', ['-g', user], { encoding: 'utf8' }).stdout) }
}

describe('a file that two rules of logrotate name', () => {
  const isHere = spawnSync('logrotate', ['--version'], { env: withSbin() }).error === undefined

  function withSbin(): NodeJS.ProcessEnv {
    return { ...process.env, PATH: [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter) }
  }

  it('is found with both rules, and none where each has one', (t) => {
    if (!isHere) return t.skip('no logrotate')
    const log = file('ami-track.log')
    const other = file('other.log')
    mkdirSync(file('rules'))
    for (const path of [log, other]) writeFileSync(path, '')
    const write = (name: string, content: string): void => writeFileSync(file(name), content, { mode: 0o644 })
    write('rules/asterisk', `${file('*.log')} {\n weekly\n}\n`)
    write('rules/ours', `${log} {\n weekly\n}\n`)
    write('logrotate.conf', `include ${file('rules')}\n`)
    const size = statSync(log).size
    const [finding, ...more] = logrotateFindings([log, file('none')], file('logrotate.conf'))
    assert.deepEqual(more, [])
    assert.equal(finding?.state, 'wrong')
    assert.equal(
      finding?.finding,
      `${log} has two rules, that for ${file('*.log')}. The second is in line 1 of ours so logrotate skips ours`,
    )
    assert.equal(statSync(log).size, size)
    assert.equal(logrotateFindings([other], file('logrotate.conf'))[0]?.state, 'ok')
    assert.deepEqual(logrotateFindings([], file('logrotate.conf')), [])
  })
})
