import { Counter, Gauge, type Registry } from 'prom-client'

/** A gauge that is asked for when somebody asks for it: nothing is better than a 0 that nobody measured. */
export function collectedGauge(registry: Registry, name: string, help: string, value: () => number | undefined): void {
  const collected = new Gauge({
    name,
    help,
    registers: [registry],
    collect: () => {
      const now = value()
      if (now === undefined) collected.remove()
      else collected.set(now)
    },
  })
}

/** A counter of which somebody else keeps the count. */
export function collectedCounter(registry: Registry, name: string, help: string, count: () => number): void {
  const collected = new Counter({
    name,
    help,
    registers: [registry],
    collect: () => {
      collected.reset()
      collected.inc(count())
    },
  })
}
