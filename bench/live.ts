import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FakeAsterisk, type FakeSession } from '../test/support/fake-asterisk.ts'
import { freePort } from '../test/support/free-port.ts'
import { Probe } from './probe.ts'
import { cpuSeconds, megabytes } from './process-figures.ts'
import { type Stampable, stamped, trackedEvents } from './tracked-events.ts'

/**
 * `make bench-live`: the daemon on a connection. RATE events a second for SECONDS, and of some of them how long it takes
 * from the event's way into the socket to the QueueLog action's way out; then EVENTS million as fast as they are taken,
 * for its memory. With LOOKERS there is the page of the open calls as well: by turns nobody looks at it, and so many do.
 */

const root = fileURLToPath(new URL('../../', import.meta.url))
const rate = Number(process.env.RATE ?? 5000)
const seconds = Number(process.env.SECONDS ?? 30)
const millions = Number(process.env.EVENTS ?? 10)
const lookers = Number(process.env.LOOKERS ?? 0)
/** A machine that others use has better and worse minutes: both have the same of them. */
const TURNS = 6
/** V8 compiles what runs often in the first minute: a daemon that runs for months is looked at behind it, and before. */
const WARM_UP_MS = { start: 3000, whole: 60_000 }
const PROBE_EVERY_MS = 20

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function atRate(session: FakeSession, events: Stampable[], durationMs: number, probe?: Probe): Promise<number> {
  const began = performance.now()
  let sent = 0
  let probed = 0
  for (let elapsed = 0; elapsed < durationMs; elapsed = performance.now() - began) {
    const now = Date.now()
    for (; sent < (elapsed * rate) / 1000; sent++) {
      session.send(Buffer.from(stamped(events[sent % events.length] as Stampable, now), 'latin1'))
    }
    if (probe !== undefined && elapsed >= probed * PROBE_EVERY_MS) {
      probe.send(session)
      probed++
      sent += 7
    }
    await sleep(1)
  }
  return sent
}

/** Sends blocks as fast as they are taken; a server of this kind answers more slowly than that, and is let catch up. */
async function flood(
  server: FakeAsterisk,
  session: FakeSession,
  probe: Probe,
  events: Stampable[],
  count: number,
  each: () => void,
): Promise<number> {
  const blockEvents = 10_000
  let sent = 0
  while (sent < count) {
    const now = Date.now()
    let block = ''
    for (let n = 0; n < blockEvents; n++) block += stamped(events[(sent + n) % events.length] as Stampable, now)
    sent += blockEvents
    if (!session.socket.write(Buffer.from(block, 'latin1'))) {
      await new Promise((drained) => session.socket.once('drain', drained))
    }
    probe.send(session)
    await server.until(() => probe.unanswered === 0)
    each()
  }
  return sent
}

const events = trackedEvents()
const server = await FakeAsterisk.start()
const live = `127.0.0.1:${await freePort()}`
const options = [
  ...['--parkedcalls', '1', '--outboundcalls', '1', '--hotdesking', '1', '--loglevel', 'warn'],
  ...(lookers === 0 ? [] : ['--live', live]),
]
const daemon = spawn(join(root, 'bin/ami-track'), ['--port', String(server.port), '--login', 'tracker', ...options], {
  env: { ...process.env, AMISECRET: 'tr4ck' },
  stdio: ['ignore', 'inherit', 'inherit'],
})
const pid = daemon.pid ?? 0
const ended = new Promise((resolve) => daemon.on('close', resolve))
const session = await server.session()
say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}`)

const probe = new Probe(server)
const began = performance.now()

interface Measured {
  sent: number
  cpuSeconds: number
  histogram: RecordableHistogram
}

function nothing(): Measured {
  return { sent: 0, cpuSeconds: 0, histogram: createHistogram() }
}

/** Adds what so many seconds take, and how long their lines do. */
async function measure(durationSeconds: number, sum: Measured): Promise<void> {
  probe.histogram.reset()
  const cpuBefore = cpuSeconds(pid)
  sum.sent += await atRate(session, events, durationSeconds * 1000, probe)
  sum.cpuSeconds += cpuSeconds(pid) - cpuBefore
  await session.settled()
  sum.histogram.add(probe.histogram)
}

function tell(what: string, { sent, cpuSeconds: cpu, histogram }: Measured): void {
  const percentile = (percent: number): string => (histogram.percentile(percent) / 1e6).toFixed(2)
  say(
    `${Math.round(sent / seconds)} events/s for ${seconds} s, ${what}: ` +
      `${histogram.count} holds measured, ${probe.unanswered} lost\n` +
      `  from the event to its QueueLog action: p50 ${percentile(50)} ms, p99 ${percentile(99)} ms, max ${percentile(100)} ms\n` +
      `  CPU of the daemon: ${((cpu / seconds) * 100).toFixed(1)} % of a core; memory ${megabytes(pid, 'VmRSS').toFixed(0)} MB`,
  )
}

async function runUntil(startMs: number): Promise<void> {
  await atRate(session, events, startMs - (performance.now() - began))
}

/** The same with nobody who looks at the page, and with all of them, by turns. */
async function measureLookers(): Promise<void> {
  const [alone, lookedAt] = [nothing(), nothing()]
  let [bytes, lost] = [0, 0]
  for (let turn = 0; turn < TURNS; turn++) {
    await measure(seconds / TURNS, alone)
    // They are on other machines, and here in another process, which gives way to the daemon.
    const looking = fork(join(root, 'dist/bench/look.js'), [live, String(lookers)])
    const gone = once(looking, 'exit')
    const [begun] = await Promise.race([once(looking, 'message'), gone])
    if (typeof begun !== 'object') throw new Error('not all can look: these figures count for nothing')
    await measure(seconds / TURNS, lookedAt)
    looking.send('end')
    const [told] = await once(looking, 'message')
    bytes += told.bytes
    lost += told.lost
    await gone
  }
  tell('nobody looks at the page', alone)
  tell(`${lookers} look at it`, lookedAt)
  say(`  they got ${(bytes / 1e6).toFixed(0)} MB, and ${lost} of them lost the connection`)
}

if (lookers > 0) {
  await runUntil(WARM_UP_MS.whole)
  await measureLookers()
} else {
  for (const startMs of [WARM_UP_MS.start, WARM_UP_MS.whole]) {
    await runUntil(startMs)
    const measured = nothing()
    await measure(seconds, measured)
    tell(`from ${startMs / 1000} s after its start`, measured)
  }
}

if (millions > 0) {
  const memory: number[] = []
  const count = await flood(server, session, probe, events, millions * 1e6, () => memory.push(megabytes(pid, 'VmRSS')))
  const tenths = Array.from({ length: 10 }, (_, n) => {
    return Math.max(...memory.slice(Math.floor((n * memory.length) / 10), Math.floor(((n + 1) * memory.length) / 10)))
  })
  say(`${count} events as fast as they are answered for, ${server.queueLog.length} lines`)
  say(
    `memory in each tenth: ${tenths.map((most) => most.toFixed(0)).join(' ')} MB; peak ${megabytes(pid, 'VmHWM').toFixed(0)} MB`,
  )
}
daemon.kill('SIGTERM')
await ended
await server.stop()
if (server.sessions.length > 1) throw new Error('the connection was lost on the way: these figures count for nothing')
if (probe.unanswered > 0) throw new Error(`${probe.unanswered} lines were lost: these figures count for nothing`)
