import type { Registry } from 'prom-client'
import { FILES } from '../files/uses.ts'
import { version } from '../files/version.ts'
import type { HttpServer, HttpServerOptions, Routes } from '../http/http-server.ts'
import type { SocketPlace } from '../http/socket-place.ts'
import { LiveLines } from '../live/live-lines.ts'
import type { LiveRoutes } from '../live/live-routes.ts'
import type { LookedAtPbx } from '../live/pbx-status.ts'
import { PbxTap } from '../live/pbx-tap.ts'
import type { ListenAddress } from '../options/kinds.ts'
import { type Health, healthOf } from '../status/health.ts'
import type { MetricsSource } from '../status/metrics.ts'
import { ErrorLog, type Log } from '../text/log.ts'
import type { FollowedPbx } from './followed-pbx.ts'
import { type LiveDoorValues, liveToken } from './live-door-options.ts'
import { namesIn, type PbxSet } from './pbx-set.ts'

/** Where a process answers those who ask how it is. */
export interface DoorValues extends LiveDoorValues {
  metrics: ListenAddress | undefined
  /** The path of a socket. */
  control: string | undefined
}

/** Whether anybody may ask. */
export function hasDoors({ metrics, control, live }: DoorValues): boolean {
  return (metrics ?? control ?? live) !== undefined
}

/** What is behind the doors of a process. */
interface Inside {
  metrics: MetricsSource
  health: (pbx: string | undefined) => Health
  pbxs: (name: string | undefined) => Iterable<LookedAtPbx>
  has: (pbx: string) => boolean
  /** Whether it is known which PBXs are to be followed. */
  isKnown: () => boolean
}

/** Where a process answers: those who ask for its metrics, and those who look at its calls and lines. */
export class Doors {
  private readonly values: DoorValues
  private readonly log: Log
  private readonly errors: ErrorLog
  private readonly servers: HttpServer[] = []
  private live: LiveRoutes | undefined
  /** The last lines, where somebody may look at them. */
  readonly lines: LiveLines | undefined
  /** Makes what explains the calls of a PBX, where somebody may ask for that. */
  readonly tap: ((log: Log) => PbxTap) | undefined

  constructor(values: DoorValues, log: Log) {
    this.values = values
    this.log = log
    this.errors = new ErrorLog(log)
    this.lines = (values.control ?? values.live) === undefined ? undefined : new LiveLines()
    this.tap = values.control === undefined ? undefined : (of: Log) => new PbxTap(of)
  }

  /**
   * Answers for the one PBX of a process.
   *
   * @throws Failure, FileProblem if nobody can listen where that is asked for
   */
  openFor(pbx: FollowedPbx): Promise<void> {
    const one: LookedAtPbx = {
      name: '',
      isGivenUp: false,
      followed: pbx,
      get trouble() {
        return pbx.status.trouble
      },
    }
    return this.open({
      metrics: { version: version(), pbx },
      health: () => healthOf(pbx.status.problem),
      pbxs: () => [one],
      has: (name) => name === one.name,
      isKnown: () => true,
    })
  }

  /**
   * Answers for many PBXs. As a whole the process is well while it follows one of them: who starts it anew for one that is down
   * would cut off all others.
   *
   * @param isKnown whether the settings of the PBXs have been read
   * @throws Failure, FileProblem if nobody can listen where that is asked for
   */
  openForMany(set: PbxSet, isKnown: () => boolean): Promise<void> {
    const health = (name: string | undefined): Health => {
      if (name !== undefined) {
        const pbx = set.get(name)
        return pbx === undefined ? { code: 404, text: 'No PBX has this name.' } : healthOf(pbx.trouble?.text)
      }
      const { all } = set
      const troubled = all.filter(({ trouble }) => trouble !== undefined)
      const names = troubled.map((pbx) => pbx.name)
      const text =
        troubled.length === 0 ? 'ok' : `${troubled.length} of ${all.length} have a problem: ${namesIn(names)}`
      return { code: all.length > 0 && troubled.length === all.length ? 503 : 200, text }
    }
    return this.open({
      metrics: { version: version(), pbxs: () => set.all },
      health,
      pbxs: (name) => (name === undefined ? set.all : [set.get(name) ?? []].flat()),
      has: (name) => set.get(name) !== undefined,
      isKnown,
    })
  }

  async close(): Promise<void> {
    this.live?.close()
    await Promise.all(this.servers.map((server) => server.close()))
    this.errors.end()
  }

  private async open(inside: Inside): Promise<void> {
    try {
      await this.openAll(inside)
    } catch (error) {
      // One that listens already would keep the process.
      await this.close()
      throw error
    }
  }

  private async openAll(inside: Inside): Promise<void> {
    const { metrics, control, live } = this.values
    const status = await metricsRoutes(inside, metrics !== undefined)
    if (metrics !== undefined) {
      const { url } = await this.listen(metrics, { by: '--metrics', routes: status })
      this.log.info(`metrics are at ${url}/metrics`)
    }
    if (this.lines === undefined) return
    const { LiveRoutes } = await import('../live/live-routes.ts')
    this.live = new LiveRoutes({ ...inside, version: version(), lines: this.lines, log: this.log })
    if (control !== undefined) {
      const routes = { ...status, ...this.live.routes }
      await this.listen({ path: control, use: FILES.control }, { by: '--control', routes })
    }
    if (live !== undefined) await this.openPage(live, this.live.routes)
  }

  private async openPage(place: ListenAddress, liveRoutes: Routes): Promise<void> {
    const { LiveGuard } = await import('../live/live-guard.ts')
    const { MAX_LOADING, pageRoutes } = await import('../live/page-routes.ts')
    const token = liveToken(this.values['live-token-file'], this.log)
    const guard = new LiveGuard({ place, token, errors: this.errors })
    // The page does not explain calls, which costs something for each event.
    const { '/v1/tap': _, ...shown } = liveRoutes
    const routes = { ...pageRoutes(), ...shown, ...guard.routes }
    const { url } = await this.listen(place, { by: '--live', routes, admits: guard.admits, maxWaiting: MAX_LOADING })
    this.log.info(`the page of the open calls is at ${url}/`)
  }

  private async listen(place: ListenAddress | SocketPlace, options: HttpServerOptions): Promise<HttpServer> {
    // It takes a part of the time in which a daemon starts.
    const { HttpServer } = await import('../http/http-server.ts')
    const server = await HttpServer.listen(place, options)
    this.servers.push(server)
    return server
  }
}

/**
 * One registry for all doors. What is measured of the process wakes it ten times a second: that begins when somebody asks.
 *
 * @param isScraped whether it is likely that somebody will
 */
async function metricsRoutes({ metrics, health }: Inside, isScraped: boolean): Promise<Routes> {
  const { statusRoutes } = await import('../status/status-routes.ts')
  let asked: Promise<Registry> | undefined
  // They take a quarter of the time in which a daemon starts.
  const registry = (): Promise<Registry> => {
    asked ??= import('../status/metrics.ts').then(({ metricsOf }) => metricsOf(metrics))
    return asked
  }
  if (isScraped) await registry()
  return statusRoutes({ metrics: registry, health })
}
