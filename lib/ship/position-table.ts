import type { Database } from '../queue-log/database.ts'
import { TailProblem } from '../queue-log/tail.ts'
import { isSamePosition, type Position, StandBy } from './flow.ts'
import { POSITION_TABLE, positionTableOf } from './schema.ts'

/**
 * A batch on its way into a table without transactions. How many rows of its times there were tells, after a crash, how many of
 * its own came in: they are written in their order.
 */
export interface Pending {
  readonly rows: number
  /** How many rows there were of these times before. */
  readonly before: number
  /** As the column of the time tells them. */
  readonly from: string
  readonly to: string
}

/** What is kept for one shipper. */
export interface KeptPosition {
  readonly position: Position
  readonly rowCount: number
  readonly pending: Pending | undefined
}

/** The table in which the positions of shippers are, in the database that they fill. */
export class PositionTable {
  private readonly database: Database
  private readonly kind: 'mysql' | 'postgres'
  private readonly name: string

  /** @param name of which lines in which table */
  constructor(database: Database, kind: 'mysql' | 'postgres', name: string) {
    this.database = database
    this.kind = kind
    this.name = name
  }

  async isThere(): Promise<boolean> {
    try {
      await this.database.rows(`SELECT name FROM ${POSITION_TABLE} LIMIT 1`, [])
      return true
    } catch (error) {
      if (!(error instanceof TailProblem) || error.isPassing) throw error
      return false
    }
  }

  async make(): Promise<void> {
    await this.database.rows(positionTableOf(this.kind), [])
  }

  /** @param forUpdate whether nobody else may move it until the transaction ends */
  async read(forUpdate = false): Promise<KeptPosition | undefined> {
    const [[stream, part, place, rowCount, pending] = []] = await this.database.rows(
      `SELECT stream, part, place, row_count, pending FROM ${POSITION_TABLE} WHERE name = ${this.value(1)}${forUpdate ? ' FOR UPDATE' : ''}`,
      [this.name],
    )
    if (stream === undefined) return undefined
    return {
      position: { stream: stream ?? '', part: part ?? '', place: Number(place) },
      rowCount: Number(rowCount),
      pending: pending ? JSON.parse(pending) : undefined,
    }
  }

  /**
   * Moves the position, within a transaction.
   *
   * @param expected where it is; undefined if there is none
   * @throws StandBy if somebody else has moved it
   */
  async move(
    expected: Position | undefined,
    { stream, part, place }: Position,
    { rows = 0, pending }: { rows?: number; pending?: Pending | undefined } = {},
  ): Promise<void> {
    const kept = await this.read(true)
    if (!isSamePosition(kept?.position, expected)) {
      throw new StandBy(`another qlog-ship has changed the position of ${this.name}`)
    }
    const values = [
      stream,
      part,
      String(place),
      String((kept?.rowCount ?? 0) + rows),
      pending ? JSON.stringify(pending) : null,
    ]
    if (kept === undefined) {
      const places = [1, 2, 3, 4, 5, 6].map((n) => this.value(n)).join(', ')
      await this.database.rows(
        `INSERT INTO ${POSITION_TABLE} (stream, part, place, row_count, pending, name) VALUES (${places})`,
        [...values, this.name],
      )
      return
    }
    await this.database.rows(
      `UPDATE ${POSITION_TABLE} SET stream = ${this.value(1)}, part = ${this.value(2)}, place = ${this.value(3)}, row_count = ${this.value(4)}, pending = ${this.value(5)}, moved_at = CURRENT_TIMESTAMP WHERE name = ${this.value(6)}`,
      [...values, this.name],
    )
  }

  private value(n: number): string {
    return this.kind === 'postgres' ? `$${n}` : '?'
  }
}
