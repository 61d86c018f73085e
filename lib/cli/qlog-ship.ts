import { readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { certificatesOf, readSecret } from '../daemon/connect-options.ts'
import { version } from '../files/version.ts'
import { type OptionValues, UsageError } from '../options/kinds.ts'
import type { TableUse } from '../queue-log/database.ts'
import { TailProblem } from '../queue-log/tail.ts'
import type { Sink, Source } from '../ship/flow.ts'
import { LogSource } from '../ship/log-source.ts'
import { serveShipMetrics } from '../ship/metrics-server.ts'
import { readSinkPlace, type SinkPlace, type StreamPlace } from '../ship/place.ts'
import { USUAL_TABLES } from '../ship/row-shape.ts'
import { schemaOf } from '../ship/schema.ts'
import { Shipper } from '../ship/shipper.ts'
import { SqlSink } from '../ship/sql-sink.ts'
import { StdoutSink } from '../ship/stdout-sink.ts'
import { stdoutAboveBottomRow, tellOnStderr } from '../text/bottom-row.ts'
import { EXIT } from '../text/exit.ts'
import type { Log } from '../text/log.ts'
import type { Reporter } from '../text/report.ts'
import { endSignal } from './end-signal.ts'
import type { Said } from './program.ts'
import { showProgress } from './progress.ts'
import type { OtherSecrets } from './settings.ts'
import { checkShipping } from './ship-check.ts'
import type { shipOptions } from './ship-options.ts'

type ShipValues = OptionValues<typeof shipOptions>

const FILLED: TableUse = {
  verb: 'fill',
  rights: 'SELECT, INSERT',
  secret: '$TOSECRET, the file of --to-secret-file, ~/.my.cnf or ~/.pgpass',
  named: 'another one with --table, or make this one: --schema shows how',
  writes: true,
}

const log: Log = {
  debug: () => {},
  info: (text) => tellOnStderr(`qlog-ship: ${text}`, 'info'),
  warn: (text) => tellOnStderr(`qlog-ship: ${text}`, 'warn'),
  error: (text) => tellOnStderr(`qlog-ship: ${text}`, 'error'),
}

/**
 * What is missing or contradicts itself.
 *
 * @throws UsageError
 */
export function assertShippable(values: ShipValues): void {
  const sink = sinkPlace(values)
  const { from, schema, 'from-secret-file': fromSecret, 'to-secret-file': toSecret, begin } = values
  if (schema) {
    if (sink.kind !== 'sql') throw new UsageError('--schema is that of a database: --to names none')
    return
  }
  if (from === undefined) throw new UsageError('--from is missing: it names a queue_log, or a stream of NATS')
  if (fromSecret !== undefined && typeof from === 'string') {
    throw new UsageError('--from-secret-file is the password of a server: --from names a file')
  }
  if (toSecret !== undefined && sink.kind === 'stdout') {
    throw new UsageError('--to-secret-file is the password of a server: --to names none')
  }
  if (values['nats-creds'] !== undefined && sink.kind !== 'nats' && typeof from === 'string') {
    throw new UsageError('--nats-creds is for a server of NATS: neither --from nor --to names one')
  }
  if (typeof from !== 'string' && sink.kind === 'nats') {
    throw new UsageError('--from and --to both name NATS: its own mirrors and sources do that')
  }
  if (typeof from !== 'string' && begin === 'end') {
    throw new UsageError('--begin end has no effect with a stream: what is in it waits to be shipped')
  }
}

/**
 * `qlog-ship --from SOURCE --to SINK`.
 *
 * @throws Failure, Hopeless, or TailProblem if it cannot go on
 */
export async function ship(values: ShipValues, reporter: Reporter, { secrets }: Said): Promise<void> {
  const place = sinkPlace(values)
  if (values.schema && place.kind === 'sql') {
    const { kind, table } = place.table
    process.stdout.write(schemaOf(kind, values.dialect, table.join('.')))
    return
  }
  const onProblem = (kind: string, text: string): void => reporter.report(kind, text)
  const source = await sourceOf(values, secrets, onProblem)
  const sink = await sinkOf(values, place, secrets)
  if (values.check) {
    const path = typeof values.from === 'string' ? values.from : undefined
    const isWell = await checkShipping(sink, path, (text) => process.stdout.write(`${text}\n`))
    if (!isWell) process.exitCode = EXIT.failed
    return
  }
  const signal = endSignal(EXIT.ok)
  const bar = new Bar()
  const shipper = new Shipper({
    source,
    sink,
    signal,
    log,
    once: values.once,
    isHopeless: (error) => error instanceof TailProblem && error.isLasting,
    onBatch: (unread) => bar.draw(unread),
    onCaughtUp: () => bar.end(),
  })
  const counts = sink instanceof SqlSink ? sink.counts : undefined
  const server =
    values.metrics && (await serveShipMetrics(values.metrics, { version: version(), shipper, source, counts }))
  if (server !== undefined) log.info(`metrics are at ${server.url}/metrics`)
  try {
    await shipper.run()
  } finally {
    bar.end()
    await server?.close()
    tellCounts(shipper, sink)
  }
}

function sinkPlace({ to, table, dialect }: ShipValues): SinkPlace {
  if (to === undefined) throw new UsageError('--to is missing: it names a database, a stream of NATS, or - for stdout')
  const place = readSinkPlace(to, table, USUAL_TABLES[dialect])
  if (typeof place === 'string') throw new UsageError(`--to ${place}`)
  return place
}

async function sourceOf(
  values: ShipValues,
  secrets: OtherSecrets,
  onProblem: (kind: string, text: string) => void,
): Promise<Source> {
  const { from, once, begin } = values
  const pbx = pbxOf(values)
  if (typeof from === 'string') {
    return new LogSource(from, { pbx, follow: !once, atEnd: begin === 'end', onProblem })
  }
  if (from === undefined) throw new UsageError('--from is missing')
  const { NatsSource } = await import('../ship/nats-source.ts')
  const { linesNameOf } = await import('../ship/nats-names.ts')
  return new NatsSource(from, {
    login: natsLogin(from, values, secrets, 'from'),
    follow: !once,
    consumer: linesNameOf(from, values.to ?? ''),
    onProblem,
  })
}

async function sinkOf(values: ShipValues, place: SinkPlace, secrets: OtherSecrets): Promise<Sink> {
  const { from, timezone, dialect, partition = 'P001', serverid = '', begin, replicas } = values
  if (place.kind === 'stdout') return new StdoutSink(stdoutAboveBottomRow())
  if (place.kind === 'nats') {
    const { NatsSink } = await import('../ship/nats-sink.ts')
    const login = natsLogin(place, values, secrets, 'to')
    return new NatsSink(place, { login, pbx: pbxOf(values), replicas, mayBegin: begin === 'end', log })
  }
  const { table } = place
  const ca = table.tls?.ca
  const database = {
    place: table,
    password: secretOf(values['to-secret-file'], secrets.TOSECRET) ?? passwordOfMyCnf(table.kind),
    ca: ca === undefined ? undefined : certificatesOf(ca),
    use: FILLED,
  }
  const lines = typeof from === 'object' ? `${from.stream} ${from.subject}` : pbxOf(values)
  return new SqlSink({
    database,
    dialect,
    zone: timezone,
    partition,
    serverid,
    lines,
    onWarning: (text) => log.warn(text),
  })
}

function natsLogin(
  place: StreamPlace,
  values: ShipValues,
  secrets: OtherSecrets,
  end: 'from' | 'to',
): { password: string | undefined; creds: Buffer | undefined; ca: string | undefined } {
  const { 'nats-creds': creds } = values
  const variable = end === 'from' ? secrets.FROMSECRET : secrets.TOSECRET
  return {
    password: secretOf(values[`${end}-secret-file`], variable),
    creds: creds === undefined ? undefined : readFileSync(creds),
    ca: place.tls?.ca === undefined ? undefined : certificatesOf(place.tls.ca),
  }
}

function secretOf(file: string | undefined, variable: string | undefined): string | undefined {
  return file === undefined ? variable || undefined : readSecret(file, log)
}

/** What the clients of MariaDB and MySQL read as well. pg reads ~/.pgpass by itself. */
function passwordOfMyCnf(kind: 'mysql' | 'postgres'): string | undefined {
  if (kind !== 'mysql') return undefined
  let text = ''
  try {
    text = readFileSync(join(homedir(), '.my.cnf'), 'utf8')
  } catch {
    return undefined
  }
  let isOfClients = false
  let password: string | undefined
  for (const line of text.split(/\r?\n/)) {
    const [, group] = /^\s*\[([^\]]+)\]/.exec(line) ?? []
    if (group !== undefined) isOfClients = /^client(-server|-mariadb)?$/.test(group)
    const [, quote = '', value] = /^\s*password\s*=\s*(["']?)(.*?)\1\s*$/.exec(line) ?? []
    if (isOfClients && value !== undefined) password = quote === '' ? value : value.replaceAll('\\\\', '\\')
  }
  return password
}

function pbxOf({ pbx }: ShipValues): string {
  return pbx ?? hostname()
}

/** Draws how much is left to catch up with, where that takes a while. */
class Bar {
  private readonly file = { size: 0, bytesRead: 0 }
  private take: (() => void) | undefined
  private isOver = false

  draw(unread: number): void {
    if (this.isOver) return
    this.file.size = Math.max(this.file.size, unread)
    this.file.bytesRead = this.file.size - unread
    this.take ??= showProgress(this.file)
  }

  end(): void {
    this.isOver = true
    this.take?.()
  }
}

function tellCounts({ status }: Shipper, sink: Sink): void {
  const more = sink instanceof SqlSink ? moreOf(sink) : ''
  log.info(`${status.lines} lines were shipped to ${sink.name}${more}`)
}

function moreOf({ counts }: SqlSink): string {
  const { malformed, altered, refused, cut } = counts
  const told: [number, string][] = [
    [malformed, 'were none'],
    [altered, 'with letters replaced'],
    [refused, 'refused'],
    ...[...cut].map(([column, count]): [number, string] => [count, `cut in ${column}`]),
  ]
  const parts = told.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
