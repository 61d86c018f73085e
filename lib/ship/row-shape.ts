import type { Column } from '../queue-log/database.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import type { ShippedLine } from './flow.ts'
import { utc, type Zone } from './zone.ts'

/** Whose table it is. */
export const DIALECTS = ['asterisk', 'queuemetrics', 'plain'] as const
export type Dialect = (typeof DIALECTS)[number]

/** What a table is called where nobody says. */
export const USUAL_TABLES: Readonly<Record<Dialect, string>> = {
  asterisk: 'queue_log',
  queuemetrics: 'queue_log',
  plain: 'ami_track_log',
}

/** What is not in the lines, and the same in all rows. */
export interface RowOptions {
  readonly dialect: Dialect
  readonly zone: Zone
  /** QueueMetrics: of which partition the rows are. */
  readonly partition: string
  /** QueueMetrics: from which server they are. */
  readonly serverid: string
}

/** How a time stands in a column. */
type TimeForm = 'civil' | 'utc' | 'zoned' | 'epoch'

type Cell = (line: ShippedLine, fields: QueueLogFields) => string

/** What could not be stored as it is. */
export interface Alterations {
  /** How many fields were cut, by their columns. */
  readonly cut: Map<string, number>
}

interface FilledColumn {
  readonly column: Column
  readonly cell: Cell
}

/** There are five columns of data; the fifth takes the rest. */
const DATA = [0, 1, 2, 3, 4] as const
/** PostgreSQL has no such letter in a text. */
const NULS = /\0/g

/** How the rows of a table are made of lines: pure. */
export class RowShape {
  /** The names of the columns that are filled, as the table spells them, and their types. */
  readonly columns: readonly Column[]
  /** That of the time, with which rows are found again. */
  readonly timeColumn: Column
  private readonly filled: readonly FilledColumn[]
  private readonly timeCell: Cell

  private constructor(filled: readonly FilledColumn[], time: FilledColumn) {
    this.filled = filled
    this.columns = filled.map(({ column }) => column)
    this.timeColumn = time.column
    this.timeCell = time.cell
  }

  /**
   * @param columns those of the table
   * @returns a text that says what is missing if the table is none of this dialect
   */
  static of(columns: readonly Column[], options: RowOptions): RowShape | string {
    const there = new Map(columns.map((column) => [column.name.toLowerCase(), column]))
    const wanted = cellsOf(options, there)
    const missing = [...wanted].filter(([name]) => !there.has(name)).map(([name]) => name)
    if (missing.length > 0) return `missing columns: ${missing.join(', ')}`
    const filled = [...wanted].map(([name, cell]) => ({ column: there.get(name) as Column, cell }))
    return new RowShape(filled, filled[0] as FilledColumn)
  }

  /** The row of a line; of what is no line there is none. */
  rowOf(line: ShippedLine, altered: Alterations): string[] | undefined {
    const { fields } = line
    if (fields === undefined) return undefined
    return this.filled.map(({ column, cell }) => fitting(cell(line, fields), column, altered))
  }

  /** What the column of the time has for this one: seconds since the epoch. */
  timeOf(time: number): string {
    const fields = { time, callid: '', queuename: '', agent: '', event: '', data: [] }
    return this.timeCell({ pbx: '', bytes: Buffer.alloc(0), fields, file: '', byte: 0 }, fields)
  }
}

/** What stands in each column, by its name; the time first. */
function cellsOf(
  { dialect, zone, partition, serverid }: RowOptions,
  there: ReadonlyMap<string, Column>,
): Map<string, Cell> {
  const words = (names: readonly string[]): [string, Cell][] =>
    (['callid', 'queuename', 'agent', 'event'] as const).map((field, n) => [
      names[n] ?? field,
      (_, fields) => fields[field],
    ])
  const data = DATA.map((n): [string, Cell] => [`data${n + 1}`, (_, fields) => dataOf(fields, n)])
  switch (dialect) {
    case 'asterisk': {
      const form = timeFormOf(there.get('time'))
      const whole: [string, Cell][] = [['data', (_, fields) => fields.data.join('|')]]
      const isWhole = there.has('data') && !there.has('data1')
      const server: [string, Cell][] = serverid !== '' && there.has('serverid') ? [['serverid', () => serverid]] : []
      const time: [string, Cell] = ['time', (_, fields) => timeIn(form, fields.time, zone)]
      return new Map([time, ...words([]), ...(isWhole ? whole : data), ...server])
    }
    case 'queuemetrics':
      return new Map([
        ['time_id', (_, fields) => String(Math.floor(fields.time))],
        ['partition', () => partition],
        ...words(['call_id', 'queue', 'agent', 'verb']),
        ...data,
        ['serverid', () => serverid],
      ])
    case 'plain':
      return new Map([
        ['time_ms', (_, fields) => String(Math.round(fields.time * 1000))],
        ['pbx', ({ pbx }) => pbx],
        ...words([]),
        ...data,
        ['file', ({ file }) => file],
        ['byte', ({ byte }) => String(byte)],
      ])
  }
}

function dataOf({ data }: QueueLogFields, n: number): string {
  const last = DATA.length - 1
  return (n === last ? data.slice(last).join('|') : data[n]) ?? ''
}

function timeFormOf(column: Column | undefined): TimeForm {
  const type = column?.type ?? ''
  if (/int|double|float|numeric|decimal|real/.test(type)) return 'epoch'
  if (/with time zone/.test(type) && !/without/.test(type)) return 'zoned'
  // MySQL turns a TIMESTAMP by the zone of the session, which is UTC; PostgreSQL calls its own one "without time zone".
  return /^timestamp/.test(type) && !/without/.test(type) ? 'utc' : 'civil'
}

function timeIn(form: TimeForm, time: number, zone: Zone): string {
  if (form === 'epoch') return String(Math.floor(time))
  if (form === 'zoned') return `${utc(time)}+00`
  return form === 'utc' ? utc(time) : zone.civil(time)
}

/** A text as a column takes it. */
function fitting(text: string, { name, width }: Column, { cut }: Alterations): string {
  const storable = text.includes('\0') ? text.replace(NULS, '\uFFFD') : text
  if (width === undefined || storable.length <= width) return storable
  const letters = [...storable]
  if (letters.length <= width) return storable
  // A time that is shortened by its fraction has lost nothing.
  if (name.toLowerCase() !== 'time') cut.set(name, (cut.get(name) ?? 0) + 1)
  return letters.slice(0, width).join('')
}
