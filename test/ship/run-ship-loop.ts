import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Dialect, USUAL_TABLES } from '../../lib/ship/row-shape.ts'
import { type DatabaseKind, DatabaseServer, SHIPPER } from '../databases/database-server.ts'
import { endOf } from '../support/programs.ts'
import { NatsServers } from './nats-server.ts'
import { Dice, RotatingLog } from './rotating-log.ts'
import { startShip, until } from './shipping.ts'
import { makeTable, replicaOf } from './tables.ts'

const KILLS = Number(process.env.KILLS ?? 200)
const SEEDS = (process.env.SEEDS ?? '1,2,3').split(',').map(Number)
const ONLY = process.env.SINK
/** How long the last lines may take, in ms: whoever stands by or waits looks again within half a minute. */
const SETTLE_MS = Number(process.env.SETTLE_MS ?? 120_000)

/** A way of the lines, and the table at its end. */
interface Way {
  readonly name: string
  readonly kind: DatabaseKind
  readonly dialect: Dialect
  readonly table: string
  readonly isByNats: boolean
}

const WAYS: readonly Way[] = [
  { name: 'mysql', kind: 'mysql', dialect: 'asterisk', table: 'queue_log', isByNats: false },
  { name: 'myisam', kind: 'mysql', dialect: 'queuemetrics', table: 'qm_log', isByNats: false },
  { name: 'postgres', kind: 'postgres', dialect: 'asterisk', table: 'queue_log', isByNats: false },
  { name: 'nats', kind: 'postgres', dialect: 'plain', table: USUAL_TABLES.plain, isByNats: true },
]

/** Somebody who can be killed, and comes again. */
interface Victim {
  readonly name: string
  kill(): Promise<void>
}

async function runSeed(seed: number): Promise<string[]> {
  const dice = new Dice(seed)
  const ways = WAYS.filter(({ name }) => ONLY === undefined || name === ONLY)
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-ship-loop-'))
  const log = new RotatingLog(join(folder, 'queue_log'), dice)
  const databases = new Map<DatabaseKind, DatabaseServer>()
  for (const kind of new Set(ways.map((way) => way.kind))) databases.set(kind, await DatabaseServer.start(kind))
  const databaseOf = ({ kind }: Way): DatabaseServer => databases.get(kind) as DatabaseServer
  const nats = ways.some(({ isByNats }) => isByNats) ? await NatsServers.start(3) : undefined
  for (const way of ways) await makeTable(databaseOf(way), way.dialect, way.table)
  const shippers: Shipper[] = []
  for (const way of ways) {
    for (const args of argsOf(way, log.path, databaseOf(way), nats)) {
      // The second one is there by mistake.
      for (let twin = 0; twin < 2; twin++) shippers.push(new Shipper(`${way.name} ${twin}`, args))
    }
  }
  const victims: Victim[] = [
    ...shippers,
    ...[...databases].map(([kind, server]): Victim => ({ name: kind, kill: () => crash(server, dice) })),
    ...(nats === undefined ? [] : nodesOf(nats, dice)),
  ]
  // Where no line is shipped yet, a shipper begins with the file that has the name.
  for (const way of ways)
    await until(async () => (await replicaOf(databaseOf(way), way.dialect, way.table)).length > 0, SETTLE_MS)
  const kills = new Map<string, number>()
  const began = performance.now()
  let isOver = false
  const writing = write(log, dice, () => isOver)
  for (let kill = 0; kill < KILLS; kill++) {
    await sleep(20 + dice.roll(180))
    // Shippers die more often than servers.
    const victim = victims[dice.roll(3) === 0 ? dice.roll(victims.length) : dice.roll(shippers.length)] as Victim
    await victim.kill()
    kills.set(victim.name, (kills.get(victim.name) ?? 0) + 1)
  }
  isOver = true
  await writing
  const faults: string[] = []
  for (const way of ways) {
    const fault = await faultOf(way, databaseOf(way), log.lines)
    if (fault !== undefined) faults.push(`seed ${seed}, ${way.name}: ${fault}`)
  }
  if (faults.length > 0) for (const shipper of shippers) faults.push(`${shipper.name}: ${shipper.said.slice(-600)}`)
  await Promise.all(shippers.map((shipper) => shipper.end()))
  for (const server of databases.values()) await server.stop()
  await nats?.stop()
  if (faults.length === 0) rmSync(folder, { recursive: true })
  else faults.push(`the files are in ${folder}`)
  const counts = [...kills].map(([name, count]) => `${name} ${count}`).join(', ')
  const seconds = Math.round((performance.now() - began) / 1000)
  tell(
    `seed ${seed}: ${KILLS} kills (${counts}), ${log.rotations} rotations, ${log.lines.length} lines into ${ways.map(({ name }) => name).join(', ')} in ${seconds} s: ${faults.length === 0 ? 'each once, in order' : 'FAULTS'}`,
  )
  return faults
}

/** A shipper that is started again whenever it is killed. */
class Shipper implements Victim {
  readonly name: string
  said = ''
  private readonly args: readonly string[]
  private child: ChildProcess

  constructor(name: string, args: readonly string[]) {
    this.name = name
    this.args = args
    this.child = this.start()
  }

  async kill(): Promise<void> {
    const ended = endOf(this.child)
    this.child.kill('SIGKILL')
    await ended
    this.child = this.start()
  }

  async end(): Promise<void> {
    const ended = endOf(this.child)
    this.child.kill('SIGKILL')
    await ended
  }

  private start(): ChildProcess {
    const child = startShip(this.args, { TOSECRET: SHIPPER.password })
    child.stdout?.resume()
    child.stderr?.on('data', (chunk: Buffer) => {
      this.said = (this.said + chunk.toString()).slice(-4000)
    })
    child.on('exit', (code) => {
      if (code !== null) this.said += `(ended with ${code})\n`
    })
    return child
  }
}

async function crash(server: DatabaseServer, dice: Dice): Promise<void> {
  await server.kill()
  await sleep(dice.roll(300))
  await server.restart()
}

function nodesOf(nats: NatsServers, dice: Dice): Victim[] {
  return Array.from({ length: nats.count }, (_, n) => ({
    name: `node ${n}`,
    kill: async () => {
      await nats.killNode(n)
      await sleep(dice.roll(300))
      nats.startNode(n)
    },
  }))
}

async function write(log: RotatingLog, dice: Dice, isOver: () => boolean): Promise<void> {
  for (let turn = 0; !isOver(); turn++) {
    log.append(1 + dice.roll(turn % 50 === 0 ? 2000 : 12))
    if (dice.roll(150) === 0) log.rotate()
    await sleep(5 + dice.roll(30))
  }
}

function argsOf(way: Way, path: string, server: DatabaseServer, nats?: NatsServers): string[][] {
  const to = server.address(way.table, { user: SHIPPER.name })
  const into = ['--to', to, '--dialect', way.dialect, '--timezone', 'UTC']
  if (!way.isByNats || nats === undefined) return [['--from', path, '--pbx', way.name, ...into]]
  const stream = nats.address()
  return [
    ['--from', path, '--pbx', way.name, '--to', stream, '--replicas', '3'],
    ['--from', stream, ...into],
  ]
}

/** What differs between a table and the file; undefined if nothing does. */
async function faultOf(way: Way, server: DatabaseServer, lines: readonly string[]): Promise<string | undefined> {
  const end = performance.now() + SETTLE_MS
  let rows: string[] = []
  while (performance.now() < end) {
    rows = await replicaOf(server, way.dialect, way.table)
    if (rows.length >= lines.length) break
    await sleep(500)
  }
  // Whoever doubles rows may do so only now.
  await sleep(1000)
  rows = await replicaOf(server, way.dialect, way.table)
  const at = lines.findIndex((line, n) => rows[n] !== line)
  if (at < 0 && rows.length === lines.length) return undefined
  const positions = await server.run('SELECT * FROM ami_track_position')
  const kept = JSON.stringify([positions, way.kind === 'mysql' ? await server.run('SHOW PROCESSLIST') : ''])
  return `${kept} ${rows.length} rows of ${lines.length} lines; the first that differs is ${at}: ${rows[at]} instead of ${lines[at]}`
}

function tell(text: string): void {
  process.stdout.write(`${text}\n`)
}

for (const seed of SEEDS) {
  const faults = await runSeed(seed)
  for (const fault of faults) tell(fault)
  if (faults.length > 0) process.exitCode = 1
}
