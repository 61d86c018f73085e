import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { folderOfEachTest } from '../support/each-test.ts'
import { busyPbx, load, TrackingRun } from './busy-pbx.ts'

/** MINUTES=27 is the load under which a journal once grew to 140 MB. */
const minutes = Number(process.env.MINUTES ?? 2)

describe('the journal of a busy PBX', () => {
  const file = folderOfEachTest('load')

  it('stays in proportion to the calls that are open, though its parking lot and its conference are never empty', async (t) => {
    const run = new TrackingRun(file('state'), 20)
    const figures = await load(run, busyPbx({ callsPerSecond: 20, seconds: minutes * 60, seed: 1 }), 11)
    t.diagnostic(JSON.stringify(figures))
    assert.ok(figures.compactions > 3)
    assert.ok(figures.bytesOfAll > 4 * figures.mostBytes, `${figures.mostBytes} of ${figures.bytesOfAll} bytes`)
    assert.ok(figures.mostBytes < 10e6, `${figures.mostBytes} bytes`)

    run.settle()
    let now = performance.now()
    while (!(await run.state.tidy())) await new Promise((done) => setTimeout(done, 100))
    t.diagnostic(`idle: ${run.state.bytes} bytes`)
    now = performance.now()
    const restarted = new TrackingRun(file('state'), 20)
    t.diagnostic(`a restart read it in ${performance.now() - now} ms`)
    restarted.state.close()
    run.state.close()
  })
})
