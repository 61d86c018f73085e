import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { FakeAsterisk, type FakeSession } from '../test/support/fake-asterisk.ts'
import { Probe } from './probe.ts'
import { cpuSeconds, megabytes } from './process-figures.ts'
import { type Stampable, stamped, trackedEvents } from './tracked-events.ts'

/**
 * `make bench-fleet`: one daemon on many PBXs, with state and elections on. `ONLY=busy,quiet` runs some of it, SECONDS is how
 * long each is measured.
 */

const root = fileURLToPath(new URL('../../', import.meta.url))
const seconds = Number(process.env.SECONDS ?? 20)
const only = process.env.ONLY?.split(',')
/** What has begun settles for so long, in ms: V8 compiles, and lists are read. */
const WARM_UP_MS = Number(process.env.WARM_UP ?? 25) * 1000
const CHANNELS = 50
/** How many PBXs there are: the 200 and 1,000, or less on a machine that is busy. */
const SOME = Number(process.env.SOME ?? 200)
const MANY = Number(process.env.MANY ?? 1000)
const PROBES_PER_SECOND = 50
const STEP_MS = 5
const FLOOD_BLOCK_EVENTS = 500

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** Many fake PBXs, and the daemon on them. */
class Fleet {
  readonly servers: FakeAsterisk[] = []
  readonly probes: Probe[] = []
  readonly histogram: RecordableHistogram = createHistogram()
  private readonly folder = mkdtempSync(join(tmpdir(), 'ami-track-fleet-'))
  private daemon: ChildProcess | undefined
  private startedAt = 0
  private isStopping = false

  static async of(count: number): Promise<Fleet> {
    const fleet = new Fleet()
    for (let n = 0; n < count; n++) {
      const server = await FakeAsterisk.start()
      server.userEvents = 'seen'
      server.bootManner = 'booted'
      for (let at = 0; at < CHANNELS; at++) {
        server.pbx.channels.push({ name: `PJSIP/${at}-${n}`, uniqueid: `1600000000.${at}`, bridge: `b-${at >> 1}` })
      }
      fleet.servers.push(server)
      fleet.probes.push(new Probe(server, fleet.histogram))
    }
    return fleet
  }

  get pid(): number {
    return this.daemon?.pid ?? 0
  }

  get sessions(): FakeSession[] {
    return this.servers.map((server) => server.loggedIn[0] as FakeSession)
  }

  start(): void {
    const pbx = join(this.folder, 'pbx')
    mkdirSync(pbx)
    const defaults = ['AMIUSER=tracker', 'AMISECRET=tr4ck', 'LOGLEVEL=warn', 'ENABLEPARK=1', 'ENABLEOUTBOUND=1']
    writeFileSync(join(pbx, 'defaults.conf'), `${defaults.join('\n')}\n`)
    for (const [n, { port }] of this.servers.entries()) writeFileSync(join(pbx, `pbx-${n}.conf`), `AMIPORT=${port}\n`)
    this.startedAt = performance.now()
    const options = ['--settings', pbx, '--state', join(this.folder, 'state')]
    const node = [...(process.env.DAEMON_OPTIONS?.split(' ') ?? []), join(root, 'bin/ami-track')]
    this.daemon = spawn(process.execPath, [...node, ...options], { stdio: ['ignore', 'inherit', 'inherit'] })
    process.once('exit', () => this.daemon?.kill())
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
    this.daemon.once('close', (code) => {
      if (!this.isStopping) throw new Error(`the daemon ended with ${code}`)
    })
  }

  /**
   * Waits until all are logged in and have asked for the last list.
   *
   * @returns how long that took, from the first login on and from the start of the process on: ms
   */
  async connected(): Promise<{ fromFirstMs: number; fromStartMs: number }> {
    await Promise.race(this.servers.map((server) => server.until(() => server.loggedIn.length > 0)))
    const firstAt = performance.now()
    const isListed = (server: FakeAsterisk): boolean =>
      server.loggedIn.some((session) => session.sent('QueueStatus').length > 0 && session.sent('Ping').length > 0)
    await Promise.all(this.servers.map((server) => server.until(() => isListed(server))))
    const now = performance.now()
    return { fromFirstMs: now - firstAt, fromStartMs: now - this.startedAt }
  }

  async stop(): Promise<void> {
    this.isStopping = true
    this.daemon?.kill('SIGTERM')
    if (this.daemon !== undefined) await once(this.daemon, 'close')
    await Promise.all(this.servers.map((server) => server.stop()))
    rmSync(this.folder, { recursive: true })
  }
}

/** Sends so many events a second to each for a while, and probes one PBX after the other. */
async function play(fleet: Fleet, events: readonly Stampable[], ratePerPbx: number, forMs: number): Promise<number> {
  const { sessions, probes } = fleet
  const rate = ratePerPbx * sessions.length
  const began = performance.now()
  let [sent, probed] = [0, 0]
  for (let elapsed = 0; elapsed < forMs; elapsed = performance.now() - began) {
    const now = Date.now()
    for (; sent < (elapsed * rate) / 1000; sent++) {
      // Each plays the recording from another place on.
      const [n, turn] = [sent % sessions.length, Math.floor(sent / sessions.length)]
      const event = events[(n * 97 + turn) % events.length] as Stampable
      sessions[n]?.send(Buffer.from(stamped(event, now), 'latin1'))
    }
    for (; probed < (elapsed * PROBES_PER_SECOND) / 1000; probed++) {
      const n = (probed * 7) % sessions.length
      probes[n]?.send(sessions[n] as FakeSession)
    }
    await sleep(STEP_MS)
  }
  return sent
}

/** Plays, and tells what the daemon took. */
async function measured(name: string, fleet: Fleet, events: readonly Stampable[], ratePerPbx: number): Promise<number> {
  await play(fleet, events, ratePerPbx, WARM_UP_MS)
  const { histogram, pid } = fleet
  histogram.reset()
  const pingsBefore = pingsOf(fleet)
  const cpuBefore = cpuSeconds(pid)
  const began = performance.now()
  const sent = await play(fleet, events, ratePerPbx, seconds * 1000)
  const passed = (performance.now() - began) / 1000
  const share = (cpuSeconds(pid) - cpuBefore) / passed
  await sleep(500)
  const lost = fleet.probes.reduce((sum, { unanswered }) => sum + unanswered, 0)
  say(
    `${name}: ${(sent / passed).toFixed(0)} events/s; CPU ${(share * 100).toFixed(1)} % of a core, ${megabytes(pid, 'VmRSS').toFixed(0)} MB, ` +
      `peak ${megabytes(pid, 'VmHWM').toFixed(0)} MB\n` +
      `  from an event to its QueueLog action: ${timesOf(histogram)}; ${histogram.count} measured, ${lost} lost\n` +
      `  Pings a PBX and second: ${((pingsOf(fleet) - pingsBefore) / passed / fleet.servers.length).toFixed(2)}`,
  )
  return share
}

function pingsOf({ servers }: Fleet): number {
  return servers.reduce((sum, { sessions }) => sum + (sessions[0]?.sent('Ping').length ?? 0), 0)
}

function timesOf(histogram: RecordableHistogram): string {
  const at = (percent: number): string => (histogram.percentile(percent) / 1e6).toFixed(1)
  return `p50 ${at(50)} ms, p99 ${at(99)} ms, max ${at(100)} ms`
}

async function withFleet(count: number, run: (fleet: Fleet) => Promise<void>): Promise<void> {
  const fleet = await Fleet.of(count)
  fleet.start()
  const { fromFirstMs, fromStartMs } = await fleet.connected()
  say(
    `${count} PBXs connected, with lists of ${CHANNELS} channels: in ${(fromFirstMs / 1000).toFixed(1)} s from the first login, ` +
      `${(fromStartMs / 1000).toFixed(1)} s from the start of the process`,
  )
  await run(fleet)
  await fleet.stop()
}

/** What nothing at all costs: the CPU share and the memory. */
async function quiet(count: number): Promise<{ share: number; mb: number }> {
  const costs = { share: 0, mb: 0 }
  await withFleet(count, async (fleet) => {
    await sleep(WARM_UP_MS)
    const cpuBefore = cpuSeconds(fleet.pid)
    await sleep(seconds * 1000)
    costs.share = (cpuSeconds(fleet.pid) - cpuBefore) / seconds
    costs.mb = megabytes(fleet.pid, 'VmRSS')
    say(`${count} quiet PBXs: CPU ${(costs.share * 100).toFixed(1)} % of a core, ${costs.mb.toFixed(0)} MB`)
  })
  return costs
}

const scenarios: Record<string, (events: readonly Stampable[]) => Promise<unknown>> = {
  busy: (events) => withFleet(SOME, async (fleet) => void (await measured(`${SOME} × 50`, fleet, events, 50))),
  many: (events) => withFleet(MANY, async (fleet) => void (await measured(`${MANY} × 5`, fleet, events, 5))),
  quiet: async () => {
    const few = await quiet(1)
    const many = await quiet(MANY)
    say(
      `a further quiet PBX: ${(((many.mb - few.mb) * 1024) / (MANY - 1)).toFixed(0)} KB, ` +
        `${(((many.share - few.share) * 100) / (MANY - 1)).toFixed(4)} % of a core`,
    )
  },
  flood: (events) =>
    withFleet(SOME, async (fleet) => {
      const flooder = fleet.sessions[0] as FakeSession
      let [isOver, sent] = [false, 0]
      const flooding = (async () => {
        while (!isOver) {
          const now = Date.now()
          let block = ''
          for (let n = 0; n < FLOOD_BLOCK_EVENTS; n++)
            block += stamped(events[sent++ % events.length] as Stampable, now)
          if (!flooder.socket.write(Buffer.from(block, 'latin1'))) {
            await once(flooder.socket, 'drain', { signal: AbortSignal.timeout(100) }).catch(() => {})
          } else await sleep(0)
        }
      })()
      const others = Object.assign(Object.create(fleet) as Fleet, {
        servers: fleet.servers.slice(1),
        probes: fleet.probes.slice(1),
      })
      await play(others, events, 0, 3000)
      fleet.histogram.reset()
      const began = performance.now()
      const sentBefore = sent
      await play(others, events, 0, seconds * 1000)
      const rate = (sent - sentBefore) / ((performance.now() - began) / 1000)
      isOver = true
      await flooding
      say(
        `one PBX floods (${rate.toFixed(0)} events/s taken) beside ${SOME - 1} quiet ones, of these: ${timesOf(fleet.histogram)}; ` +
          `${fleet.histogram.count} measured`,
      )
    }),
}

say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}; the fake PBXs run on the same machine`)
const events = trackedEvents(10e6)
for (const [name, run] of Object.entries(scenarios)) if (only === undefined || only.includes(name)) await run(events)
