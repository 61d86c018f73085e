import type { TablePlace } from './table-place.ts'

/** A server that does not answer for so long, in ms, is given up; a query that takes so long, it is told to end. */
export const PATIENCE_MS = 10_000
/** The same of a table that is filled. */
export const FILLING_MS = 60_000
/** A connection for filling on which nobody says anything for so long is over: s. */
export const SILENT_S = 90
/** So long after its goodbye, in ms, a connection ends whatever the server does. */
export const GOODBYE_MS = 500

/** A column of a table. */
export interface Column {
  readonly name: string
  /** As the database calls it, in lower case: `varchar(80)`, `datetime(6)`, `timestamp with time zone`. */
  readonly type: string
  /** How many letters it takes at most; undefined if there is no limit, or it holds no text. */
  readonly width: number | undefined
  /** Whether the database numbers the rows in it, in their order. */
  readonly isCounter: boolean
}

/** A connection to a database in which a queue_log is a table. It only reads, unless it is to be filled. */
export interface Database {
  /** @throws TailProblem if the server cannot be reached, or does not let the user in */
  open(): Promise<void>
  /** The columns of the table. @throws TailProblem if there is no such table, or the user may not read it */
  columns(): Promise<Column[]>
  /**
   * @param values what stands for the {@link Dialect.value}s, in their order; an array is one of PostgreSQL
   * @returns rows, each an array of texts
   * @throws TailProblem
   */
  rows(sql: string, values: readonly Value[]): Promise<(string | null)[][]>
  readonly dialect: Dialect
  /** Says goodbye, and ends the connection, whatever is on its way. */
  end(): void
}

/** What is put into a query. */
export type Value = string | null | readonly (string | null)[]

/** How a database spells what is asked of it. */
export interface Dialect {
  /** The name of a table or a column, whatever stands in it. */
  name(name: string): string
  /** Where the nth value is put in, from 1 on. */
  value(n: number): string
  /** The same as a whole number. */
  number(n: number): string
  /** A column as a text of so many letters at most. */
  text(column: string, letters: number): string
}

/** What a connection is made of. */
export interface DatabaseOptions {
  readonly place: TablePlace
  readonly password: string | undefined
  /** The certificates to trust, in PEM, if the connection is encrypted by those of a file. */
  readonly ca: string | undefined
  /** How long all that is asked may take together, in ms. */
  readonly patienceMs?: number
  /** What is done with the table; by default it is only read. */
  readonly use?: TableUse
}

/** What is done with a table, in the words of a message. */
export interface TableUse {
  /** `read`, `fill` */
  readonly verb: string
  /** What the user needs: `SELECT` */
  readonly rights: string
  /** Where the password is looked for. */
  readonly secret: string
  /** Which table it is. */
  readonly named: string
  readonly writes: boolean
}

export const READ: TableUse = {
  verb: 'read',
  rights: 'SELECT',
  secret: '$QUEUELOGTAILSECRET, or the file of --queuelog-tail-secret-file',
  named: 'the table that extconfig.conf names for queue_log',
  writes: false,
}
