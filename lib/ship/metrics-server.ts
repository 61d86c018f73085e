import type { HttpServer } from '../http/http-server.ts'
import type { ListenAddress } from '../options/kinds.ts'
import { healthOf } from '../status/health.ts'
import type { ShipMetricsSources } from './ship-metrics.ts'

/**
 * Serves the metrics of a shipper, and whether all is well with it.
 *
 * @throws Failure if the address cannot be listened on
 */
export async function serveShipMetrics(address: ListenAddress, sources: ShipMetricsSources): Promise<HttpServer> {
  const { shipMetrics } = await import('./ship-metrics.ts')
  const { HttpServer: Server } = await import('../http/http-server.ts')
  const { statusRoutes } = await import('../status/status-routes.ts')
  const registry = shipMetrics(sources)
  const routes = statusRoutes({
    metrics: () => registry,
    health: () => healthOf(sources.shipper.status.problem),
  })
  return Server.listen(address, { by: '--metrics', routes })
}
