import { queueLogAction } from './queue-log-action.ts'
import type { QueueLogFields } from './record.ts'
import { wordsOf } from './tail.ts'

/** The columns in which the words of a line stand; the data is in one, or in five of which the last has the rest. */
export const WORD_COLUMNS = ['callid', 'queuename', 'agent', 'event'] as const
export const DATA_COLUMNS = ['data1', 'data2', 'data3', 'data4', 'data5'] as const
/** Where logger.conf does not say `queue_adaptive_realtime = yes`. */
export const WHOLE_DATA_COLUMN = 'data'

/** A column may have been altered on its way by the character sets of Asterisk, of the driver and of the table. */
const ALTERED = /[^\x20-\x3e\x40-\x7e]+/gu

/** How many letters a column takes, by its name; undefined if there is no limit. */
export type Widths = ReadonlyMap<string, number | undefined>

/** A row as it stands in the table, by its columns. */
export type Row = Readonly<Record<string, string | null>>

/** Which of some lines a row may be. */
export class WantedRows {
  private readonly byCall = new Map<string, WantedRow[]>()
  private readonly widths: Widths
  private readonly lines: ReadonlyMap<string, QueueLogFields>

  constructor(lines: readonly QueueLogFields[], widths: Widths) {
    this.widths = widths
    this.lines = new Map(lines.map((line) => [wordsOf(line, true), queueLogAction(line).written]))
    for (const [words, line] of this.lines) {
      const row = new WantedRow(words, columnsOf(line, widths), widths)
      for (const call of row.calls) this.byCall.set(call, [...(this.byCall.get(call) ?? []), row])
    }
  }

  /** All texts that may stand in a column of these lines. */
  textsIn(column: 'callid' | 'event'): string[] {
    const texts = [...this.lines.values()].flatMap((line) => storedForms(line[column], this.widths.get(column)))
    return [...new Set(texts)]
  }

  /** The words of the lines that a row may be, as {@link wordsOf} tells them. */
  wordsOf(row: Row): string[] {
    const candidates = this.byCall.get(comparable(row.callid ?? '')) ?? []
    return candidates.filter((wanted) => wanted.mayBe(row)).map(({ words }) => words)
  }
}

/** A line as the table may have it. */
class WantedRow {
  readonly words: string
  readonly calls: ReadonlySet<string>
  private readonly columns: ReadonlyMap<string, ReadonlySet<string>>
  private readonly widths: Widths

  constructor(words: string, columns: ReadonlyMap<string, string>, widths: Widths) {
    this.words = words
    this.widths = widths
    const forms = [...columns].map(([column, text]): [string, Set<string>] => {
      return [column, new Set(storedForms(text, widths.get(column)).map(comparable))]
    })
    this.columns = new Map(forms)
    this.calls = this.columns.get('callid') ?? new Set()
  }

  mayBe(row: Row): boolean {
    return [...this.columns].every(([column, forms]) => {
      const stored = row[column] ?? ''
      const text = comparable(stored)
      if (forms.has(text)) return true
      // It was cut where its letters had become more.
      const width = this.widths.get(column)
      return width !== undefined && [...stored].length >= width && [...forms].some((form) => form.startsWith(text))
    })
  }
}

function columnsOf({ callid, queuename, agent, event, data }: QueueLogFields, widths: Widths): Map<string, string> {
  const columns = new Map(Object.entries({ callid, queuename, agent, event }))
  if (!widths.has(DATA_COLUMNS[0])) return columns.set(WHOLE_DATA_COLUMN, data.join('|'))
  const last = DATA_COLUMNS.length - 1
  for (const [n, column] of DATA_COLUMNS.entries()) {
    columns.set(column, (n === last ? data.slice(last).join('|') : data[n]) ?? '')
  }
  return columns
}

/**
 * How a text may stand in a column: Asterisk's drivers for MySQL, PostgreSQL and ODBC write `;` and `^` by their codes, and
 * a database that is not strict cuts what is too long.
 */
function storedForms(text: string, width: number | undefined): string[] {
  const coded = text.replace(/[;^]/g, (letter) => `^${letter === ';' ? '3B' : '5E'}`)
  const whole = [...new Set([text, coded])]
  return width === undefined ? whole : whole.map((form) => [...form].slice(0, width).join(''))
}

/** What is left of a text if all that the way may have altered counts alike; a column of CHAR has no blanks at its end. */
function comparable(text: string): string {
  return text.trimEnd().replace(ALTERED, '?')
}
