import { createHash } from 'node:crypto'
import { type Database, type DatabaseOptions, FILLING_MS, SILENT_S } from '../queue-log/database.ts'
import { MysqlDatabase } from '../queue-log/mysql-database.ts'
import { PostgresDatabase } from '../queue-log/postgres-database.ts'
import { silent } from '../queue-log/table-problem.ts'
import { Hopeless } from '../text/exit.ts'
import { type Batch, type Position, type Sink, StandBy } from './flow.ts'
import { type KeptPosition, type Pending, PositionTable } from './position-table.ts'
import { type RowOptions, RowShape } from './row-shape.ts'
import { writeRows } from './row-writer.ts'

export interface SqlSinkOptions extends RowOptions {
  readonly database: DatabaseOptions
  /** Of which lines the position is: the name of the PBX, or of the stream. */
  readonly lines: string
  /** Told of what an administrator should know. */
  readonly onWarning: (text: string) => void
}

/** What became of rows. */
export interface RowCounts {
  rows: number
  /** Lines that are none. */
  malformed: number
  /** Fields that were cut, by their columns. */
  readonly cut: Map<string, number>
  /** Rows of which letters were replaced. */
  altered: number
  /** Rows that the table refused. */
  refused: number
}

const DATABASES = { mysql: MysqlDatabase, postgres: PostgresDatabase }

/**
 * A table that is filled exactly once: rows and position are in one transaction. Where the table has none (MyISAM), the position
 * says which batch is on its way, and after a crash its rows are counted.
 */
export class SqlSink implements Sink {
  readonly name: string
  readonly counts: RowCounts = { rows: 0, malformed: 0, cut: new Map(), altered: 0, refused: 0 }
  private readonly options: SqlSinkOptions
  private database: Database | undefined
  private positions: PositionTable | undefined
  private shape: RowShape | undefined
  private position: Position | undefined
  private hasTransactions = true
  /** In a table without transactions: the rows that are there already, of lines behind the position. */
  private pending: Pending | undefined
  private isBusy = false
  private pinging: NodeJS.Timeout | undefined

  constructor(options: SqlSinkOptions) {
    this.options = options
    const { kind, database, table, host, port, socket } = options.database.place
    this.name = `${kind}://${socket ?? `${host}:${port}`}/${database}/${table.join('.')}`
  }

  async open(): Promise<Position | undefined> {
    return await this.inTime(this.begin(await this.connect()))
  }

  async look(): Promise<Position | undefined> {
    const database = await this.connect()
    return await this.inTime(this.keptIn(database, false).then((kept) => kept?.position))
  }

  async write(batch: Batch): Promise<void> {
    this.isBusy = true
    try {
      await this.inTime(this.writeBatch(batch))
    } finally {
      this.isBusy = false
    }
  }

  async close(): Promise<void> {
    clearInterval(this.pinging)
    this.database?.end()
    this.database = undefined
  }

  private async connect(): Promise<Database> {
    const database = new DATABASES[this.options.database.place.kind](this.options.database)
    this.database = database
    await this.inTime(database.open())
    return database
  }

  private async begin(database: Database): Promise<Position | undefined> {
    const kept = await this.keptIn(database, true)
    this.hasTransactions = await this.findTransactions(database)
    this.position = kept?.position
    this.pending = kept?.pending === undefined ? undefined : await this.foundOf(kept.pending)
    if (kept === undefined) await this.warnOfOthers(database)
    this.pinging = setInterval(() => this.ping(), (SILENT_S * 1000) / 3).unref()
    return this.position
  }

  /**
   * @param makes whether the table of the positions is made where it is missing
   * @throws StandBy while another shipper fills the table with these lines
   * @throws Hopeless if the table cannot have them
   */
  private async keptIn(database: Database, makes: boolean): Promise<KeptPosition | undefined> {
    const { place } = this.options.database
    const positions = new PositionTable(database, place.kind, this.positionName)
    const isAlone = await this.lock(database)
    const isThere = await positions.isThere()
    if (!isAlone) throw new StandBy(this.another, isThere ? (await positions.read())?.position : undefined)
    const shape = RowShape.of(await database.columns(), this.options)
    if (typeof shape === 'string') {
      throw new Hopeless(
        `the table ${place.table.join('.')} does not fit --dialect ${this.options.dialect}: ${shape}. --schema shows what it needs`,
      )
    }
    this.shape = shape
    this.positions = positions
    if (isThere) return await positions.read()
    if (makes) await positions.make()
    return undefined
  }

  /** One shipper fills a table with these lines; another one stands by. The positions are safe without it. */
  private async lock(database: Database): Promise<boolean> {
    const { kind, database: name } = this.options.database.place
    const digest = createHash('sha256').update(`${name} ${this.positionName}`).digest()
    const [sql, value] =
      kind === 'mysql'
        ? ['SELECT GET_LOCK(?, 0)', `ami-track-${digest.toString('hex').slice(0, 40)}`]
        : ['SELECT pg_try_advisory_lock($1::bigint)::int', String(digest.readBigInt64BE())]
    const [[got] = []] = await database.rows(sql, [value])
    return got === '1'
  }

  private get another(): string {
    return `another qlog-ship writes the lines of ${this.options.lines} into ${this.name}; this one is on standby`
  }

  private async findTransactions(database: Database): Promise<boolean> {
    const { kind, table } = this.options.database.place
    if (kind === 'postgres') return true
    const [[engine, has] = []] = await database.rows(
      `SELECT t.ENGINE, e.TRANSACTIONS FROM information_schema.TABLES t JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
       WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = ?`,
      [table[0] ?? ''],
    )
    return engine === undefined || has === 'YES'
  }

  private async warnOfOthers(database: Database): Promise<void> {
    if (this.options.dialect !== 'queuemetrics') return
    const { dialect } = database
    const partition = dialect.name(this.columnNamed('partition'))
    const [found] = await database.rows(
      `SELECT 1 FROM ${this.table} WHERE ${partition} = ${dialect.value(1)} LIMIT 1`,
      [this.options.partition],
    )
    if (found === undefined) return
    this.options.onWarning(
      `the partition ${this.options.partition} of ${this.name} has rows that qlog-ship did not write. If a loader also fills it, rows appear twice and the loader skips lines: stop the loader, or choose another --partition`,
    )
  }

  private async writeBatch(batch: Batch): Promise<void> {
    const { database, shape } = this
    if (database === undefined || shape === undefined) throw new Error('the connection is not open')
    const counts: RowCounts = { rows: 0, malformed: 0, cut: new Map(), altered: 0, refused: 0 }
    const made = batch.lines.map((line) => shape.rowOf(line, counts)).filter((row) => row !== undefined)
    counts.malformed = batch.lines.length - made.length
    const { kind } = this.options.database.place
    const target = { database, kind, table: this.table, columns: shape.columns, hasTransactions: this.hasTransactions }
    const onRefused = (why: string): void => this.options.onWarning(`${this.name} refuses rows: ${why}`)
    if (this.hasTransactions) {
      await database.rows('BEGIN', [])
      await this.move(batch.to, { rows: made.length })
      await writeRows(target, made, counts, onRefused)
      await database.rows('COMMIT', [])
    } else {
      const rows = made.slice(this.pending?.rows ?? 0)
      if (rows.length > 0) {
        const pending = await this.pendingOf(batch, shape, made.length, rows.length)
        // Also the first time it is known afterwards of which lines these rows are.
        await this.moveAlone(this.position ?? batch.from, { pending })
        await writeRows(target, rows, counts, onRefused)
      }
      this.pending = restOf(this.pending, made.length)
      await this.moveAlone(batch.to, { rows: made.length, pending: this.pending })
    }
    this.position = batch.to
    this.note(counts, made.length)
  }

  /** What a table without transactions needs to be looked up by. */
  private async pendingOf(batch: Batch, shape: RowShape, all: number, missing: number): Promise<Pending> {
    const times = batch.lines.map(({ fields }) => fields?.time).filter((time) => time !== undefined)
    const from = shape.timeOf(Math.min(...times))
    const to = shape.timeOf(Math.max(...times))
    return { rows: all, before: (await this.countBetween(from, to)) - (all - missing), from, to }
  }

  private async move(to: Position, end: { rows?: number; pending?: Pending | undefined }): Promise<void> {
    await this.positions?.move(this.position, to, end)
  }

  private async moveAlone(to: Position, end: { rows?: number; pending?: Pending | undefined }): Promise<void> {
    await this.database?.rows('BEGIN', [])
    await this.move(to, end)
    await this.database?.rows('COMMIT', [])
    this.position = to
  }

  private note(counts: RowCounts, rows: number): void {
    const all = this.counts
    for (const [column, count] of counts.cut) {
      if (!all.cut.has(column)) {
        this.options.onWarning(`${this.name}: fields are too long for the column ${column} and are cut`)
      }
      all.cut.set(column, (all.cut.get(column) ?? 0) + count)
    }
    all.rows += rows - counts.refused
    all.malformed += counts.malformed
    all.altered += counts.altered
    all.refused += counts.refused
  }

  /** The rows of a batch that came into a table without transactions before a crash: the first ones. */
  private async foundOf({ rows, before, from, to }: Pending): Promise<Pending | undefined> {
    const found = (await this.countBetween(from, to)) - before
    if (found > rows || found < 0) {
      this.options.onWarning(
        `${this.name}: another program also writes into it. It is unknown which rows of the last batch are there`,
      )
    }
    return found <= 0 ? undefined : { rows: Math.min(rows, found), before, from, to }
  }

  private async countBetween(from: string, to: string): Promise<number> {
    const { database, shape } = this
    if (database === undefined || shape === undefined) return 0
    const { dialect } = database
    const time = dialect.name(shape.timeColumn.name)
    const values = [from, to]
    const conditions = [`${time} BETWEEN ${dialect.value(1)} AND ${dialect.value(2)}`]
    if (this.options.dialect === 'queuemetrics') {
      for (const [name, value] of [
        ['partition', this.options.partition],
        ['serverid', this.options.serverid],
      ] as const) {
        values.push(value)
        conditions.push(`${dialect.name(this.columnNamed(name))} = ${dialect.value(values.length)}`)
      }
    }
    const [[count] = []] = await database.rows(
      `SELECT COUNT(*) FROM ${this.table} WHERE ${conditions.join(' AND ')}`,
      values,
    )
    return Number(count)
  }

  private columnNamed(name: string): string {
    return this.shape?.columns.find((column) => column.name.toLowerCase() === name)?.name ?? name
  }

  private get table(): string {
    const { dialect } = this.database ?? {}
    return this.options.database.place.table.map((name) => dialect?.name(name) ?? name).join('.')
  }

  private get positionName(): string {
    return `${this.options.lines} ${this.options.database.place.table.join('.')}`.slice(0, 190)
  }

  private ping(): void {
    if (this.isBusy) return
    this.database?.rows('SELECT 1', []).catch(() => {})
  }

  /** A server that says nothing any more is given up. */
  private async inTime<T>(work: Promise<T>): Promise<T> {
    let late: NodeJS.Timeout | undefined
    const tooLate = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(silent(this.options.database.place, this.options.database.use)), FILLING_MS)
    })
    try {
      return await Promise.race([work, tooLate])
    } finally {
      clearTimeout(late)
      work.catch(() => {})
    }
  }
}

/** What is left of the rows that are there, behind a batch. */
function restOf(pending: Pending | undefined, rows: number): Pending | undefined {
  if (pending === undefined || pending.rows <= rows) return undefined
  return { ...pending, rows: pending.rows - rows, before: pending.before + rows }
}
