import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { randomNumbers } from '../../../bench/generate.ts'
import { lanes, MOST_LANES } from '../lanes.ts'
import { seconds, until } from '../patience.ts'
import { Run } from '../run.ts'
import type { Played } from '../run-flow.ts'
import { labFolder, type ServerEntry } from '../servers.ts'
import { Stage } from '../stage.ts'
import type { Life } from './life.ts'
import { Lives } from './lives.ts'
import { chosen } from './mix.ts'
import { type Outcome, verdictOn } from './verdict.ts'

export interface SoakOptions {
  entry: ServerEntry
  /** Calls that begin in a second. */
  rate: number
  minutes: number
  /** Which calls: the same seed gives the same ones. */
  seed: number
  /** Told how far it is. */
  onProgress?: (text: string) => void
}

/** A call takes a lane for so long at most, so that with the calls of so many s there is a lane for each. */
const LANE_S = 12
/** An idle daemon's journal is small: so many bytes, within this time. */
const SMALL_BYTES = 20_000
const IDLE_MS = 60_000

/**
 * Plays calls at a steady rate on a server of the lab, with two daemons that end in all ways meanwhile, and holds every line
 * against what the phones did.
 *
 * @throws Error if the server or a daemon cannot be started
 */
export async function soak({ entry, rate, minutes, seed, onProgress = () => {} }: SoakOptions): Promise<Outcome> {
  const lives = new Lives(entry)
  const laneCount = Math.min(MOST_LANES, Math.ceil(rate * LANE_S) + 1)
  const run = await Run.open(entry, 'soak-1', {
    variations: { laneCount },
    isSilent: true,
    daemon: (server) => lives.options('first', server),
  })
  const load = { began: Date.now(), calls: 0, withoutLane: 0, mostAtOnce: 0, machine: [] as number[] }
  const ahead = new AbortController()
  let playing: ReturnType<typeof playCalls> | undefined
  try {
    lives.begin(run)
    const resident = await residentOfConference(run)
    const watching = watch(lives, load.machine, ahead.signal)
    const disturbing = disturb(lives, minutes * 60, onProgress)
    playing = playCalls(run, { rate, minutes, seed }, load, onProgress, ahead.signal)
    const [{ ends }] = await Promise.all([playing, disturbing])
    await ends
    load.calls = run.played.length
    await resident.clear()
    const idleMs = await idle(lives.active)
    const open = (await Promise.all(lives.alive.map(({ daemon }) => daemon.openCalls()))).flat()
    ahead.abort()
    await watching
    await lives.stop()
    const outcome = await verdictOn(run, lives, { ...load, rate, minutes, seed, laneCount, idleMs, open })
    const folder = join(labFolder, 'dumps')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${entry.name}-soak.differences`), outcome.reports.join('\n\n'))
    return outcome
  } finally {
    ahead.abort()
    // The phones of calls that go on would keep the process.
    await (await playing)?.ends
    for (const { daemon } of lives.alive) await daemon.stop()
    await run.close()
  }
}

/** Somebody who is in the conference all the time: its bridge stays. Lane 0 is used by no flow. */
async function residentOfConference(run: Run): Promise<Stage> {
  const stage = new Stage(lanes[0] as Played['lane'], run.server.entry, run.ami, run.channels, true)
  await (await stage.phone('stranger')).call('*70')
  return stage
}

/** Begins calls at a steady rate. @returns when the last one has begun, a promise of their ends */
async function playCalls(
  run: Run,
  { rate, minutes, seed }: Pick<SoakOptions, 'rate' | 'minutes' | 'seed'>,
  load: { began: number; withoutLane: number; mostAtOnce: number },
  onProgress: (text: string) => void,
  signal: AbortSignal,
): Promise<{ ends: Promise<unknown> }> {
  const random = randomNumbers(seed)
  const going = new Set<Promise<void>>()
  const count = Math.round(rate * minutes * 60)
  load.began = Date.now()
  // If a daemon could not be started, nothing is to be learnt any more.
  for (let call = 0; call < count && !signal.aborted; call++) {
    const due = load.began + (call * 1000) / rate
    if (due > Date.now()) await seconds((due - Date.now()) / 1000)
    const flow = chosen(random())
    if (call % (rate * 30) === 0) onProgress(`${call} of ${count} calls, ${going.size} go on`)
    if (run.freeLanes === 0) {
      load.withoutLane++
      continue
    }
    // What is wrong with it is found at the end.
    const played = run.play(flow).catch(() => {})
    going.add(played)
    load.mostAtOnce = Math.max(load.mostAtOnce, going.size)
    played.finally(() => going.delete(played))
  }
  return { ends: Promise.all(going) }
}

/**
 * What happens on the way, as parts of the whole time. A standby knows of the outbound calls that begin after its own start, so
 * it is there for a while before it has to take over. The rest is left in peace, to see whether anything grows.
 */
async function disturb(lives: Lives, wholeS: number, onProgress: (text: string) => void): Promise<void> {
  const began = Date.now()
  const at = async (part: number, what: string, play: () => Promise<unknown>): Promise<void> => {
    await seconds(Math.max(0, (began + part * wholeS * 1000 - Date.now()) / 1000))
    onProgress(what)
    await play()
  }
  await at(0.05, 'SIGTERM', () => lives.restart('first', 'SIGTERM'))
  await at(0.14, 'kill -9', () => lives.restart('first', 'kill -9'))
  await at(0.23, 'a standby is started', () => lives.start('second'))
  await at(0.39, 'kill -9 of the one that writes', () => lives.takeOver('kill -9'))
  await at(0.44, 'it is started again, as a standby', () => lives.start('first'))
  await at(0.6, 'SIGTERM of the one that writes', () => lives.takeOver('SIGTERM'))
}

async function watch(lives: Lives, machine: number[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await lives.sample()
    machine.push(loadavg()[0] ?? 0)
    await seconds(1)
  }
}

/** Waits until the journal of an idle daemon is small. @returns how long that took in ms, or undefined if it did not */
async function idle(life: Life): Promise<number | undefined> {
  const began = performance.now()
  const isSmall = (): boolean => (life.samples.at(-1)?.journalBytes ?? 0) < SMALL_BYTES
  return until(isSmall, 'a small journal', IDLE_MS).then(
    () => performance.now() - began,
    () => undefined,
  )
}
