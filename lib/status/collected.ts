import { Counter, Gauge, type Registry } from 'prom-client'

/** Values, each with its labels. */
export type Series = Iterable<readonly [labels: Readonly<Record<string, string>>, value: number]>

/** A gauge that is asked for when somebody asks for it: nothing is better than a 0 that nobody measured. */
export function collectedGauge(
  registry: Registry,
  name: string,
  help: string,
  series: () => Series,
  labelNames: readonly string[] = [],
): void {
  const collected = new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect: () => {
      collected.reset()
      // One without labels is 0 when it is reset.
      if (labelNames.length === 0) collected.remove()
      for (const [labels, value] of series()) collected.set(labels, value)
    },
  })
}

/** A counter of which somebody else keeps the count. */
export function collectedCounter(
  registry: Registry,
  name: string,
  help: string,
  series: () => Series,
  labelNames: readonly string[] = [],
): void {
  const collected = new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect: () => {
      collected.reset()
      for (const [labels, count] of series()) collected.inc(labels, count)
    },
  })
}

/** @param value undefined if there is none */
export function single(value: number | undefined): Series {
  return value === undefined ? [] : [[{}, value]]
}
