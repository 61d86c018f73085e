import { strict as assert } from 'node:assert'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'node:test'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { freePort } from '../support/free-port.ts'
import { heldCall } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'
import { scrapeUntil, urlOf } from '../support/scrape.ts'

const it = sampledIt(4)

const keep = programsOfEachTest()
const file = folderOfEachTest('many')
let servers: Record<'north' | 'south', FakeAsterisk>

beforeEach(async () => {
  servers = { north: await FakeAsterisk.start(), south: await FakeAsterisk.start() }
  mkdirSync(file('pbx'))
  conf('defaults', 'AMIUSER=tracker', 'AMISECRET=tr4ck')
})
afterEach(async () => {
  for (const server of Object.values(servers)) await server.stop()
})

/** Writes the settings file of a PBX. */
function conf(name: string, ...lines: string[]): void {
  writeFileSync(join(file('pbx'), `${name}.conf`), lines.map((line) => `${line}\n`).join(''))
}

/** Both PBXs are asked for. */
function bothAsked(): void {
  for (const [name, { port }] of Object.entries(servers)) conf(name, `AMIPORT=${port}`)
}

function start(...options: string[]): LiveProgram {
  return keep(LiveProgram.startAlone(['ami-track', '--settings', file('pbx'), ...options]))
}

async function healthOf(program: LiveProgram, query = ''): Promise<[status: number, text: string]> {
  const response = await fetch(`${await urlOf(program)}/healthz${query}`)
  return [response.status, (await response.text()).trimEnd()]
}

describe('ami-track --settings DIR', () => {
  it('follows a PBX for each NAME.conf, each with its own queue_log, and stops them all', async () => {
    bothAsked()
    const program = start()
    const { north, south } = servers
    await Promise.all([north.session(), south.session()])
    north.send(heldCall(1))
    south.send(heldCall(2))
    await north.until(() => north.queueLog.length > 0)
    await south.until(() => south.queueLog.length > 0)
    assert.deepEqual(north.queueLog, ['1800000000.2|queue-1|Jane|CALLERONHOLD|'])
    assert.deepEqual(south.queueLog, ['1800000000.4|queue-2|Jane|CALLERONHOLD|'])
    assert.equal((await program.untilLog(/^connected to Asterisk/, 'north')).pbx, 'north')
    assert.equal(await program.stop(), 0)
    assert.equal(north.sessions[0]?.sent('Logoff').length, 1)
    assert.equal(south.sessions[0]?.sent('Logoff').length, 1)
  })

  it('what is wrong with one PBX costs the others nothing, and is told, in the log, /healthz and the metrics', async () => {
    bothAsked()
    servers.south.loginManner = 'refuse'
    conf('broken', 'AMIPORT=99999')
    conf('down', `AMIPORT=${await freePort()}`)
    const program = start('--metrics', '127.0.0.1:0')
    await servers.north.session()
    await program.untilLog(
      /^permanent error, ami-track does not try again until SIGHUP or new settings: Asterisk refuses the login/,
      'south',
    )
    await program.untilLog(/^permanent error.*AMIPORT takes a whole number/, 'broken')
    await program.untilLog(/^no connection to Asterisk/, 'down')
    servers.north.send(heldCall(1))
    await servers.north.until(() => servers.north.queueLog.length > 0)
    assert.deepEqual(await healthOf(program, '?pbx=north'), [200, 'ok'])
    const [code, text] = await healthOf(program, '?pbx=south')
    assert.equal(code, 503)
    assert.match(text, /^ami-track does not follow it, because of a permanent error: Asterisk refuses the login/)
    assert.equal((await healthOf(program, '?pbx=west'))[0], 404)
    assert.deepEqual(await healthOf(program), [200, '3 of 4 have a problem: broken, down, south'])
    const { samples } = await scrapeUntil(
      program,
      (found) => found.get('ami_track_unanswered_lines{pbx="north"}') === 0,
    )
    assert.equal(samples.get('ami_track_connected{pbx="north"}'), 1)
    assert.equal(samples.get('ami_track_connected{pbx="down"}'), 0)
    assert.equal(samples.get('ami_track_connected{pbx="south"}'), 0)
    assert.equal(samples.get('ami_track_given_up{pbx="south"}'), 1)
    assert.equal(samples.get('ami_track_given_up{pbx="north"}'), 0)
    assert.equal(samples.get('ami_track_lines_total{pbx="north",verb="CALLERONHOLD"}'), 1)
    assert.equal(await program.stop(), 0)
  })

  it('takes up at SIGHUP what has come, changed and gone, and tries again what was given up; others go on', async () => {
    const { north, south } = servers
    conf('north', `AMIPORT=${north.port}`)
    conf('south', `AMIPORT=${south.port}`)
    south.loginManner = 'refuse'
    const program = start()
    await north.session()
    await program.untilLog(/^permanent error/, 'south')
    south.loginManner = 'accept'
    const third = await FakeAsterisk.start()
    conf('third', `AMIPORT=${third.port}`)
    program.signal('SIGHUP')
    await program.untilLog(/^PBXs to follow: 1 came \(third\)$/)
    await third.session()
    await south.session()
    rmSync(join(file('pbx'), 'south.conf'))
    conf('third', `AMIPORT=${third.port}`, 'ENABLEPARK=1')
    program.signal('SIGHUP')
    await program.untilLog(/^PBXs to follow: 1 changed \(third\), 1 gone \(south\)$/)
    await south.until(() => south.loggedIn.length === 0)
    await third.until(() => third.sessions.length === 2 && third.loggedIn.length === 1)
    assert.equal(north.sessions.length, 1)
    north.send(heldCall(1))
    await north.until(() => north.queueLog.length > 0)
    await program.stop()
    await third.stop()
  })

  it('takes it up by itself with --watch 1', async () => {
    const { north, south } = servers
    conf('north', `AMIPORT=${north.port}`)
    start('--watch', '1')
    await north.session()
    conf('south', `AMIPORT=${south.port}`)
    await south.session()
    assert.equal(north.sessions.length, 1)
  })

  it('keeps a state for each, so that calls go on after a restart', async () => {
    bothAsked()
    const { north, south } = servers
    for (const server of [north, south]) server.pbx.refuseLists()
    const first = start('--state', file('state'))
    await Promise.all([north.session(), south.session()])
    north.send(heldCall(1))
    await north.until(() => north.queueLog.length > 0)
    assert.equal(await first.stop(), 0)
    assert.ok(existsSync(join(file('state'), 'north', 'journal')))
    assert.ok(existsSync(join(file('state'), 'south', 'journal')))
    const second = start('--state', file('state'))
    await north.until(() => north.sessions.length === 2)
    await second.untilLog(/^connected to Asterisk/, 'north')
    second.signal('SIGUSR2')
    await second.untilLog(/^open call 1800000000.2 on queue-1 with Jane: on hold/, 'north')
  })

  it('a second process on the same state does not start', async () => {
    bothAsked()
    start('--state', file('state'))
    await servers.north.session()
    const second = start('--state', file('state'))
    assert.equal(await second.ended, 1)
    assert.match(second.stderr, /already running as process \d+ \(lock .*\/state\/lock\)/)
  })

  it('a secret of one file is not that of another', async () => {
    const other = await FakeAsterisk.start({ secret: '0th3r' })
    conf('north', `AMIPORT=${servers.north.port}`)
    conf('other', `AMIPORT=${other.port}`, 'AMISECRET=0th3r')
    writeFileSync(file('secret'), 'tr4ck\n', { mode: 0o600 })
    conf('south', `AMIPORT=${servers.south.port}`, `SECRETFILE=${file('secret')}`)
    const program = start()
    await Promise.all([other.session(), servers.north.session(), servers.south.session()])
    assert.doesNotMatch(program.stderr, /tr4ck|0th3r/)
    await program.stop()
    await other.stop()
  })

  it('two PBXs cannot write into one file: the second is given up', async () => {
    const shared = `QUEUELOG=${file('queue_log')}`
    conf('north', `AMIPORT=${servers.north.port}`, shared)
    conf('south', `AMIPORT=${servers.south.port}`, shared)
    const program = start()
    await servers.north.session()
    await program.untilLog(/QUEUELOG .* is already the queue_log file of north: each PBX needs its own$/, 'south')
    servers.north.send(heldCall(1))
    while (!existsSync(file('queue_log')) || readFileSync(file('queue_log'), 'utf8') === '') {
      servers.north.send(amiEvent('Hangup', { Uniqueid: '1', Channel: 'PJSIP/x' }))
      await new Promise((turn) => setImmediate(turn))
    }
    assert.match(readFileSync(file('queue_log'), 'utf8'), /CALLERONHOLD/)
  })

  it('gives a PBX up that would write the file of another one from now on, and takes it up again when that has gone', async () => {
    bothAsked()
    const { north, south } = servers
    const lines = `QUEUELOG=${file('queue_log')}`
    conf('south', `AMIPORT=${south.port}`, lines)
    const program = start()
    await Promise.all([north.session(), south.session()])
    conf('north', `AMIPORT=${north.port}`, lines)
    program.signal('SIGHUP')
    await program.untilLog(/^permanent error.*: each PBX needs its own/, 'south')
    await south.until(() => south.loggedIn.length === 0)
    await north.session()
    conf('north', `AMIPORT=${north.port}`)
    program.signal('SIGHUP')
    await south.until(() => south.loggedIn.length === 1)
    assert.equal(await program.stop(), 0)
  })

  it('waits for SIGHUP where the folder is empty', async () => {
    const program = start()
    await program.untilLog(/^\S+ contains no file NAME.conf. Make one, then send SIGHUP/)
    bothAsked()
    program.signal('SIGHUP')
    await Promise.all([servers.north.session(), servers.south.session()])
    assert.equal(await program.stop(), 0)
  })

  it('takes up nothing any more once it is to stop', async () => {
    bothAsked()
    const program = start('--watch', '1')
    await Promise.all([servers.north.session(), servers.south.session()])
    program.signal('SIGTERM')
    conf('north', `AMIPORT=${servers.north.port}`, 'ENABLEPARK=1')
    program.signal('SIGHUP')
    assert.equal(await program.ended, 0)
  })

  it('an option that makes no sense for many ends it with a sentence', async () => {
    bothAsked()
    for (const [options, sentence] of [
      [
        ['--host', 'pbx'],
        /--host belongs to one PBX, but --settings \S+ is a folder of many PBXs: write it into the settings of that PBX/,
      ],
      [['--queuelog', '-'], /--queuelog belongs to one PBX/],
      [['--debugfile', file('d')], /--debugfile belongs to one PBX/],
      [['--replay', '-'], /--replay is for a dump of one PBX/],
    ] as const) {
      const program = start(...options)
      assert.equal(await program.ended, 2)
      assert.match(program.stderr, sentence)
    }
    conf('defaults', `QUEUELOG=${file('queue_log')}`)
    const program = start()
    assert.equal(await program.ended, 2)
    assert.match(
      program.stderr,
      /line 1 of \S+defaults.conf: QUEUELOG belongs to one PBX: write it into the settings of that PBX/,
    )
  })

  it('says at SIGUSR2 of each PBX how it is', async () => {
    bothAsked()
    const program = start()
    await Promise.all([servers.north.session(), servers.south.session()])
    servers.north.send(heldCall(1))
    await servers.north.until(() => servers.north.queueLog.length > 0)
    program.signal('SIGUSR2')
    await program.untilLog(/^open call 1800000000.2 on queue-1 with Jane: on hold/, 'north')
    await program.untilLog(/^connected, /, 'south')
    await program.untilLog(/^follows 2 PBXs$/)
  })

  it('a folder that cannot be read any more changes nothing', async () => {
    bothAsked()
    const program = start()
    await Promise.all([servers.north.session(), servers.south.session()])
    conf('defaults', 'AMIUSER')
    program.signal('SIGHUP')
    await program.untilLog(/^the old settings stay in use: line 1 of \S+defaults.conf does not have the form KEY=value/)
    assert.equal(servers.north.loggedIn.length, 1)
    assert.equal(await program.stop(), 0)
  })
})

describe('ami-track doctor --settings DIR', () => {
  it('looks at all PBXs, shows what is wrong with each below its name, and tells how many at the end', async () => {
    bothAsked()
    servers.south.loginManner = 'refuse'
    conf('broken', 'AMIPORT=99999')
    const doctor = (...options: string[]): Promise<{ stdout: string; codes: number[] }> =>
      runPipe([['ami-track', 'doctor', '--settings', file('pbx'), ...options]])
    const { stdout, codes } = await doctor()
    assert.deepEqual(codes, [1])
    assert.match(stdout, /^broken:\nwrong {3}settings: .*AMIPORT takes a whole number/m)
    assert.match(stdout, /^south:\nwrong {3}login: /m)
    assert.match(stdout, /^wrong {3}PBXs: \d of 3 have a problem: broken,? .*south/m)
    const { stdout: json } = await doctor('--json')
    const found = json
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(new Set(found.map(({ pbx }) => pbx)), new Set(['broken', 'north', 'south', undefined]))
  })
})

describe('ami-track without a folder', () => {
  it('refuses --watch', async () => {
    const { stderr, codes } = await runPipe([['ami-track', '--login', 'x', '--watch', '1']])
    assert.deepEqual(codes, [2])
    assert.match(stderr, /--watch has no effect without --settings DIR/)
  })
})
