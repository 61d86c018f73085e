import { strict as assert } from 'node:assert'
import { rmSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatQueueLogLine, type QueueLogRecord } from '../../lib/queue-log/record.ts'
import type { Batch } from '../../lib/records/record.ts'
import { linesToWrite } from '../../lib/streams/queue-log-records.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { folderOfEachTest } from '../support/each-test.ts'
import { runsOf } from '../support/sample.ts'
import { busyPbx, TrackingRun } from './busy-pbx.ts'

const RUNS = runsOf(25)

describe('trackers with a state', () => {
  const file = folderOfEachTest('restarts')

  it('give the same lines wherever they are killed, also while a journal is compacted and lines wait', async (t) => {
    let compacted = 0
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(fc.integer({ min: 1, max: 150 }), { minLength: 1, maxLength: 8 }),
        fc.nat({ max: 30 }),
        fc.integer({ min: 2, max: 12 }),
        async (seed, lives, waiting, pace) => {
          rmSync(file('state'), { recursive: true, force: true })
          const batches = [...busyPbx({ callsPerSecond: 1, seconds: 30, seed })]
          const expected = linesWithoutRestarts(batches)
          const written: QueueLogRecord[] = []
          let at = 0
          for (const life of [...lives, batches.length]) {
            const run = await TrackingRun.start(file('state'), waiting, { tidyMs: 0 })
            for (const [n, batch] of batches.slice(at, at + life).entries()) {
              await run.feed(batch)
              // Events come while a compaction is in progress, which a kill may interrupt.
              const tidying = run.state.tidy()
              if (n % pace === 0 && (await tidying)) compacted++
            }
            at += life
            if (at >= batches.length) run.settle()
            run.state.close()
            written.push(...run.written)
            if (at >= batches.length) break
          }
          assert.deepEqual(written.map(formatQueueLogLine), expected)
        },
      ),
      { numRuns: RUNS },
    )
    t.diagnostic(`${compacted} compactions`)
    assert.ok(compacted > RUNS, `${compacted} compactions`)
  })
})

/** The lines that the events give trackers that never end. */
function linesWithoutRestarts(batches: readonly Batch[]): string[] {
  const tracking = new Tracking(trackers)
  const linesOf = linesToWrite()
  return batches.flatMap((batch) =>
    linesOf(tracking.pass(batch)).flatMap((line) => (line.kind === 'queue_log' ? [formatQueueLogLine(line)] : [])),
  )
}
