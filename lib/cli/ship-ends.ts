import { readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join } from 'node:path'
import { certificatesOf, secretFrom } from '../daemon/connect-options.ts'
import type { NatsLogin } from '../nats/link.ts'
import { type OptionValues, UsageError } from '../options/kinds.ts'
import type { TableUse } from '../queue-log/database.ts'
import type { Sink, Source } from '../ship/flow.ts'
import { LogSource } from '../ship/log-source.ts'
import { readSinkPlace, type SinkPlace, type StreamPlace } from '../ship/place.ts'
import { USUAL_TABLES } from '../ship/row-shape.ts'
import { SqlSink } from '../ship/sql-sink.ts'
import { StdoutSink } from '../ship/stdout-sink.ts'
import { stdoutAboveBottomRow } from '../text/bottom-row.ts'
import type { Log } from '../text/log.ts'
import { natsLogin } from './nats-login.ts'
import type { OtherSecrets } from './settings.ts'
import type { shipOptions } from './ship-options.ts'

export type ShipValues = OptionValues<typeof shipOptions>

const FILLED: TableUse = {
  verb: 'fill',
  rights: 'SELECT, INSERT',
  secret: '$TOSECRET, the file of --to-secret-file, ~/.my.cnf or ~/.pgpass',
  named: 'another one with --table, or create this one: --schema shows how',
  writes: true,
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
    if (sink.kind !== 'sql') throw new UsageError('--schema needs a database, but --to names none')
    return
  }
  if (from === undefined) throw new UsageError('--from is missing: give a queue_log, or a NATS stream')
  if (fromSecret !== undefined && typeof from === 'string') {
    throw new UsageError('--from-secret-file has no effect: --from is a file and needs no password')
  }
  if (toSecret !== undefined && sink.kind === 'stdout') {
    throw new UsageError('--to-secret-file has no effect: --to is stdout and needs no password')
  }
  if (values['nats-creds'] !== undefined && sink.kind !== 'nats' && typeof from === 'string') {
    throw new UsageError('--nats-creds has no effect: neither --from nor --to is a NATS server')
  }
  if (typeof from !== 'string' && sink.kind === 'nats') {
    throw new UsageError('--from and --to cannot both be NATS. Use mirrors and sources of NATS instead')
  }
  if (typeof from !== 'string' && begin === 'end') {
    throw new UsageError('--begin end has no effect with a stream: qlog-ship ships everything in it')
  }
}

/** The file that is shipped; undefined for a stream. */
export function shippedFile({ from }: ShipValues): string | undefined {
  return typeof from === 'string' ? from : undefined
}

export function sinkPlace({ to, table, dialect }: ShipValues): SinkPlace {
  if (to === undefined) throw new UsageError('--to is missing: give a database, a NATS stream, or - for stdout')
  const place = readSinkPlace(to, table, USUAL_TABLES[dialect])
  if (typeof place === 'string') throw new UsageError(`--to ${place}`)
  return place
}

/** @param log is warned of a secret that others can read */
export async function sourceOf(
  values: ShipValues,
  secrets: OtherSecrets,
  log: Log,
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
    login: loginOf(from, values, secrets, 'from', log),
    follow: !once,
    consumer: linesNameOf(from, values.to ?? ''),
    onProblem,
  })
}

export async function sinkOf(values: ShipValues, secrets: OtherSecrets, log: Log): Promise<Sink> {
  const place = sinkPlace(values)
  const { from, timezone, dialect, partition = 'P001', serverid = '', begin, replicas } = values
  if (place.kind === 'stdout') return new StdoutSink(stdoutAboveBottomRow())
  if (place.kind === 'nats') {
    const { NatsSink } = await import('../ship/nats-sink.ts')
    const login = loginOf(place, values, secrets, 'to', log)
    return new NatsSink(place, { login, pbx: pbxOf(values), replicas, mayBegin: begin === 'end', log })
  }
  const { table } = place
  const ca = table.tls?.ca
  const database = {
    place: table,
    password: secretFrom(values['to-secret-file'], secrets.TOSECRET, log) ?? passwordOfMyCnf(table.kind),
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

function loginOf(
  place: StreamPlace,
  values: ShipValues,
  secrets: OtherSecrets,
  end: 'from' | 'to',
  log: Log,
): NatsLogin {
  const secret = end === 'from' ? secrets.FROMSECRET : secrets.TOSECRET
  return natsLogin(place, { secretFile: values[`${end}-secret-file`], secret, creds: values['nats-creds'] }, log)
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
