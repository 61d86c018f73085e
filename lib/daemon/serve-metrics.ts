import { version } from '../files/version.ts'
import type { ListenAddress } from '../options/kinds.ts'
import { type Health, healthOf } from '../status/health.ts'
import type { MetricsSource } from '../status/metrics.ts'
import type { StatusServer } from '../status/status-server.ts'
import type { Log } from '../text/log.ts'
import type { FollowedPbx } from './followed-pbx.ts'
import { namesIn, type PbxSet } from './pbx-set.ts'

/**
 * Serves the metrics of a PBX that is followed, and whether all is well with it.
 *
 * @throws Failure if the address cannot be listened on
 */
export function serveMetrics(address: ListenAddress, pbx: FollowedPbx, log: Log): Promise<StatusServer> {
  const health = (): Health => healthOf(pbx.status.problem)
  return serve(address, { version: version(), pbx }, health, log)
}

/**
 * Serves the metrics of many PBXs, and whether all is well with each. As a whole the process is well while it follows one of
 * them: who starts it anew for one that is down would cut off all others.
 *
 * @throws Failure if the address cannot be listened on
 */
export function serveMetricsOfMany(address: ListenAddress, set: PbxSet, log: Log): Promise<StatusServer> {
  const health = (name: string | undefined): Health => {
    if (name !== undefined) {
      const pbx = set.get(name)
      return pbx === undefined ? { code: 404, text: 'There is no PBX of this name.' } : healthOf(pbx.problem)
    }
    const { all } = set
    const troubled = all.filter(({ problem }) => problem !== undefined)
    const names = troubled.map((pbx) => pbx.name)
    const text = troubled.length === 0 ? 'ok' : `${troubled.length} of ${all.length} have a problem: ${namesIn(names)}`
    return { code: all.length > 0 && troubled.length === all.length ? 503 : 200, text }
  }
  return serve(address, { version: version(), pbxs: () => set.all }, health, log)
}

async function serve(
  address: ListenAddress,
  source: MetricsSource,
  health: (pbx: string | undefined) => Health,
  log: Log,
): Promise<StatusServer> {
  // They take a quarter of the time in which a daemon starts.
  const { metricsOf } = await import('../status/metrics.ts')
  const { StatusServer } = await import('../status/status-server.ts')
  const registry = metricsOf(source)
  const server = await StatusServer.listen(address, {
    metrics: () => registry.metrics(),
    metricsType: registry.contentType,
    health,
  })
  log.info(`metrics are at ${server.url}/metrics`)
  return server
}
