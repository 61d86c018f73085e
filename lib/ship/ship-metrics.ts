import { Gauge, Registry } from 'prom-client'
import { collectedCounter, collectedGauge, single } from '../status/collected.ts'
import type { Source } from './flow.ts'
import type { Shipper } from './shipper.ts'
import type { RowCounts } from './sql-sink.ts'

export interface ShipMetricsSources {
  readonly version: string
  readonly shipper: Shipper
  readonly source: Source
  /** undefined where no table is filled. */
  readonly counts: RowCounts | undefined
}

/** The metrics of a shipper, for Prometheus. No label has a name that somebody else chose. */
export function shipMetrics({ version, shipper, source, counts }: ShipMetricsSources): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, value: () => number | undefined): void =>
    collectedGauge(registry, name, help, () => single(value()))
  const counter = (name: string, help: string, count: () => number): void =>
    collectedCounter(registry, name, help, () => single(count()))
  const info = new Gauge({
    name: 'qlog_ship_info',
    help: 'The version.',
    labelNames: ['version'],
    registers: [registry],
  })
  info.set({ version }, 1)
  const { status } = shipper
  counter('qlog_ship_lines_total', 'Lines shipped since the start.', () => status.lines)
  counter('qlog_ship_retries_total', 'How often qlog-ship started again after an error.', () => status.retries)
  gauge('qlog_ship_up', '1 if it ships; 0 while it cannot, or while another qlog-ship does.', () =>
    Number(status.problem === undefined),
  )
  gauge('qlog_ship_lag_seconds', 'The age of the last shipped line while more lines wait; else 0.', () =>
    shipper.lag(Date.now() / 1000),
  )
  gauge(`qlog_ship_unread_${source.unit}`, `What waits in the source: ${source.unit}.`, () => status.unread)
  gauge(
    'qlog_ship_position',
    'The position: the byte of the file, or the message of the stream.',
    () => status.position?.place,
  )
  if (counts === undefined) return registry
  counter('qlog_ship_rows_total', 'Rows written.', () => counts.rows)
  counter('qlog_ship_malformed_total', 'Lines that are not queue_log lines and have no row.', () => counts.malformed)
  counter('qlog_ship_refused_total', 'Rows that the table refused.', () => counts.refused)
  counter('qlog_ship_altered_total', 'Rows in which letters were replaced.', () => counts.altered)
  counter('qlog_ship_cut_fields_total', 'Fields that were cut because they are too long for their columns.', () =>
    [...counts.cut.values()].reduce((sum, count) => sum + count, 0),
  )
  return registry
}
