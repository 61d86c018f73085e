import { type Column, type Database, type DatabaseOptions, PATIENCE_MS } from './database.ts'
import { MysqlDatabase } from './mysql-database.ts'
import { PostgresDatabase } from './postgres-database.ts'
import { type StampedCall, TableClock } from './table-clock.ts'
import { silent } from './table-problem.ts'
import { DATA_COLUMNS, type Row, WantedRows, WHOLE_DATA_COLUMN, WORD_COLUMNS } from './table-words.ts'
import { FoundLines, type LookUp, type Moment, type QueueLogTail, TailProblem, wordsOf } from './tail.ts'

const TIME = 'time'
/** So many of the youngest rows tell what the times in the table mean. */
const ROWS_FOR_CLOCK = 500
/** So many rows back the first look goes for where to begin, and then further by this factor. */
const FIRST_LOOK_BACK = 1000
const FURTHER = 4
/** The most rows that are read for some lines: more would not be these lines. */
const MOST_ROWS = 10_000
/** More is in no column of a line of ours: letters. */
const LONGEST_COLUMN = 2048
/** So many values are put into a query. */
const MOST_VALUES = 500

const DATABASES = { mysql: MysqlDatabase, postgres: PostgresDatabase }

/**
 * The table of a realtime queue_log. Only the rows of the calls and the events that are asked for are read, of those that
 * were written since: where the database numbers its rows, it need not look at all of them.
 */
export class TableTail implements QueueLogTail {
  readonly kind = 'table'
  readonly name: string
  /** Asterisk alone writes there. */
  readonly isStampedByAsterisk = true
  private readonly options: DatabaseOptions

  constructor(options: DatabaseOptions) {
    this.name = options.place.address
    this.options = options
  }

  /** @throws TailProblem if the table cannot be read */
  async read(lookUp: LookUp): Promise<FoundLines> {
    const { place, patienceMs = PATIENCE_MS } = this.options
    const database = new DATABASES[place.kind](this.options)
    let late: NodeJS.Timeout | undefined
    const inTime = new Promise<never>((_, reject) => {
      late = setTimeout(() => reject(silent(place)), patienceMs)
    })
    try {
      return await Promise.race([readTable(database, place.table, lookUp), inTime])
    } finally {
      clearTimeout(late)
      database.end()
    }
  }
}

async function readTable(database: Database, name: readonly string[], { wanted, since }: LookUp): Promise<FoundLines> {
  await database.open()
  const table = new Table(database, name, await database.columns())
  const youngest = await table.youngest()
  const found = new Map<string, Moment[]>(wanted.map((line) => [wordsOf(line, true), []]))
  const roughly = TableClock.learnedOf(youngest)
  const begin = await table.lastBefore((time) => roughly.momentOf(time).to < since)
  const clock = TableClock.learnedOf(youngest, await table.behind(begin))
  if (wanted.length > 0) {
    const rows = new WantedRows(wanted, table.widths)
    for (const row of await table.rowsOf(rows, begin)) {
      const moment = clock.momentOf(row[TIME] ?? null)
      for (const words of rows.wordsOf(row)) found.get(words)?.push(moment)
    }
  }
  // Whoever moves rows away may have moved the line as well.
  const reach = clock.momentOf(await table.oldestTime()).to
  return new FoundLines(found, true, reach)
}

/** The queries that a table is asked. */
class Table {
  /** How many letters each column of a line takes. */
  readonly widths: ReadonlyMap<string, number | undefined>
  private readonly database: Database
  private readonly from: string
  private readonly time: string
  /** The column in which the rows are numbered. */
  private readonly counter: string | undefined
  private readonly columns: readonly string[]
  /** Their names as a query has them. */
  private readonly spelled: ReadonlyMap<string, string>

  constructor(database: Database, name: readonly string[], columns: readonly Column[]) {
    const { dialect } = database
    this.database = database
    this.from = `FROM ${name.map((part) => dialect.name(part)).join('.')}`
    const there = new Map(columns.map((column) => [column.name.toLowerCase(), column]))
    const data = there.has(DATA_COLUMNS[0]) || !there.has(WHOLE_DATA_COLUMN) ? DATA_COLUMNS : [WHOLE_DATA_COLUMN]
    this.columns = [TIME, ...WORD_COLUMNS, ...data]
    const missing = this.columns.filter((column) => !there.has(column))
    if (missing.length > 0) {
      const remedy = 'name the table that extconfig.conf names for queue_log'
      throw new TailProblem(`the table ${name.join('.')} has no column ${missing.join(', ')}`, remedy)
    }
    this.widths = new Map(this.columns.map((column) => [column, there.get(column)?.width]))
    const nameOf = (column: Column | undefined): string => dialect.name(column?.name ?? '')
    this.time = nameOf(there.get(TIME))
    const counter = columns.find(({ isCounter }) => isCounter)
    this.counter = counter === undefined ? undefined : nameOf(counter)
    this.spelled = new Map(this.columns.map((column) => [column, nameOf(there.get(column))]))
  }

  /** The youngest rows: when they were written, and of which calls. */
  youngest(): Promise<StampedCall[]> {
    return this.stampedCalls('', `${this.order} DESC`, [])
  }

  /** The same of the first rows behind one; of none if the rows are not numbered. */
  async behind(begin: string | undefined): Promise<StampedCall[]> {
    const { counter } = this
    if (counter === undefined) return []
    if (begin === undefined) return await this.stampedCalls('', counter, [])
    return await this.stampedCalls(`AND ${counter} > ${this.database.dialect.number(1)}`, counter, [begin])
  }

  private async stampedCalls(condition: string, order: string, values: readonly string[]): Promise<StampedCall[]> {
    const columns = `${this.textOf(TIME)}, ${this.textOf('callid')}`
    const rows = await this.database.rows(
      `SELECT ${columns} ${this.from} WHERE ${this.time} IS NOT NULL ${condition} ORDER BY ${order} LIMIT ${ROWS_FOR_CLOCK}`,
      values,
    )
    return rows.map(([time = null, callid = null]) => ({ time, callid }))
  }

  /** When the oldest row was written, as the table tells it; null if there is none. */
  async oldestTime(): Promise<string | null> {
    const [[time = null] = []] = await this.database.rows(
      `SELECT ${this.textOf(TIME)} ${this.from} WHERE ${this.time} IS NOT NULL ORDER BY ${this.order} LIMIT 1`,
      [],
    )
    return time
  }

  /**
   * The last row that somebody looked at and that was written before a time; each look goes further back.
   *
   * @param isBefore told of the time of a row, as the table tells it
   * @returns its number; undefined if the rows are not numbered, or there is none
   */
  async lastBefore(isBefore: (time: string | null) => boolean): Promise<string | undefined> {
    const { counter } = this
    if (counter === undefined) return undefined
    const { dialect } = this.database
    const number = dialect.text(counter, LONGEST_COLUMN)
    const [[last] = []] = await this.database.rows(`SELECT ${number} ${this.from} ORDER BY ${counter} DESC LIMIT 1`, [])
    if (last === undefined || last === null) return undefined
    for (let back = BigInt(FIRST_LOOK_BACK); ; back *= BigInt(FURTHER)) {
      const [[found, time = null] = []] = await this.database.rows(
        `SELECT ${number}, ${this.textOf(TIME)} ${this.from} WHERE ${counter} <= ${dialect.number(1)} ORDER BY ${counter} DESC LIMIT 1`,
        [String(BigInt(last) - back)],
      )
      if (found === undefined || found === null) return undefined
      if (isBefore(time)) return found
    }
  }

  /** The rows that may be some lines. */
  async rowsOf(wanted: WantedRows, begin: string | undefined): Promise<Row[]> {
    const { dialect } = this.database
    const calls = wanted.textsIn('callid')
    const found: Row[] = []
    // At least one query, also where no call can be named.
    for (let at = 0; at === 0 || at < calls.length; at += MOST_VALUES) {
      const values: string[] = []
      const conditions = [
        this.isOneOf('callid', calls.slice(at, at + MOST_VALUES), values),
        this.isOneOf('event', wanted.textsIn('event'), values),
      ]
      if (begin !== undefined) {
        values.push(begin)
        conditions.push(`${this.counter} > ${dialect.number(values.length)}`)
      }
      const where = conditions.filter((condition) => condition !== undefined).join(' AND ')
      const rows = await this.database.rows(
        `SELECT ${this.columns.map((column) => this.textOf(column)).join(', ')} ${this.from} ${where && `WHERE ${where}`} LIMIT ${MOST_ROWS + 1}`,
        values,
      )
      if (rows.length > MOST_ROWS) {
        throw new TailProblem(
          `more than ${MOST_ROWS} rows match these lines`,
          'check which other program writes into the table',
        )
      }
      found.push(...rows.map((row) => Object.fromEntries(this.columns.map((column, n) => [column, row[n] ?? null]))))
    }
    return found
  }

  /** @returns nothing where letters that the way may have altered could hide a row */
  private isOneOf(column: 'callid' | 'event', texts: readonly string[], values: string[]): string | undefined {
    if (texts.length === 0 || texts.some((text) => /[^\x20-\x7e]/.test(text))) return undefined
    const places = texts.map((text) => {
      values.push(text)
      return this.database.dialect.value(values.length)
    })
    return `${this.spelled.get(column)} IN (${places.join(', ')})`
  }

  private textOf(column: string): string {
    return this.database.dialect.text(this.spelled.get(column) ?? '', LONGEST_COLUMN)
  }

  private get order(): string {
    return this.counter ?? this.time
  }
}
