import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DATABASE_KINDS, type DatabaseKind, DatabaseServer, NAMES, SHIPPER } from '../databases/database-server.ts'
import { NatsServers } from './nats-server.ts'
import { outcomeOf, percentiles, startShip, until } from './shipping.ts'
import { makeTable } from './tables.ts'

const LINES = Number(process.env.LINES ?? 200_000)
const LIVE_LINES = 300

const folder = mkdtempSync(join(tmpdir(), 'ami-track-ship-figures-'))
const log = join(folder, 'queue_log')
const lineOf = (n: number): string =>
  `${1_795_000_000 + Math.floor(n / 20)}|${1_795_000_000 + n}.${n}|support|PJSIP/1001|COMPLETECALLER|12|${n % 600}|1\n`
writeFileSync(log, Array.from({ length: LINES }, (_, n) => lineOf(n)).join(''))

function tell(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** How long a shipper takes for what is there, its start included. */
async function rate(what: string, args: readonly string[]): Promise<void> {
  const began = performance.now()
  const { code, stderr } = await outcomeOf(startShip([...args, '--once'], { TOSECRET: SHIPPER.password }))
  const seconds = (performance.now() - began) / 1000
  if (code !== 0) throw new Error(stderr)
  tell(`${what}: ${LINES} lines in ${seconds.toFixed(1)} s, ${Math.round(LINES / seconds)} lines/s`)
}

/** How long a line takes from the file to its row: ms. */
async function latency(what: string, server: DatabaseServer, waysOf: (live: string) => string[][]): Promise<void> {
  const live = join(folder, `live-${what.replace(/\W+/g, '-')}`)
  writeFileSync(live, '')
  const table = 'live_log'
  await makeTable(server, 'asterisk', table)
  const stamp = server.kind === 'mysql' ? 'DATETIME(6) DEFAULT SYSDATE(6)' : 'TIMESTAMPTZ DEFAULT clock_timestamp()'
  await server.run(`ALTER TABLE ${table} ADD written ${stamp}`)
  const shippers = waysOf(live).map((args) => startShip(args, { TOSECRET: SHIPPER.password }))
  const outcomes = shippers.map((shipper) => outcomeOf(shipper))
  const appended: number[] = []
  for (let n = 0; n < LIVE_LINES; n++) {
    appended.push(Date.now())
    appendFileSync(live, lineOf(n))
    await sleep(n === 0 ? 3000 : 10 + (n % 7) * 5)
  }
  const written = server.kind === 'mysql' ? 'UNIX_TIMESTAMP(written)' : 'extract(epoch FROM written)'
  let rows: unknown[][] = []
  await until(async () => {
    rows = await server.run(`SELECT ${written} FROM ${table} ORDER BY id`)
    return rows.length === LIVE_LINES
  })
  for (const shipper of shippers) shipper.kill('SIGTERM')
  await Promise.all(outcomes)
  // The first one waits for the start of the shippers.
  const took = rows.map(([at], n) => Number(at) * 1000 - (appended[n] ?? 0)).slice(1)
  tell(`${what}: a line is a row after ${percentiles(took)}`)
}

const nats = await NatsServers.start(3)
try {
  const stream = nats.address()
  await rate('file into JetStream, 3 servers, R3', ['--from', log, '--to', stream, '--replicas', '3', '--pbx', 'one'])
  for (const kind of DATABASE_KINDS) await measure(kind, stream)
} finally {
  await nats.stop()
  rmSync(folder, { recursive: true })
}

async function measure(kind: DatabaseKind, stream: string): Promise<void> {
  const server = await DatabaseServer.start(kind)
  const into = (dialect: string, table: string): string[] => {
    const to = server.address(table, { user: SHIPPER.name })
    return ['--to', to, '--dialect', dialect]
  }
  try {
    for (const dialect of ['asterisk', 'queuemetrics', 'plain'] as const) {
      await makeTable(server, dialect, `log_${dialect}`)
      await rate(`file into ${NAMES[kind]}, ${dialect}`, ['--from', log, ...into(dialect, `log_${dialect}`)])
    }
    await makeTable(server, 'plain', 'log_nats')
    await rate(`JetStream into ${NAMES[kind]}, plain`, ['--from', stream, ...into('plain', 'log_nats')])
    await latency(`file into ${NAMES[kind]}`, server, (live) => [['--from', live, ...into('asterisk', 'live_log')]])
    await server.run('DROP TABLE live_log')
    await latency(`file by JetStream (R3) into ${NAMES[kind]}`, server, (live) => [
      ['--from', live, '--pbx', kind, '--to', `${nats.address(`LIVE_${kind}`)}?subject=${kind}`, '--replicas', '3'],
      ['--from', `${nats.address(`LIVE_${kind}`)}?subject=${kind}`, ...into('asterisk', 'live_log')],
    ])
  } finally {
    await server.stop()
  }
}
