import { version } from '../files/version.ts'
import { TailProblem } from '../queue-log/tail.ts'
import type { Sink } from '../ship/flow.ts'
import { serveShipMetrics } from '../ship/metrics-server.ts'
import { schemaOf } from '../ship/schema.ts'
import { Shipper } from '../ship/shipper.ts'
import { SqlSink } from '../ship/sql-sink.ts'
import { EXIT } from '../text/exit.ts'
import type { ErrorLog } from '../text/log.ts'
import { hasColours } from './colours.ts'
import { endSignal } from './end-signal.ts'
import type { Said } from './program.ts'
import { showProgress } from './progress.ts'
import { type ShipValues, shippedFile, sinkOf, sinkPlace, sourceOf } from './ship-ends.ts'
import { stderrLog } from './stderr-log.ts'

const log = stderrLog('qlog-ship: ', true)

/**
 * `qlog-ship --from SOURCE --to SINK`.
 *
 * @throws Failure, Hopeless, or TailProblem if it cannot go on
 */
export async function ship(values: ShipValues, errors: ErrorLog, { secrets }: Said): Promise<void> {
  const place = sinkPlace(values)
  if (values.schema && place.kind === 'sql') {
    const { kind, table } = place.table
    process.stdout.write(schemaOf(kind, values.dialect, table.join('.')))
    return
  }
  const onProblem = (kind: string, text: string): void => errors.tell(kind, text)
  const sink = await sinkOf(values, secrets, log)
  if (values.check) {
    const { findingsOfShipping } = await import('./ship-check.ts')
    const { isWrong } = await import('../doctor/finding.ts')
    const { textOf } = await import('../doctor/view.ts')
    const start = 'to ship it, run qlog-ship with the same options but without --check'
    const findings = await findingsOfShipping({ sink, path: shippedFile(values), start, now: Date.now() / 1000 })
    process.stdout.write(findings.map((finding) => textOf(finding, hasColours())).join(''))
    if (findings.some(isWrong)) process.exitCode = EXIT.failed
    return
  }
  const source = await sourceOf(values, secrets, log, onProblem)
  const signal = endSignal(EXIT.ok)
  const bar = new Bar()
  const shipper = new Shipper({
    source,
    sink,
    signal,
    log,
    once: values.once,
    isHopeless: (error) => error instanceof TailProblem && error.isLasting,
    onBatch: (unread) => bar.draw(unread),
    onCaughtUp: () => bar.end(),
  })
  const counts = sink instanceof SqlSink ? sink.counts : undefined
  const server =
    values.metrics && (await serveShipMetrics(values.metrics, { version: version(), shipper, source, counts }))
  if (server !== undefined) log.info(`metrics are at ${server.url}/metrics`)
  try {
    await shipper.run()
  } finally {
    bar.end()
    await server?.close()
    tellCounts(shipper, sink)
  }
}

/** Draws how much is left to catch up with, where that takes a while. */
class Bar {
  private readonly file = { size: 0, bytesRead: 0 }
  private take: (() => void) | undefined
  private isOver = false

  draw(unread: number): void {
    if (this.isOver) return
    this.file.size = Math.max(this.file.size, unread)
    this.file.bytesRead = this.file.size - unread
    this.take ??= showProgress(this.file)
  }

  end(): void {
    this.isOver = true
    this.take?.()
  }
}

function tellCounts({ status }: Shipper, sink: Sink): void {
  const more = sink instanceof SqlSink ? moreOf(sink) : ''
  log.info(`shipped ${status.lines} lines to ${sink.name}${more}`)
}

function moreOf({ counts }: SqlSink): string {
  const { malformed, altered, refused, cut } = counts
  const told: [number, string][] = [
    [malformed, 'were not queue_log lines'],
    [altered, 'with letters replaced'],
    [refused, 'refused'],
    ...[...cut].map(([column, count]): [number, string] => [count, `cut in ${column}`]),
  ]
  const parts = told.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}
