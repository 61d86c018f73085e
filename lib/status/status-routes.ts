import type { Routes } from '../http/http-server.ts'
import type { Health } from './health.ts'

export interface StatusRoutesOptions {
  /** The metrics in Prometheus' text format. */
  metrics: () => Promise<string>
  /** The media type of {@link metrics}. */
  metricsType: string
  /** How it is: of one PBX of many if it is named, as in `/healthz?pbx=NAME`. */
  health: (pbx: string | undefined) => Health
}

/** `/metrics` and `/healthz`. */
export function statusRoutes({ metrics, metricsType, health }: StatusRoutesOptions): Routes {
  return {
    '/metrics': async (_asked, reply) => {
      await metrics().then(
        (text) => reply.text(200, text, metricsType),
        ({ message }) => reply.text(500, `The metrics cannot be put together: ${message}\n`),
      )
    },
    '/healthz': ({ query }, reply) => {
      const { code, text } = health(query.get('pbx') ?? undefined)
      reply.text(code, `${text}\n`)
    },
  }
}
