import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'node:test'
import { DaemonClient } from '../../lib/look/daemon-client.ts'
import { seconds } from '../lab/patience.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture } from '../support/fixtures.ts'
import { heldCall, heldCallEnds } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { sampledIt } from '../support/sample.ts'
import { EventListener } from '../support/sse.ts'

const it = sampledIt(4)

let server: FakeAsterisk
const keep = programsOfEachTest()
const file = folderOfEachTest('look')
const listeners: EventListener[] = []

beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.stop()
  await server.stop()
})

async function start(...options: string[]): Promise<LiveProgram> {
  const program = keep(LiveProgram.start(server, ['ami-track', '--control', file('control'), ...options]))
  await server.session()
  return program
}

function listen(path = '/v1/events', headers = {}): EventListener {
  const listener = new EventListener(file('control'), path, headers)
  listeners.push(listener)
  return listener
}

// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
const ask = (path: string): Promise<any> => new DaemonClient(file('control')).ask(path)

/** A call is put on hold, and its line is written. */
async function hold(n: number): Promise<void> {
  server.send(heldCall(n))
  await server.until(() => server.queueLog.some((line) => line.startsWith(`1800000000.${2 * n}|`)))
}

function looks(...words: string[]): LiveProgram {
  return keep(LiveProgram.startAlone(['ami-track', ...words, '--control', file('control')]))
}

describe('who looks at a daemon', () => {
  it('sees how it is, which calls are open, and the lines that it wrote', async () => {
    await start('--outboundcalls', '1')
    await hold(7)
    const { version, pbxs } = await ask('/v1/status')
    assert.equal(version, 1)
    const [pbx] = pbxs
    assert.equal(pbxs.length, 1)
    assert.equal(pbx.address, `127.0.0.1:${server.port}`)
    assert.equal(pbx.isConnected, true)
    assert.equal(pbx.trouble, null)
    assert.deepEqual(pbx.openCalls, { outboundcalls: 0, moh: 1 })
    assert.deepEqual(pbx.linesToday.byVerb, { CALLERONHOLD: 1 })
    assert.match(pbx.lastLine.text, /^\d+\|1800000000\.14\|queue-7\|Jane\|CALLERONHOLD\|$/)
    const { calls, total } = await ask('/v1/calls')
    assert.equal(total, 1)
    const { callid, queue, agent, state } = calls[0]
    assert.deepEqual(
      { callid, queue, agent, state },
      { callid: '1800000000.14', queue: 'queue-7', agent: 'Jane', state: 'on hold' },
    )
    const { lines } = await ask('/v1/lines')
    assert.deepEqual(
      lines.map(({ verb, outcome }: Record<string, string>) => [verb, outcome]),
      [['CALLERONHOLD', 'written']],
    )
  })

  it('is told of calls and lines as they change', async () => {
    await start()
    const listener = listen()
    const first = await listener.untilEvent('calls')
    assert.deepEqual(first.data, { all: true, total: 0, changed: [], ended: [] })
    await hold(7)
    const held = await listener.untilEvent('calls', ({ changed }) => changed[0]?.state === 'on hold')
    const line = await listener.untilEvent('lines')
    assert.match(line.data.lines[0].text, /CALLERONHOLD/)
    server.send(heldCallEnds(7))
    const over = await listener.untilEvent('calls', ({ ended }) => ended.length > 0)
    assert.deepEqual(over.data, { all: false, total: 0, changed: [], ended: [held.data.changed[0].id] })
  })

  it('sees the lines of before first, and behind the last one that it saw if it comes back', async () => {
    await start()
    for (const n of [1, 2]) await hold(n)
    const first = listen('/v1/events?lines=1')
    const { id = '', data } = await first.untilEvent('lines')
    assert.deepEqual(
      data.lines.map(({ callid }: { callid: string }) => callid),
      ['1800000000.4'],
    )
    first.stop()
    for (const n of [3, 4]) await hold(n)
    const again = listen('/v1/events', { 'Last-Event-ID': id })
    const missed = await again.untilEvent('lines')
    assert.deepEqual(
      missed.data.lines.map(({ callid }: { callid: string }) => callid),
      ['1800000000.6', '1800000000.8'],
    )
    // Of another daemon, numbers mean nothing: it sees the last lines.
    const other = listen('/v1/events', { 'Last-Event-ID': '00000000-3' })
    assert.equal((await other.untilEvent('lines')).data.lines.length, 4)
  })

  it('is told what is wrong and what to do, and the exit code of status says so', async () => {
    await start()
    const fine = looks('status')
    assert.equal(await fine.ended, 0)
    assert.match(fine.stdout, /^ami-track \S+ on 127\.0\.0\.1:\d+, Asterisk 22\.10\.1\nconnected {4}since /)
    await server.stop()
    const listener = listen()
    await listener.untilEvent('status', ({ pbxs }) => pbxs[0].trouble !== null)
    const troubled = looks('status')
    assert.equal(await troubled.ended, 1)
    assert.match(troubled.stdout, /\n\n! There is no connection to Asterisk\. .*\n {2}Run ami-track doctor/)
    assert.equal(troubled.stderr, '')
    const json = looks('status', '--json')
    assert.equal(await json.ended, 1)
    assert.equal(JSON.parse(json.stdout).pbxs[0].isConnected, false)
  })

  it('is told where no daemon is, with exit code 1', async () => {
    const program = looks('status')
    assert.equal(await program.ended, 1)
    assert.match(
      program.stderr,
      /^ami-track: no ami-track runs with the control socket .*: start it .*, or give its socket with --control\n$/,
    )
    const top = looks('top')
    assert.equal(await top.ended, 2)
    assert.match(top.stderr, /top needs a terminal\. Use ami-track status/)
  })

  it('is answered with 404 for a PBX or a path that is none, and may only read', async () => {
    await start()
    await assert.rejects(ask('/v1/calls?pbx=south'), /No PBX has this name/)
    await assert.rejects(
      ask('/v2/calls'),
      /There is \/metrics, \/healthz, \/v1\/status, \/v1\/calls, \/v1\/lines, \/v1\/events/,
    )
    const socket = connect(file('control'))
    socket.write('POST /v1/status HTTP/1.1\r\nHost: x\r\n\r\n')
    const [answer] = await once(socket, 'data')
    assert.match(String(answer), /^HTTP\/1\.1 405 /)
    socket.destroy()
  })

  it('is cut off if it does not read, and costs the others nothing', async () => {
    await start()
    const stuck = connect(file('control'))
    stuck.write('GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n')
    stuck.on('error', () => {})
    await once(stuck, 'data')
    stuck.pause()
    const listener = listen()
    // 5 MB of lines: more than the kernel and the daemon hold for it together.
    const long = 'x'.repeat(200)
    for (let n = 1000; n <= 8000; n += 1000) {
      const many = Array.from({ length: 1000 }, (_, k) =>
        heldCall(n + k)
          .toString()
          .replaceAll('Jane', long),
      )
      server.send(Buffer.from(many.join('')))
      await server.until(() => server.queueLog.length >= n)
    }
    const cut = once(stuck, 'close')
    stuck.resume()
    await cut
    assert.ok(await listener.untilEvent('lines'))
    assert.equal((await ask('/v1/status')).pbxs[0].isConnected, true)
  })

  it('is one of a hundred at most; the next one is told so', async () => {
    await start()
    const many: EventListener[] = []
    for (let n = 0; n < 100; n++) {
      many.push(listen())
      await many.at(-1)?.untilEvent('calls')
    }
    const late = listen()
    assert.equal((await late.until(() => late.response)).statusCode, 503)
    many[0]?.stop()
    // Those who ask once are answered beside them.
    for (;;) {
      const next = listen()
      if ((await next.until(() => next.response)).statusCode === 200) break
    }
    assert.equal((await ask('/v1/status')).pbxs.length, 1)
  })
})

describe('who looks at one of many PBXs', () => {
  const settings = (name: string, more = ''): void => {
    mkdirSync(file('pbx'), { recursive: true })
    writeFileSync(file(`pbx/${name}.conf`), `AMIPORT=${server.port}\nAMIUSER=tracker\nAMISECRET=tr4ck\n${more}`)
  }
  const startMany = async (): Promise<LiveProgram> => {
    const many = ['ami-track', '--settings', file('pbx'), '--control', file('control')]
    const daemon = keep(LiveProgram.startAlone(many))
    await server.until(() => server.loggedIn.length > 0)
    return daemon
  }

  it('sees that one alone, or all of them by their names', async () => {
    for (const name of ['north', 'south']) settings(name)
    await startMany()
    await server.until(() => server.loggedIn.length === 2)
    const listener = listen('/v1/events?pbx=north')
    await listener.untilEvent('status', ({ pbxs }) => pbxs.length === 1 && pbxs[0].isConnected)
    await hold(7)
    const { data } = await listener.untilEvent('calls', ({ changed }) => changed.length > 0)
    assert.deepEqual([data.changed.length, data.changed[0].pbx], [1, 'north'])
    const { calls } = await ask('/v1/calls')
    assert.deepEqual(calls.map(({ pbx }: { pbx: string }) => pbx).sort(), ['north', 'south'])
    const one = looks('status', '--pbx', 'south')
    assert.equal(await one.ended, 0)
    assert.match(one.stdout, /^ami-track \S+ on south, /)
    const tap = looks('tap')
    assert.equal(await tap.ended, 1)
    assert.match(tap.stderr, /This daemon follows many PBXs: name one \(--pbx NAME/)
    const none = looks('tap', '--pbx', 'east')
    assert.equal(await none.ended, 1)
    assert.match(none.stderr, /No PBX has this name/)
  })

  it('waits for one that is begun anew while it is tapped', async () => {
    settings('north')
    settings('south')
    const daemon = await startMany()
    const tap = looks('tap', '--pbx', 'north')
    await tapped(tap)
    // Other settings: what was followed ends, and is begun anew.
    settings('north', 'ENABLEPARK=1\n')
    daemon.signal('SIGHUP')
    await tap.untilLog(/ami-track does not follow this PBX at the moment; waiting for it/)
    await tapped(tap, tap.stdout.length)
    assert.equal(await tap.stop(), 0)
  })
})

describe('a daemon that nobody may look at', () => {
  it('ends where another one has its control socket, also while it answers Prometheus already', async () => {
    await start()
    const second = keep(
      LiveProgram.start(server, ['ami-track', '--control', file('control'), '--metrics', '127.0.0.1:0']),
    )
    assert.equal(await second.ended, 3)
  })

  it('answers Prometheus at its socket, and HEAD with nothing that goes on', async () => {
    await start('--metrics', '127.0.0.1:0')
    for (const [path, type] of [
      ['/metrics', 'text/plain; version=0.0.4; charset=utf-8'],
      ['/v1/events', 'text/event-stream; charset=utf-8'],
      ['/v1/tap', 'text/event-stream; charset=utf-8'],
    ] as const) {
      const asked = request({ socketPath: file('control'), path, method: 'HEAD', agent: false }).end()
      const [response] = (await once(asked, 'response')) as [IncomingMessage]
      assert.deepEqual([response.statusCode, response.headers['content-type']], [200, type])
      response.resume()
      await once(response, 'close')
    }
  })
})

describe('docs/live.md', () => {
  /** The fields that a table names, below a sentence. */
  const fieldsBelow = (sentence: string): string[] => {
    const text = readFileSync(join(root, 'docs/live.md'), 'utf8')
    const [table = ''] = text.slice(text.indexOf(sentence)).split(/\n\n(?!\|)/)
    const cells = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = '']) => cell)
    return cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, field = '']) => field)).sort()
  }

  it('names each field of what a daemon answers, and no other', async () => {
    await start('--state', file('state'))
    await hold(7)
    const [pbx] = (await ask('/v1/status')).pbxs
    assert.deepEqual(Object.keys(pbx).sort(), fieldsBelow('A PBX in `/v1/status`'))
    const [call] = (await ask('/v1/calls')).calls
    assert.deepEqual(Object.keys(call).sort(), fieldsBelow('A call in `/v1/calls`'))
    const [line] = (await ask('/v1/lines')).lines
    assert.deepEqual(Object.keys(line).sort(), fieldsBelow('A line in `/v1/lines`'))
  })
})

describe('who taps a daemon', () => {
  it('is told of each event of a call, with its lines, as it happens, and of nothing where no call is what was asked for', async () => {
    await start()
    const [all, ofJane, ofNobody] = [
      looks('tap'),
      looks('tap', '--agent', 'Jane', '--json'),
      looks('tap', '--queue', 'none'),
    ]
    await server.until(() => server.loggedIn.length > 0)
    // They are there once an event reaches them: a daemon decodes those of no tracker only for a tap.
    for (let n = 1; !/hangs up/.test(all.stdout) || !/CALLERONHOLD/.test(ofJane.stdout); n++) {
      await hold(n)
      server.send(heldCallEnds(n))
      await seconds(0.05)
    }
    assert.match(
      all.stdout,
      /^\d\d:\d\d:\d\d\.\d{3} 1800000000\.\d+ {2}PJSIP\/1001-\d+ holds\n {13}> \d+\|1800000000\.\d+\|queue-\d+\|Jane\|CALLERONHOLD\|$/m,
    )
    const rows = ofJane.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.ok(rows.some(({ kind, text }) => kind === 'line' && /CALLERONHOLD/.test(text)))
    assert.equal(ofNobody.stdout, '')
    for (const program of [all, ofJane, ofNobody]) assert.equal(await program.stop(), 0)
  })

  it('waits for a daemon that is restarted, and says so once', async () => {
    const daemon = await start()
    const program = looks('tap')
    await tapped(program)
    await daemon.stop()
    await program.untilLog(/waiting for it/)
    await start()
    const before = program.stdout.length
    await tapped(program, before)
    assert.equal(await program.stop(), 0)
    assert.equal(program.stderr.trimEnd().split('\n').length, 1, program.stderr)
  })

  it('may not choose trackers, which the daemon has, nor a daemon where it reads a dump', async () => {
    const trackers = looks('tap', '--moh', '1')
    assert.equal(await trackers.ended, 2)
    assert.match(trackers.stderr, /--moh has no effect without --replay FILE: the daemon uses its own settings/)
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const both = looks('tap', '--replay', amiFile)
    assert.equal(await both.ended, 2)
    assert.match(both.stderr, /--control has no effect with --replay/)
  })
})

/** Calls come until something of them is told. */
async function tapped(program: LiveProgram, from = 0): Promise<void> {
  for (let n = 500 + from; !/holds/.test(program.stdout.slice(from)); n++) {
    await hold(n)
    server.send(heldCallEnds(n))
    await seconds(0.05)
  }
}

describe('a tap of a dump', () => {
  it('tells it at the speed that is asked for, and ends with it', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const program = keep(LiveProgram.startAlone(['ami-track', 'tap', '--replay', amiFile, '--speed', '20']))
    assert.equal(await program.ended, 0)
    assert.match(program.stdout, / holds\n {13}> \d+\|1795373360\.2\|support\|PJSIP\/1001\|CALLERONHOLD\|\n/)
    const wrong = keep(LiveProgram.startAlone(['ami-track', 'tap', '--replay', amiFile, '--speed', '0']))
    assert.equal(await wrong.ended, 2)
    assert.match(wrong.stderr, /--speed takes a number above 0/)
  })

  it('has a member in its events only once it is known to belong to whom was asked for', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    const program = keep(
      LiveProgram.startAlone(['ami-track', 'tap', '--replay', amiFile, '--speed', '1000', '--number', '5551000']),
    )
    assert.equal(await program.ended, 0)
    assert.doesNotMatch(program.stdout, /\(members\)/)
  })
})

describe('the control socket', () => {
  it('may be used by its owner and its group alone, whatever the umask is, and is gone when the daemon has ended', async () => {
    const umask = process.umask(0)
    const program = await start()
    process.umask(umask)
    assert.equal(statSync(file('control')).mode & 0o777, 0o660)
    assert.equal(await program.stop(), 0)
    assert.equal(existsSync(file('control')), false)
  })

  it('of a daemon that was killed is replaced', async () => {
    const program = await start()
    program.signal('SIGKILL')
    await program.ended
    assert.ok(existsSync(file('control')))
    await start()
    assert.equal((await ask('/v1/status')).pbxs.length, 1)
  })

  it('of a daemon that runs is left alone by a second one, which does not start', async () => {
    await start()
    const second = keep(LiveProgram.start(server, ['ami-track', '--control', file('control')]))
    assert.equal(await second.ended, 3)
    assert.match(second.stderr, /the control socket .* cannot be made: another program already answers there/)
    assert.equal((await ask('/v1/status')).pbxs.length, 1)
  })

  it('takes the place of no file of somebody else', async () => {
    writeFileSync(file('control'), 'notes')
    const program = keep(LiveProgram.start(server, ['ami-track', '--control', file('control')]))
    assert.equal(await program.ended, 3)
    assert.match(program.stderr, /somebody else made it. ami-track does not change it/)
    assert.equal(readFileSync(file('control'), 'utf8'), 'notes')
    const status = looks('status')
    assert.equal(await status.ended, 3)
    assert.match(status.stderr, /the control socket .* cannot be read: it is not a socket/)
  })

  it('with a name that is too long is refused in a sentence', async () => {
    const path = file('c'.repeat(120))
    const program = keep(LiveProgram.start(server, ['ami-track', '--control', path]))
    assert.equal(await program.ended, 3)
    assert.match(program.stderr, /the path of a socket can have at most 107 bytes/)
  })
})

describe('the programs that look', () => {
  it('end quietly where their reader has seen enough', async () => {
    await start()
    const pipe = spawn('bash', [
      '-c',
      `bin/ami-track status --control "$1" | true; echo "\${PIPESTATUS[0]}"`,
      '-',
      file('control'),
    ])
    let out = ''
    pipe.stdout.on('data', (text) => (out += text))
    await once(pipe, 'close')
    assert.match(out, /^(0|141)\n$/)
  })
})
