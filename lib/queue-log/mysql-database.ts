import type { Connection, ConnectionOptions } from 'mysql2'
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
import { tableProblem } from './table-problem.ts'

const dialect: Dialect = {
  name: (name) => `\`${name.replaceAll('`', '``')}\``,
  value: () => '?',
  number: () => 'CAST(? AS SIGNED)',
  text: (column, letters) => `LEFT(CONVERT(${column} USING utf8mb4), ${letters})`,
}

/** A table in MariaDB or MySQL. */
export class MysqlDatabase implements Database {
  readonly dialect = dialect
  private readonly options: DatabaseOptions
  private connection: Connection | undefined

  constructor(options: DatabaseOptions) {
    this.options = options
  }

  async open(): Promise<void> {
    const { place, password, ca } = this.options
    // Who reads no table has no need of it.
    const { default: mysql } = await import('mysql2')
    const { socket, tls } = place
    const config: ConnectionOptions = {
      ...(socket === undefined ? { host: place.host, port: place.port } : { socketPath: socket }),
      user: place.user,
      ...(password === undefined ? {} : { password }),
      database: place.database,
      charset: 'utf8mb4',
      rowsAsArray: true,
      connectTimeout: PATIENCE_MS,
      // No server gets a file of this machine, and no code is made of what it sends.
      flags: ['-LOCAL_FILES'],
      disableEval: true,
      ...(tls === undefined
        ? {}
        : { ssl: { ...(ca === undefined ? {} : { ca }), rejectUnauthorized: true, verifyIdentity: true } }),
    }
    const connection = mysql.createConnection(config)
    this.connection = connection
    // A connection that is lost tells whoever waits for an answer as well.
    connection.on('error', () => {})
    await this.told<void>((done) => connection.connect((error) => done(error)))
    if (this.options.use?.writes) await this.beginToFill()
    else await this.rows('SET SESSION TRANSACTION READ ONLY', [])
    const limitMs = this.options.use?.writes ? FILLING_MS : PATIENCE_MS
    const [[version] = []] = await this.rows('SELECT VERSION()', [])
    const limit = /mariadb/i.test(version ?? '')
      ? `max_statement_time = ${limitMs / 1000}`
      : `max_execution_time = ${limitMs}`
    await this.rows(`SET SESSION ${limit}`, [])
  }

  /** What does not fit into a column is no error: it would come again forever. Times are told in UTC. */
  private async beginToFill(): Promise<void> {
    await this.rows("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', time_zone = '+00:00'", [])
    // Who died without a word is forgotten soon, and with it its lock.
    await this.rows(`SET SESSION wait_timeout = ${SILENT_S}`, [])
    await this.rows('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED', [])
  }

  async columns(): Promise<Column[]> {
    const table = dialect.name(this.options.place.table[0] ?? '')
    const columns = await this.rows(`SHOW COLUMNS FROM ${table}`, [])
    return columns.map(([name, type, , , , extra]) => {
      const [, width] = /^(?:var)?(?:char|binary)\((\d+)\)/i.exec(type ?? '') ?? []
      return {
        name: name ?? '',
        type: (type ?? '').toLowerCase(),
        width: width === undefined ? undefined : Number(width),
        isCounter: /auto_increment/i.test(extra ?? ''),
      }
    })
  }

  rows(sql: string, values: readonly Value[]): Promise<(string | null)[][]> {
    return this.told((done) => {
      const answered = (error: Error | null, rows: unknown): void => done(error, rowsOf(rows))
      // With values, the server puts them in: what escapes them here would depend on its settings.
      if (values.length === 0) this.connection?.query(sql, answered)
      else this.connection?.execute(sql, values as (string | null)[], answered)
    })
  }

  end(): void {
    const { connection } = this
    if (connection === undefined) return
    connection.end(() => connection.destroy())
    setTimeout(() => connection.destroy(), GOODBYE_MS).unref()
  }

  private told<T>(ask: (done: (error: Error | null, answer?: T) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      ask((error, answer) => {
        if (error === null || error === undefined) resolve(answer as T)
        else reject(tableProblem(error, this.options))
      })
    })
  }
}

function rowsOf(rows: unknown): (string | null)[][] {
  if (!Array.isArray(rows)) return []
  return rows.map((row: unknown[]) => row.map((value) => (value === null ? null : String(value))))
}
