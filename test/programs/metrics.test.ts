import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect as connectTo, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe } from 'node:test'
import { OWN_EVENTS } from '../../lib/ami/own-events.ts'
import { neededEvents } from '../../lib/trackers/table.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { allFixtures } from '../support/fixtures.ts'
import { heldCall } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'
import { type Scrape, scrape, scrapeUntil, urlOf } from '../support/scrape.ts'

const it = sampledIt(4)

const ALL_TRACKERS = ['--moh', '1', '--parkedcalls', '1', '--outboundcalls', '1', '--hotdesking', '1']
const METRICS = ['--metrics', '127.0.0.1:0']

let server: FakeAsterisk
const keep = programsOfEachTest()
const file = folderOfEachTest('metrics')

beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(() => server.stop())

function start(...options: string[]): LiveProgram {
  return keep(LiveProgram.start(server, ['ami-track', ...options]))
}

/** The events of a recording, without its greeting and login. */
function eventsOf(amiFile: string): Buffer {
  const recording = readFileSync(amiFile)
  return recording.subarray(recording.indexOf('Event: '))
}

function countBy(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

describe('the metrics of a daemon', () => {
  it('count the events and the lines of recordings, each as often as they are there', async () => {
    const recordings = allFixtures().filter(({ name }) => name.startsWith('asterisk-22/'))
    const sent = Buffer.concat(recordings.map(({ amiFile }) => eventsOf(amiFile)))
    const program = start(...ALL_TRACKERS, ...METRICS)
    await server.session()
    server.send(sent)
    server.send(amiEvent('UserEventOfNobody'))
    // The last of the events gives a line.
    server.send(heldCall(7))
    await server.until(() => server.queueLog.some((line) => line.startsWith('1800000000.14|')))
    const { samples } = await scrapeUntil(
      program,
      (found) => found.get('ami_track_unanswered_lines') === 0 && found.get('ami_track_queue_depth') === 0,
    )

    const heldEvents = ['AgentConnect', 'BridgeEnter', 'BridgeEnter', 'Hold']
    const names = [...sent.toString('latin1').matchAll(/(?<=^|\n)Event: (.+?)\r\n/g)].map(([, name = '']) => name)
    const events = countBy([...names, ...heldEvents])
    for (const event of neededEvents) {
      if (OWN_EVENTS.has(event)) continue
      assert.equal(samples.get(`ami_track_events_total{event="${event}"}`), events.get(event) ?? 0, event)
    }
    const others = [...events].filter(([event]) => !neededEvents.has(event))
    assert.ok(others.length > 5)
    // What answers the lists after the login is among them.
    const unread = others.reduce((sum, [, count]) => sum + count, 1)
    assert.ok((samples.get('ami_track_events_total{event="other"}') ?? 0) >= unread)

    const lines = countBy(server.queueLog.map((line) => line.split('|')[3] ?? ''))
    assert.ok(lines.size > 8)
    for (const [verb, count] of lines) assert.equal(samples.get(`ami_track_lines_total{verb="${verb}"}`), count, verb)
    assert.equal(samples.get('ami_track_lines_total{verb="other"}'), 0)
    assert.equal(samples.get('ami_track_unwritten_lines_total{reason="refused"}'), 0)
    assert.equal(samples.get('ami_track_open_calls{tracker="track-moh"}'), 1)
    assert.equal(samples.get('ami_track_connected'), 1)
    assert.equal(samples.get('ami_track_turn{role="active"}'), 1)
    assert.equal(samples.get('ami_track_turn{role="standby"}'), 0)
    assert.equal(samples.get('ami_track_reconnects_total'), 0)
    const lastEvent = samples.get('ami_track_last_event_timestamp_seconds') ?? 0
    assert.ok(lastEvent * 1000 <= Date.now() && lastEvent * 1000 > Date.now() - 60_000, String(lastEvent))
  })

  it('have a lag, by the Timestamps of the events and of the ticks behind them', async () => {
    const program = start(...METRICS)
    await server.session()
    const hourAgo = Date.now() - 3_600_000
    server.clock = () => hourAgo
    server.send(amiEvent('Hold', { Channel: 'PJSIP/1001-1', Uniqueid: '1.1' }, hourAgo))
    const { samples } = await scrapeUntil(program, (found) => (found.get('ami_track_lag_seconds') ?? 0) > 3000)
    assert.ok((samples.get('ami_track_lag_seconds') ?? 0) >= 3600)
  })

  it('have no labels but those that are there from the start, whatever a server sends', async () => {
    const program = start(...METRICS)
    await server.session()
    const before = await scrape(program)
    const evil = ['Hold"} 1', 'a\\', '__proto__', 'constructor', 'x'.repeat(5000), '\u00e9\u0001']
    for (const name of [...evil, ...Array.from({ length: 3000 }, (_, n) => `Evil${n}`)]) server.send(amiEvent(name))
    server.send(heldCall(1))
    await server.until(() => server.queueLog.length === 1)
    const after = await scrapeUntil(
      program,
      (found) => (found.get('ami_track_events_total{event="other"}') ?? 0) >= 3000 + evil.length,
    )
    const ours = (samples: Map<string, number>): string[] => [...samples.keys()].filter((key) => /^ami_track/.test(key))
    const untilFirstEvent = ['ami_track_lag_seconds', 'ami_track_last_event_timestamp_seconds']
    assert.deepEqual(
      ours(after.samples).filter((key) => !untilFirstEvent.includes(key)),
      ours(before.samples).filter((key) => !untilFirstEvent.includes(key)),
    )
  })

  it('count what Asterisk refuses, and connections that were made again', async () => {
    const program = start(...METRICS)
    server.answerQueueLog = () => ({ Response: 'Error', Message: 'Permission denied' })
    const session = await server.session()
    session.send(heldCall(1))
    await scrapeUntil(program, (found) => found.get('ami_track_unwritten_lines_total{reason="refused"}') === 1)
    session.reset()
    await server.until(() => server.sessions.length === 2)
    const { samples } = await scrapeUntil(program, (found) => found.get('ami_track_reconnects_total') === 1)
    assert.equal(samples.get('ami_track_lines_total{verb="CALLERONHOLD"}'), 0)
  })

  it('count the lines that go to stdout or into a file as well', async () => {
    for (const target of ['-', file('queue_log')]) {
      const program = start(...METRICS, '--queuelog', target)
      const session = await server.session()
      session.send(heldCall(1))
      const { samples } = await scrapeUntil(
        program,
        (found) => found.get('ami_track_lines_total{verb="CALLERONHOLD"}') === 1,
      )
      assert.equal(samples.has('ami_track_queue_depth'), target !== '-')
      assert.equal(samples.has('ami_track_unanswered_lines'), false)
      assert.equal(await program.stop(), 0)
    }
  })

  it('say of two daemons which one writes, and that the lines of the other are not its own', async () => {
    server.userEvents = 'seen'
    const first = start(...METRICS)
    await first.untilLog(/this one writes it/)
    const second = start(...METRICS)
    await second.untilLog(/this one is on standby/)
    server.send(heldCall(1))
    await scrapeUntil(first, (found) => found.get('ami_track_lines_total{verb="CALLERONHOLD"}') === 1)
    const { samples } = await scrapeUntil(
      second,
      (found) => found.get('ami_track_unwritten_lines_total{reason="theirs"}') === 1,
    )
    assert.equal(samples.get('ami_track_turn{role="standby"}'), 1)
    assert.equal(samples.get('ami_track_turn{role="active"}'), 0)
    assert.equal((await fetch(`${await urlOf(second)}/healthz`)).status, 200)
  })

  it('are not there, and no port is opened, unless they are asked for', async (t) => {
    if (!existsSync('/proc/net/tcp')) return t.skip('no /proc/net/tcp')
    const quiet = start()
    const asked = start(...METRICS)
    await Promise.all([quiet.untilLog(/^connected to Asterisk/), asked.untilLog(/^connected to Asterisk/)])
    assert.equal(listening(quiet.pid), 0)
    assert.equal(listening(asked.pid), 1)
  })
})

/** On how many TCP ports a process listens. */
function listening(pid: number): number {
  const LISTEN = '0A'
  const inodes = ['tcp', 'tcp6'].flatMap((family) => {
    const rows = readFileSync(`/proc/net/${family}`, 'utf8').trim().split('\n').slice(1)
    return rows.map((row) => row.trim().split(/\s+/)).flatMap((row) => (row[3] === LISTEN ? [row[9]] : []))
  })
  const files = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return '' // closed meanwhile
    }
  })
  return files.filter((target) => inodes.some((inode) => target === `socket:[${inode}]`)).length
}

describe('/healthz', () => {
  /** Asks until the answer has a code, and gives its text. */
  async function until(program: LiveProgram, code: number): Promise<string> {
    const url = `${await urlOf(program)}/healthz`
    for (;;) {
      const response = await fetch(url)
      const said = await response.text()
      if (response.status === code) return said
    }
  }

  it('says in a sentence that there is no connection, and ok when there is one again', async () => {
    const program = start(...METRICS)
    await server.session()
    assert.equal(await until(program, 200), 'ok\n')
    await server.stop()
    assert.equal(await until(program, 503), 'There is no connection to Asterisk. See the log for the reason.\n')
    await server.restart()
    assert.equal(await until(program, 200), 'ok\n')
    assert.equal(await program.stop(), 0)
  })

  it('says that Asterisk refuses lines, until it takes one', async () => {
    const program = start(...METRICS)
    server.answerQueueLog = () => ({ Response: 'Error', Message: 'Permission denied' })
    const session = await server.session()
    session.send(heldCall(1))
    assert.equal(await until(program, 503), 'Asterisk refused the last queue_log line. See the log for the reason.\n')
    server.answerQueueLog = () => ({ Response: 'Success' })
    session.send(heldCall(2))
    assert.equal(await until(program, 200), 'ok\n')
  })

  it('says nothing any more of a line that was refused in another session', async () => {
    const program = start(...METRICS)
    server.answerQueueLog = () => ({ Response: 'Error', Message: 'Permission denied' })
    const session = await server.session()
    session.send(heldCall(1))
    await until(program, 503)
    session.reset()
    assert.equal(await until(program, 200), 'ok\n')
  })

  it('says that Asterisk does not answer for lines', async () => {
    const program = start(...METRICS)
    const session = await server.session()
    server.stall()
    session.send(heldCall(1))
    assert.match(await until(program, 503), /^Asterisk does not answer whether it wrote /)
    server.resume()
    assert.equal(await until(program, 200), 'ok\n')
  })

  it('says that a file cannot be written', async () => {
    const program = start(...METRICS, '--queuelog', '/dev/full')
    const session = await server.session()
    session.send(heldCall(1))
    assert.match(await until(program, 503), /^ami-track cannot write lines to \/dev\/full: ENOSPC.*\.\n$/)
  })
})

describe('the server of the metrics', () => {
  it('answers GET and HEAD of its two paths, and nothing else', async () => {
    const program = start(...METRICS)
    await server.session()
    const url = await urlOf(program)
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' })
    assert.equal(head.status, 200)
    assert.equal(await head.text(), '')
    assert.equal((await fetch(`${url}/metrics?x=1`)).status, 200)
    for (const path of ['/', '/metrics/', '/favicon.ico', '/../../etc/passwd']) {
      assert.equal((await fetch(`${url}${path}`)).status, 404, path)
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await fetch(`${url}/metrics`, { method })
      assert.equal(status, 405, method)
      assert.equal(headers.get('allow'), 'GET, HEAD')
    }
  })

  it('takes no header without end, no nonsense, and no more connections than a few', async () => {
    const program = start(...METRICS)
    await server.session()
    const { port } = new URL(await urlOf(program))
    const said = async (bytes: string): Promise<string> => {
      const socket = connectTo(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(bytes)
      return await text(socket)
    }
    assert.match(await said(`GET /metrics HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`), /^HTTP\/1\.1 431 /)
    assert.match(await said('Action: Login\r\n\r\n'), /^HTTP\/1\.1 400 /)
    const idle = Array.from({ length: 60 }, () => connectTo(Number(port), '127.0.0.1').on('error', () => {}))
    const closed = idle.map((socket) => once(socket.resume(), 'close'))
    await Promise.race(closed)
    for (const socket of idle) socket.destroy()
    await Promise.all(closed)
    // The server may not have seen yet that they are gone, and turn this one away as well.
    let scraped: Scrape | undefined
    while (scraped === undefined) scraped = await scrape(program).catch(() => undefined)
    assert.equal(scraped.samples.get('ami_track_connected'), 1)
  })

  it('ends with the daemon, though somebody holds a connection', async () => {
    const program = start(...METRICS)
    await server.session()
    const socket = connectTo(Number(new URL(await urlOf(program)).port), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    assert.equal(await program.stop(), 0)
  })

  it('listens on IPv6, and on the loopback where a port alone is given', async (t) => {
    const probe = createServer()
    const hasIPv6 = await new Promise((known) => {
      probe.once('error', () => known(false)).listen(0, '::1', () => known(true))
    })
    probe.close()
    if (!hasIPv6) return t.skip('no IPv6 here')
    assert.match(await urlOf(start('--metrics', '[::1]:0')), /^http:\/\/\[::1\]:\d+$/)
    assert.match(await urlOf(start('--metrics', '0')), /^http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('that cannot listen ends the daemon with 1 and one plain line, and its pid file is gone', async () => {
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as { port: number }
    const program = start('--metrics', `127.0.0.1:${port}`, '--pid', file('pid'), '--state', file('state'))
    assert.equal(await program.ended, 1)
    assert.match(
      program.stderr,
      new RegExp(`^ami-track: --metrics: cannot listen on 127\\.0\\.0\\.1, port ${port}: [^\\n]*EADDRINUSE[^\\n]*\\n$`),
    )
    assert.equal(existsSync(file('pid')), false)
    assert.equal(server.sessions.length, 0)
    holder.close()
  })

  it('is given an address that can be one', async () => {
    for (const wrong of ['x', ':9464', '::1:9464', '[::1]', '[x]:1', '127.0.0.1:65536', '127.0.0.1:', '*:1', '']) {
      const { stderr, codes } = await runPipe([['ami-track', '--login', 'x', `--metrics=${wrong}`]])
      assert.deepEqual(codes, [2], wrong)
      assert.match(stderr, /^ami-track: --metrics takes HOST:PORT or PORT/)
    }
  })
})
