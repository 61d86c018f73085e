import type { Dialect } from '../../lib/ship/row-shape.ts'
import { POSITION_TABLE, schemaOf } from '../../lib/ship/schema.ts'
import type { DatabaseServer } from '../databases/database-server.ts'

/** Makes a table that is to be filled; that of the positions is left to the shipper. */
export async function makeTable(server: DatabaseServer, dialect: Dialect, table: string): Promise<void> {
  for (const statement of schemaOf(server.kind, dialect, table).split(';\n')) {
    if (statement.trim() !== '' && !statement.includes(POSITION_TABLE)) await server.run(statement)
  }
}

/** The lines of a table, in its order, as they stand in a queue_log. */
export async function replicaOf(server: DatabaseServer, dialect: Dialect, table: string): Promise<string[]> {
  const isMysql = server.kind === 'mysql'
  const time = {
    asterisk: isMysql ? 'UNIX_TIMESTAMP(time)' : 'extract(epoch FROM time)',
    queuemetrics: 'time_id',
    plain: 'time_ms / 1000',
  }[dialect]
  const words = dialect === 'queuemetrics' ? 'call_id, queue, agent, verb' : 'callid, queuename, agent, event'
  const order = dialect === 'queuemetrics' ? 'time_id, unique_row_count' : 'id'
  const rows = await server.run(
    isMysql ? "SET time_zone = '+00:00'" : "SET TimeZone = 'UTC'",
    `SELECT ${time}, ${words}, data1, data2, data3, data4, data5 FROM ${table} ORDER BY ${order}`,
  )
  return rows.map(([seconds, ...rest]) => {
    const cells = rest.map(String)
    while (cells.length > 4 && cells.at(-1) === '') cells.pop()
    return `${Math.floor(Number(seconds))}|${cells.join('|')}${cells.length === 4 ? '|' : ''}`
  })
}
