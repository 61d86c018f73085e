import { version } from '../files/version.ts'
import type { ListenAddress } from '../options/kinds.ts'
import type { StatusServer } from '../status/status-server.ts'
import { Failure } from '../text/exit.ts'
import type { Log } from '../text/log.ts'
import type { FollowedPbx } from './followed-pbx.ts'

/**
 * Serves the metrics of a PBX that is followed, and whether all is well with it.
 *
 * @throws Failure if the address cannot be listened on
 */
export async function serveMetrics(address: ListenAddress, pbx: FollowedPbx, log: Log): Promise<StatusServer> {
  // They take a quarter of the time in which a daemon starts.
  const { metricsOf } = await import('../status/metrics.ts')
  const { StatusServer } = await import('../status/status-server.ts')
  const registry = metricsOf({ version: version(), pbx })
  try {
    const server = await StatusServer.listen(address, {
      metrics: () => registry.metrics(),
      metricsType: registry.contentType,
      problem: () => pbx.status.problem,
    })
    log.info(`metrics are at ${server.url}/metrics`)
    return server
  } catch (error) {
    throw new Failure(
      `--metrics: nobody can listen on ${address.host}, port ${address.port}: ${(error as Error).message}`,
    )
  }
}
