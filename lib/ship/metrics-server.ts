import type { ListenAddress } from '../options/kinds.ts'
import { healthOf } from '../status/health.ts'
import type { StatusServer } from '../status/status-server.ts'
import type { ShipMetricsSources } from './ship-metrics.ts'

/**
 * Serves the metrics of a shipper, and whether all is well with it.
 *
 * @throws Failure if the address cannot be listened on
 */
export async function serveShipMetrics(address: ListenAddress, sources: ShipMetricsSources): Promise<StatusServer> {
  const { shipMetrics } = await import('./ship-metrics.ts')
  const { StatusServer: Server } = await import('../status/status-server.ts')
  const registry = shipMetrics(sources)
  return Server.listen(address, {
    metrics: () => registry.metrics(),
    metricsType: registry.contentType,
    health: () => healthOf(sources.shipper.status.problem),
  })
}
