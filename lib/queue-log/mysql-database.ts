import type { Connection, ConnectionOptions } from 'mysql2'
import { type Column, type Database, type DatabaseOptions, type Dialect, GOODBYE_MS, PATIENCE_MS } from './database.ts'
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
    await this.rows('SET SESSION TRANSACTION READ ONLY', [])
    const [[version] = []] = await this.rows('SELECT VERSION()', [])
    const limit = /mariadb/i.test(version ?? '')
      ? `max_statement_time = ${PATIENCE_MS / 1000}`
      : `max_execution_time = ${PATIENCE_MS}`
    await this.rows(`SET SESSION ${limit}`, [])
  }

  async columns(): Promise<Column[]> {
    const table = dialect.name(this.options.place.table[0] ?? '')
    const columns = await this.rows(`SHOW COLUMNS FROM ${table}`, [])
    return columns.map(([name, type, , , , extra]) => {
      const [, width] = /^(?:var)?(?:char|binary)\((\d+)\)/i.exec(type ?? '') ?? []
      return {
        name: name ?? '',
        width: width === undefined ? undefined : Number(width),
        isCounter: /auto_increment/i.test(extra ?? ''),
      }
    })
  }

  rows(sql: string, values: readonly string[]): Promise<(string | null)[][]> {
    return this.told((done) => {
      const answered = (error: Error | null, rows: unknown): void => done(error, rowsOf(rows))
      // With values, the server puts them in: what escapes them here would depend on its settings.
      if (values.length === 0) this.connection?.query(sql, answered)
      else this.connection?.execute(sql, [...values], answered)
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
