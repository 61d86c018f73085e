import { setTimeout as sleep } from 'node:timers/promises'
import { Dice } from '../ship/rotating-log.ts'
import { until } from '../ship/shipping.ts'
import { Disturbances } from './disturbances.ts'
import { FleetStage } from './fleet-stage.ts'
import { type ProbeCall, ProbeCalls } from './probe-calls.ts'

/**
 * `make fleet-loop`: three members, three servers of NATS, and PBXs with calls going on. Members, servers and the links between
 * them are killed, stopped, paused, cut and frozen at random. MINUTES, SEEDS, PBXS.
 */

const MINUTES = Number(process.env.MINUTES ?? 20)
const SEEDS = (process.env.SEEDS ?? '1,2,3').split(',').map(Number)
const PBXS = Number(process.env.PBXS ?? 30)

const CALL_EVERY_MS = 400
/** Each PBX has somebody who writes again within this time, in ms, while one member lives. */
const WRITER_MS = 5000
/** JetStream needs so long, in ms, to choose who leads once a server is gone, or back. */
const BUS_SETTLED_MS = 12_000
/** The last lines may come so much later, in ms: of one that stood still. */
const LAST_LINES_MS = 12_000
/** What is lost when the one that writes dies is of this time around its death, in ms: docs/reliability.md. */
const KILLED_MS = { before: 400, after: 1700 }
/** One that is stopped has up to 2 s. */
const STOPPED_MS = { before: 400, after: 2500 }

/** All members are there, and who had all PBXs alone has handed them over. */
const SETTLED_MS = 15_000

const tell = (text: string): void => void process.stdout.write(`${text}\n`)

async function runSeed(seed: number): Promise<string[]> {
  const dice = new Dice(seed)
  const stage = await FleetStage.open(
    Array.from({ length: PBXS }, (_, n) => `pbx-${n}`),
    3,
  )
  const disturbances = new Disturbances(stage, dice)
  for (const name of ['a', 'b', 'c']) await disturbances.addMember(name)
  const probes = [...stage.pbxs].map(([name, server]) => new ProbeCalls(name, server))
  const callAll = (): void => {
    for (const probe of probes) probe.next()
  }
  await until(() => {
    callAll()
    return probes.every(({ calls }) => calls.some(({ lines }) => lines.length > 0))
  }, 60_000)
  const calling = setInterval(callAll, CALL_EVERY_MS)
  // Until all PBXs have come to rest with their members.
  await sleep(SETTLED_MS)
  for (const probe of probes) probe.begin()
  const end = Date.now() + MINUTES * 60_000
  while (Date.now() < end) {
    await sleep(1000 + dice.roll(5000))
    disturbances.begin()
  }
  await disturbances.over()
  await sleep(LAST_LINES_MS)
  clearInterval(calling)
  await sleep(LAST_LINES_MS)
  const faults = probes.flatMap((probe) => faultsOf(probe, disturbances))
  const calls = probes.reduce((sum, probe) => sum + probe.judged.length, 0)
  const lost = probes.reduce((sum, probe) => sum + probe.judged.filter(isLost).length, 0)
  const longest = Math.max(...probes.flatMap((probe) => probe.silences(0).map(({ from, to }) => to - from)))
  tell(
    `seed ${seed}: ${disturbances.all.length} disturbances in ${MINUTES} minutes, ${calls} calls of ${PBXS} PBXs, ${lost} lost with their writers, ` +
      `the longest time without a line ${(longest / 1000).toFixed(1)} s: ${faults.length === 0 ? 'no line twice, none lost else' : `${faults.length} FAULTS`}`,
  )
  await disturbances.close()
  await stage.close()
  return faults.map((fault) => `seed ${seed}: ${fault}`)
}

function isLost({ lines }: ProbeCall): boolean {
  return lines.length === 0
}

function faultsOf(probe: ProbeCalls, disturbances: Disturbances): string[] {
  const around = (ms: number): string => {
    const near = disturbances.all.filter(({ from, to }) => from < ms + 2000 && to > ms - 8000)
    return near.map(({ what, from, to }) => `${what} from ${from - ms} to ${to - ms} ms`).join(', ') || 'nothing'
  }
  const twice = probe.judged.filter(({ lines }) => lines.length > 1)
  const lost = probe.judged.filter((call) => isLost(call) && !isExcused(call, probe, disturbances))
  const silent = probe.silences(WRITER_MS + CALL_EVERY_MS).filter(({ from, to }) => {
    for (let ms = from; ms <= to; ms += 500) if (!disturbances.isBusAt(ms, BUS_SETTLED_MS)) return false
    return true
  })
  return [
    ...twice.map(
      ({ at, lines }) =>
        `${probe.name}: a line twice, by ${lines.map((line) => `${line.pid} after ${line.at - at} ms`).join(', ')}; ${around(at)}`,
    ),
    ...lost.map(
      (call) =>
        `${probe.name}: lost, with ${call.followers.join(', ')} there, ${probe.writerBefore(call)} had written; ${around(call.at)}`,
    ),
    ...silent.map(({ from, to }) => `${probe.name}: nobody wrote for ${to - from} ms; ${around(from)}`),
  ]
}

/** Whether a line may be lost: with the member that would have written it, or as nobody was there. */
function isExcused(call: ProbeCall, probe: ProbeCalls, { all }: Disturbances): boolean {
  const writer = probe.writerBefore(call)
  const isAt = call.followers.some(
    (pid) => !all.some((one) => one.pid === pid && one.from <= call.at && call.at <= one.to),
  )
  if (!isAt) return true
  return all.some(({ pid, what, from }) => {
    if (pid !== writer || what.endsWith('paused')) return false
    const { before, after } = what.endsWith('stopped') ? STOPPED_MS : KILLED_MS
    return call.at > from - before && call.at < from + after
  })
}

for (const seed of SEEDS) {
  const faults = await runSeed(seed)
  for (const fault of faults.slice(0, 20)) tell(fault)
  if (faults.length > 0) process.exitCode = 1
}
