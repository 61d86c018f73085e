import type { Routes } from '../http/http-server.ts'
import type { Health } from './health.ts'

/** What is measured, as Prometheus reads it. */
export interface Measured {
  metrics(): Promise<string>
  /** The media type of these. */
  readonly contentType: string
}

export interface StatusRoutesOptions {
  metrics: () => Measured | Promise<Measured>
  /** How it is: of one PBX of many if it is named, as in `/healthz?pbx=NAME`. */
  health: (pbx: string | undefined) => Health
}

/** `/metrics` and `/healthz`. */
export function statusRoutes({ metrics, health }: StatusRoutesOptions): Routes {
  return {
    '/metrics': async (_asked, reply) => {
      try {
        const measured = await metrics()
        reply.text(200, await measured.metrics(), measured.contentType)
      } catch (error) {
        reply.text(500, `The metrics cannot be computed: ${(error as Error).message}\n`)
      }
    },
    '/healthz': ({ query }, reply) => {
      const { code, text } = health(query.get('pbx') ?? undefined)
      reply.text(code, `${text}\n`)
    },
  }
}
