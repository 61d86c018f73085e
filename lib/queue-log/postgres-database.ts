import type { Socket } from 'node:net'
import type { Client } from 'pg'
import {
  type Column,
  type Database,
  type DatabaseOptions,
  type Dialect,
  FILLING_MS,
  GOODBYE_MS,
  PATIENCE_MS,
  SILENT_S,
  type Value,
} from './database.ts'
import { noTable, tableProblem } from './table-problem.ts'

const dialect: Dialect = {
  name: (name) => `"${name.replaceAll('"', '""')}"`,
  value: (n) => `$${n}`,
  number: (n) => `$${n}::bigint`,
  text: (column, letters) => `left(${column}::text, ${letters})`,
}

const COLUMNS = `
  SELECT a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN t.typname IN ('varchar', 'bpchar') AND a.atttypmod > 4 THEN a.atttypmod - 4 END,
    a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false)
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = to_regclass($1::text) AND a.attnum > 0 AND NOT a.attisdropped`

/** A table in PostgreSQL. */
export class PostgresDatabase implements Database {
  readonly dialect = dialect
  private readonly options: DatabaseOptions
  private client: Client | undefined

  constructor(options: DatabaseOptions) {
    this.options = options
  }

  async open(): Promise<void> {
    const { place, password, ca, use } = this.options
    // Who reads no table has no need of it.
    const { default: pg } = await import('pg')
    const { socket, tls } = place
    const [, folder, port] = /^(.*)\/\.s\.PGSQL\.(\d+)$/.exec(socket ?? '') ?? []
    const client = new pg.Client({
      host: folder ?? socket ?? place.host,
      port: port === undefined ? place.port : Number(port),
      user: place.user,
      // Who reads takes not that of another program, in $PGPASSWORD or ~/.pgpass.
      ...(password === undefined && use?.writes ? {} : { password: () => password ?? '' }),
      database: place.database,
      application_name: 'ami-track',
      connectionTimeoutMillis: PATIENCE_MS,
      ssl: tls === undefined ? false : { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) },
    })
    this.client = client
    // A connection that is lost tells whoever waits for an answer as well.
    client.on('error', () => {})
    await this.told(client.connect())
    await this.rows(`SET statement_timeout = ${use?.writes ? FILLING_MS : PATIENCE_MS}`, [])
    if (!use?.writes) await this.rows('SET default_transaction_read_only = on', [])
    else {
      // Who died without a word is forgotten soon, and with it its lock.
      await this.rows(`SET tcp_keepalives_idle = ${SILENT_S / 3}`, [])
      await this.rows(`SET tcp_keepalives_interval = ${SILENT_S / 9}`, [])
      await this.rows('SET tcp_keepalives_count = 6', [])
    }
    await this.rows("SET TimeZone = 'UTC'", [])
    await this.rows("SET DateStyle = 'ISO'", [])
  }

  async columns(): Promise<Column[]> {
    const table = this.options.place.table.map(dialect.name).join('.')
    const columns = await this.rows(COLUMNS, [table])
    if (columns.length === 0) throw noTable(this.options.place, this.options.use)
    return columns.map(([name, type, width, isCounter]) => ({
      name: name ?? '',
      type: (type ?? '').toLowerCase(),
      width: width === null || width === undefined ? undefined : Number(width),
      isCounter: isCounter === 'true',
    }))
  }

  async rows(sql: string, values: readonly Value[]): Promise<(string | null)[][]> {
    const { client } = this
    if (client === undefined) return []
    const { rows } = await this.told(
      client.query<(string | number | boolean | null)[]>({ text: sql, values: [...values], rowMode: 'array' }),
    )
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))))
  }

  end(): void {
    const { client } = this
    if (client === undefined) return
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    client.end().catch(() => {})
    setTimeout(() => stream.destroy(), GOODBYE_MS).unref()
  }

  private async told<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      throw tableProblem(error as Error, this.options)
    }
  }
}
