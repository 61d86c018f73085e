import type { Column, Database } from '../queue-log/database.ts'
import { TailProblem } from '../queue-log/tail.ts'

/** Errors of data and of constraints: the same rows would fail forever. */
const OF_DATA = /^2[23]/
/** A statement is made for so many rows, or for half of that, and so on: so there are few, and the database keeps them. */
const MOST_ROWS = 512

/** What became of rows that could not be stored as they are. */
export interface Unfit {
  /** Rows of which letters were replaced. */
  altered: number
  /** Rows that the table refused. */
  refused: number
}

export interface RowTarget {
  readonly database: Database
  readonly kind: 'mysql' | 'postgres'
  /** Its name as a query has it. */
  readonly table: string
  readonly columns: readonly Column[]
  readonly hasTransactions: boolean
}

/**
 * Puts rows into a table, in their order. In a transaction, one that the database cannot store is stored in ASCII, and one that it
 * refuses is left out.
 *
 * @param onRefused told why
 * @throws TailProblem if the table takes none of them
 */
export async function writeRows(
  target: RowTarget,
  rows: readonly string[][],
  unfit: Unfit,
  onRefused: (text: string) => void,
): Promise<void> {
  if (rows.length === 0) return
  const { database, hasTransactions } = target
  if (!hasTransactions) {
    await insert(target, rows)
    return
  }
  await database.rows('SAVEPOINT batch', [])
  try {
    await insert(target, rows)
  } catch (error) {
    if (!isOfData(error)) throw error
    await database.rows('ROLLBACK TO SAVEPOINT batch', [])
    await writeSingly(target, rows, unfit)
    // Where none is taken, the table is wrong, and not the rows.
    if (unfit.refused === rows.length && rows.length > 1) throw error
    if (unfit.refused > 0) onRefused((error as Error).message)
  }
}

async function writeSingly(target: RowTarget, rows: readonly string[][], unfit: Unfit): Promise<void> {
  for (const row of rows) {
    if (await isTaken(target, row)) continue
    if (
      await isTaken(
        target,
        row.map((field) => field.replace(/[^\x20-\x7e]/gu, '?')),
      )
    )
      unfit.altered++
    else unfit.refused++
  }
}

async function isTaken(target: RowTarget, row: string[]): Promise<boolean> {
  const { database } = target
  await database.rows('SAVEPOINT one', [])
  try {
    await insert(target, [row])
    return true
  } catch (error) {
    if (!isOfData(error)) throw error
    await database.rows('ROLLBACK TO SAVEPOINT one', [])
    return false
  }
}

async function insert(target: RowTarget, rows: readonly string[][]): Promise<void> {
  if (target.kind === 'postgres') await insertArrays(target, rows)
  else await insertTuples(target, rows)
}

/** PostgreSQL takes each column as an array, in one statement however many rows there are. */
async function insertArrays({ database, table, columns }: RowTarget, rows: readonly string[][]): Promise<void> {
  const names = columns.map(({ name }) => database.dialect.name(name))
  const arrays = columns.map((_, n) => `$${n + 1}::text[]`)
  const cells = columns.map(({ type }, n) => `c${n}::${type}`)
  await database.rows(
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${cells.join(', ')} FROM unnest(${arrays.join(', ')}) WITH ORDINALITY AS r (${columns.map((_, n) => `c${n}`).join(', ')}, n) ORDER BY n`,
    columns.map((_, n) => rows.map((row) => row[n] ?? '')),
  )
}

async function insertTuples({ database, table, columns }: RowTarget, rows: readonly string[][]): Promise<void> {
  const names = columns.map(({ name }) => database.dialect.name(name)).join(', ')
  const tuple = `(${columns.map(() => '?').join(', ')})`
  for (let at = 0, size = MOST_ROWS; at < rows.length; ) {
    while (size > rows.length - at) size /= 2
    const tuples = Array.from({ length: size }, () => tuple).join(', ')
    await database.rows(`INSERT INTO ${table} (${names}) VALUES ${tuples}`, rows.slice(at, at + size).flat())
    at += size
  }
}

function isOfData(error: unknown): boolean {
  return error instanceof TailProblem && OF_DATA.test(error.sqlState ?? '')
}
