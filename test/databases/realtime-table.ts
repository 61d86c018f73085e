import type { Action } from '../support/fake-asterisk.ts'
import type { DatabaseKind, DatabaseServer } from './database-server.ts'

/** The columns of Asterisk's own table (contrib/ast-db-manage), but for its time. */
const COLUMNS = ['callid', 'queuename', 'agent', 'event', 'data1', 'data2', 'data3', 'data4', 'data5']

export interface TableOptions {
  name?: string
  /** The type of the time column. */
  time?: string
  /** The type of each other column, where it is not Asterisk's. */
  types?: Readonly<Record<string, string>>
  isNumbered?: boolean
  /** By how much the clock of the table is ahead of UTC, in s; undefined: it has the epoch itself. */
  aheadS?: number | undefined
}

/** A queue_log table, filled as Asterisk's drivers fill it. */
export class RealtimeTable {
  readonly name: string
  private readonly server: DatabaseServer
  private readonly aheadS: number | undefined
  private readonly columns: readonly string[]

  private constructor(server: DatabaseServer, name: string, columns: readonly string[], aheadS: number | undefined) {
    this.server = server
    this.name = name
    this.columns = columns
    this.aheadS = aheadS
  }

  static async make(server: DatabaseServer, options: TableOptions = {}): Promise<RealtimeTable> {
    const { kind } = server
    const {
      name = 'queue_log',
      types = {},
      isNumbered = true,
      time = { mysql: 'DATETIME(6)', postgres: 'TIMESTAMP' }[kind],
    } = options
    const aheadS = 'aheadS' in options ? options.aheadS : 0
    const typeOf = (column: string): string =>
      types[column] ?? `VARCHAR(${{ queuename: 256, event: 32 }[column] ?? 100})`
    const all = 'data' in types ? [...COLUMNS.slice(0, 4), 'data'] : COLUMNS
    const id = { mysql: 'id BIGINT AUTO_INCREMENT PRIMARY KEY', postgres: 'id BIGSERIAL PRIMARY KEY' }[kind]
    const columns = [...(isNumbered ? [id] : []), `time ${time}`, ...all.map((column) => `${column} ${typeOf(column)}`)]
    const quoted = quote(kind, name)
    await server.run(`DROP TABLE IF EXISTS ${quoted}`, `CREATE TABLE ${quoted} (${columns.join(', ')})`)
    return new RealtimeTable(server, name, ['time', ...all], aheadS)
  }

  /** What Asterisk writes for a time: seconds since the epoch. */
  stamp(time: number): string {
    if (this.aheadS === undefined) return String(Math.floor(time))
    const shown = new Date(Math.floor(time + this.aheadS) * 1000).toISOString().slice(0, 19).replace('T', ' ')
    return `${shown}.${String(Math.round((time % 1) * 1e6)).padStart(6, '0')}`
  }

  /** Writes lines `TIME|CALLID|QUEUE|AGENT|EVENT|DATA`. MariaDB cuts what is too long, and PostgreSQL would not take it. */
  async write(lines: readonly string[]): Promise<void> {
    const rows = lines.map((line) => {
      const [time = '', callid = '', queue = '', agent = '', event = '', ...data] = line.split('|')
      return [this.stamp(Number(time)), ...[callid, queue, agent, event].map(coded), ...this.dataOf(data).map(coded)]
    })
    const table = quote(this.server.kind, this.name)
    const places = `(${this.columns.map(() => '?').join(', ')})`
    const connection = await this.server.session()
    try {
      if (this.server.kind === 'mysql') await connection.run("SET SESSION sql_mode = ''")
      for (let at = 0; at < rows.length; at += 500) {
        const some = rows.slice(at, at + 500)
        await connection.run(
          `INSERT INTO ${table} (${this.columns.join(', ')}) VALUES ${some.map(() => places).join(', ')}`,
          some.flat(),
        )
      }
    } finally {
      await connection.end()
    }
  }

  /** Doubles the rows of an event, so many times. */
  async double(event: string, times: number): Promise<void> {
    const columns = this.columns.join(', ')
    const table = quote(this.server.kind, this.name)
    const statement = [
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${table} WHERE event = ?`,
      [event],
    ] as const
    await this.server.run(...Array.from({ length: times }, () => statement))
  }

  /** Writes what a QueueLog action asks for. */
  async store(action: Action, time: number): Promise<void> {
    const columns = ['uniqueid', 'queue', 'interface', 'event'].map((name) => action.get(name) ?? '')
    await this.write([[time, ...columns, action.get('message') ?? ''].join('|')])
  }

  /** The lines that are there of an event, in their order, without their times and data. */
  async eventsOf(callid: string): Promise<string[]> {
    const rows = await this.server.run([
      `SELECT event FROM ${quote(this.server.kind, this.name)} WHERE callid = ? ORDER BY id`,
      [callid],
    ])
    return rows.map(([event]) => String(event))
  }

  /** As many columns as there are: the last has the rest. */
  private dataOf(data: readonly string[]): string[] {
    const count = this.columns.length - 5
    return Array.from({ length: count }, (_, n) => (n === count - 1 ? data.slice(n).join('|') : (data[n] ?? '')))
  }
}

export function quote(kind: DatabaseKind, name: string): string {
  return kind === 'mysql' ? `\`${name.replaceAll('`', '``')}\`` : `"${name.replaceAll('"', '""')}"`
}

/** As res_config_mysql, res_config_pgsql and res_odbc write a text. */
function coded(text: string): string {
  return text.replace(/[;^]/g, (letter) => `^${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Lines of Asterisk's own: calls that come into a queue, one each second, the first line a second after its channel was made. */
export function ownLines(from: number, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${from + n + 1}|${from + n}.${n}|support|NONE|ENTERQUEUE||0310${n}|1`)
}
