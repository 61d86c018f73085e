import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatQueueLogLine } from '../../lib/queue-log/record.ts'
import { folderOfEachTest } from '../support/each-test.ts'
import { isEvery } from '../support/sample.ts'
import { busyPbx, load, TrackingRun } from './busy-pbx.ts'

/** MINUTES=27 is the load under which a journal once grew to 140 MB. */
const minutes = Number(process.env.MINUTES ?? (isEvery ? 1 : 0.5))
const CALLS_PER_SECOND = 20
/** 10 events, of 860 in a second. */
const BATCH_MS = 11

describe('the journal of a busy PBX', () => {
  const file = folderOfEachTest('load')

  it('is in proportion to the calls that are open, though its parking lot and its conference are never empty', {
    timeout: 580_000,
  }, async (t) => {
    const run = await TrackingRun.start(file('state'), 20, { tidyMs: 300 })
    const events = busyPbx({ callsPerSecond: CALLS_PER_SECOND, seconds: minutes * 60, seed: 1 })
    const figures = await load(run, events, BATCH_MS)
    t.diagnostic(JSON.stringify(figures))
    assert.ok(figures.compactions > 3 * minutes)
    assert.ok(figures.mostBytes < 10e6, `${figures.mostBytes} bytes`)

    run.settle()
    const began = performance.now()
    // The lines that were settled in the last 10 s are kept a while longer, for their words.
    while (run.state.bytes > 20_000) {
      await run.state.tidy()
      await sleep(50)
    }
    t.diagnostic(`${Math.round(performance.now() - began)} ms later: ${run.state.bytes} bytes`)
    run.state.close()
  })

  it('is read at a restart, and the daemon goes on with the same calls and lines', async (t) => {
    const run = await TrackingRun.start(file('state'), 20)
    const batches = [...busyPbx({ callsPerSecond: CALLS_PER_SECOND, seconds: 20, seed: 2 })]
    const half = batches.length / 2
    const beside = await TrackingRun.start(file('beside'), 20)
    await load(run, batches.slice(0, half), BATCH_MS)
    for (const batch of batches.slice(0, half)) await beside.feed(batch)
    run.state.close()
    const began = performance.now()
    const restarted = await TrackingRun.start(file('state'), 20)
    t.diagnostic(`${restarted.state.bytes} bytes were read in ${Math.round(performance.now() - began)} ms`)
    const last = beside.lines.length
    for (const batch of batches.slice(half)) {
      await restarted.feed(batch)
      await beside.feed(batch)
    }
    // The 20 that waited come once more.
    assert.deepEqual(
      restarted.lines.slice(20).map(formatQueueLogLine),
      beside.lines.slice(last).map(formatQueueLogLine),
    )
    assert.deepEqual(
      restarted.lines.slice(0, 20).map(formatQueueLogLine),
      beside.lines.slice(last - 20, last).map(formatQueueLogLine),
    )
    restarted.state.close()
    beside.state.close()
  })
})
