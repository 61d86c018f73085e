import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'node:test'
import { beatHeaders } from '../../lib/election/beat.ts'
import { optionsOf, readHelp } from '../../packaging/help-text.ts'
import { amiEvent, amiMessage, FakeAsterisk } from '../support/fake-asterisk.ts'
import { root } from '../support/package.ts'
import { type PipeResult, runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(4)

let server: FakeAsterisk
let folder = ''

beforeEach(async () => {
  server = await FakeAsterisk.start()
  server.userEvents = 'seen'
  server.beforeLoginReply = amiEvent('FullyBooted')
  folder = mkdtempSync(join(tmpdir(), 'ami-track-doctor-'))
})
afterEach(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

function doctor(...options: string[]): Promise<PipeResult> {
  const given = options.includes('--port') ? [] : ['--port', String(server.port)]
  const program = join(root, 'bin/ami-track')
  return runPipe([['env', 'AMISECRET=tr4ck', program, 'doctor', '--login', 'tracker', ...given, ...options]])
}

const wrongIn = ({ stdout }: PipeResult): string[] => stdout.split('\n').filter((line) => line.startsWith('wrong'))

describe('ami-track doctor', () => {
  it('ends with 0 where nothing is wrong, and says what could not be told', async () => {
    const result = await doctor()
    assert.deepEqual([wrongIn(result), result.stderr, result.codes], [[], '', [0]])
    assert.match(result.stdout, /^ok {6}login: \[tracker\] is logged in$/m)
    assert.match(result.stdout, /^note {4}writetimeout: .* is unknown/m)
  })

  it('sends one line that is of no call, no queue and no agent, and with --write 0 none', async () => {
    await doctor()
    // Refused by a real Asterisk for what it lacks: so the privilege is asked for.
    const lines = (): string[] => server.queueLog.filter((line) => line !== 'NONE||||')
    assert.equal(lines().length, 1)
    assert.match(lines()[0] ?? '', /^NONE\|NONE\|NONE\|AMITRACKDOCTOR\|ami-track-doctor-[0-9a-f]{12}$/)
    const { stdout, codes } = await doctor('--write', '0')
    assert.equal(lines().length, 1)
    assert.match(stdout, /^note {4}queue_log: doctor did not test whether Asterisk really writes lines$/m)
    assert.deepEqual(codes, [0])
  })

  it('writes each finding as a line of JSON with --json', async () => {
    const { stdout } = await doctor('--json')
    for (const line of stdout.trimEnd().split('\n')) {
      const { check, state, finding } = JSON.parse(line)
      assert.ok(check.length > 0 && finding.length > 0 && ['ok', 'note', 'wrong'].includes(state), line)
    }
  })

  it('finds a clock that is a minute ahead', async () => {
    server.clock = () => Date.now() + 60_000
    const result = await doctor()
    assert.match(
      wrongIn(result).join(),
      /^wrong {3}clock: the clock of the PBX is (60\.\d\d|59\.9\d) s ahead of the clock of this machine/,
    )
    assert.deepEqual(result.codes, [1])
  })

  it('finds two trackers that write at once', async () => {
    server.onLine(() => {
      for (const tracker of ['one', 'two']) {
        const headers = beatHeaders({ tracker, role: 'active', number: 1, place: `${tracker}.example, process 7` })
        server.send(amiMessage([['Event', 'UserEvent'], ['Privilege', 'user,all'], ...headers]))
      }
    })
    const result = await doctor()
    assert.match(wrongIn(result).join(), /2 ami-track write .* one\.example, process 7 and two\.example, process 7/)
    assert.deepEqual(result.codes, [1])
  })

  it('looks into the queue_log that a settings file names, as the daemon does', async () => {
    const queueLog = join(folder, 'queue_log')
    const settings = join(folder, 'settings')
    writeFileSync(queueLog, '')
    writeFileSync(settings, `AMIUSER=nobody\nAMISECRET=tr4ck\nQUEUELOGTAIL=${queueLog}\nLOGFILE=/nowhere\n`)
    const lost = await doctor('--settings', settings)
    assert.match(
      wrongIn(lost).join(),
      /^wrong {3}queue_log: Asterisk accepted the test line, but it did not appear in /,
    )
    server.onLine((line) => writeFileSync(queueLog, `1795373363|${line}\n`, { flag: 'a' }))
    assert.deepEqual(wrongIn(await doctor('--settings', settings)), [])
  })

  it('takes a queue_log that is not there before its first line for what it is: a fresh one (13)', async () => {
    const queueLog = join(folder, 'queue_log')
    const untried = await doctor('--queuelog-tail', queueLog, '--write', '0')
    assert.deepEqual(wrongIn(untried), [])
    assert.match(untried.stdout, /^note {4}queue_log: .*queue_log does not exist: .*its first line/m)
    const lost = await doctor('--queuelog-tail', queueLog)
    assert.match(wrongIn(lost).join(), /^wrong {3}queue_log: .* \(ENOENT\)/)
    server.onLine((line) => writeFileSync(queueLog, `1795373363|${line}\n`, { flag: 'a' }))
    const found = await doctor('--queuelog-tail', queueLog)
    assert.deepEqual([wrongIn(found), found.codes], [[], [0]])
    assert.match(found.stdout, /^ok {6}queue_log: the test line that doctor sent to Asterisk is in /m)
  })

  it('reads no queue_log that is a pipe or a folder, where it would wait or find nothing', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    for (const path of [pipe, folder]) {
      const result = await doctor('--queuelog-tail', path)
      assert.deepEqual(wrongIn(result), [
        `wrong   queue_log: cannot read ${path} (it is not a regular file), so ami-track cannot check there whether a line arrived`,
      ])
    }
  })

  it('finds that lines cannot be appended to a folder', async () => {
    const result = await doctor('--queuelog', folder)
    assert.match(wrongIn(result).join(), /^wrong {3}queuelog file: cannot write .*: it is a folder$/)
  })

  it('shows no name of the PBX that could write on the terminal by itself', async () => {
    server.pbx.members.push({ queue: 'sup\u001b[2Jport\u202e', name: 'Ann', location: 'Local/1\u009b\nok: x@y' })
    const { stdout } = await doctor()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    for (const line of stdout.trimEnd().split('\n')) assert.match(line, /^(ok {6}|note {4}|wrong {3}| {8})\S/)
    assert.match(stdout, /^wrong {3}Local members: Local\/1/m)
  })

  it('says what greets instead of a manager', async () => {
    const other = createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await once(other, 'listening')
    const result = await doctor('--port', String((other.address() as { port: number }).port))
    other.close()
    assert.match(
      result.stdout,
      /^wrong {3}connection: .* it greets with "SSH-2\.0-OpenSSH_9\.2"\n {8}check that this is the port of Asterisk's manager/,
    )
    assert.equal(result.stdout.split('\n').length, 3)
    assert.deepEqual(result.codes, [1])
  })

  it('says that an Asterisk is too old', async () => {
    await server.stop()
    server = await FakeAsterisk.start({ banner: 'Asterisk Call Manager/1.3' })
    const result = await doctor()
    assert.match(result.stdout, /^wrong {3}connection: .*Asterisk 11 or older.*\n {8}upgrade Asterisk\n$/)
    assert.deepEqual(result.codes, [1])
  })

  it('ends where a server says nothing to the login', async () => {
    server.loginManner = 'say nothing'
    const result = await doctor()
    assert.match(wrongIn(result).join(), /^wrong {3}login: Asterisk did not answer the login within 5 s/)
    assert.deepEqual(result.codes, [1])
  })

  it('ends where a server falls silent or is lost in the middle, and says so', async () => {
    const silent = doctor()
    const session = await server.session()
    session.goSilent()
    assert.match(
      wrongIn(await silent).join(),
      /^wrong {3}connection: the connection was lost .*: Asterisk did not answer \w+ in time/,
    )
    server.onLine(() => server.loggedIn.at(-1)?.reset())
    const lost = await doctor()
    assert.match(wrongIn(lost).join(), /^wrong {3}connection: the connection was lost before doctor had all answers: /)
    assert.deepEqual(lost.codes, [1])
  })

  it('keeps the secret to itself, also where it is wrong', async () => {
    const { stdout, stderr, codes } = await doctor('--secret', 'wr0ng-s3cret')
    assert.doesNotMatch(stdout + stderr, /wr0ng/)
    assert.match(stdout, /^wrong {3}login: Asterisk refuses the login of "tracker" \(Authentication failed\)$/m)
    assert.deepEqual(codes, [1])
  })

  it('knows every option of its help text', async () => {
    const help = readFileSync(join(root, 'help/ami-track-doctor.txt'), 'utf8')
    const names = optionsOf(readHelp(help)).flatMap((option) => option.names)
    assert.ok(names.includes('--write') && names.includes('--json'), names.join())
    const given = names.filter((name) => name !== '--help' && name !== '--version').map((name) => `${name}=1`)
    const { stderr } = await runPipe([['ami-track', 'doctor', ...given, '--no-such-option']])
    assert.match(stderr, /unknown option "--no-such-option"/)
  })

  it('is told how it is used with 2', async () => {
    const program = join(root, 'bin/ami-track')
    for (const options of [[], ['--login', 'x', '--write', 'maybe'], ['dump.ami'], ['--replay', 'x']]) {
      const { stdout, stderr, codes } = await runPipe([['env', 'AMISECRET=x', program, 'doctor', ...options]])
      assert.deepEqual([stdout, codes], ['', [2]], stderr)
    }
    assert.match((await runPipe([['ami-track', 'doctor', '--help']])).stdout, /^Usage: ami-track doctor --login LOGIN/)
  })
})
