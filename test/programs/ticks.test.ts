import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { tickMessage } from '../../lib/connection/stamping.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { linesWithOwnTimes } from '../support/chains.ts'
import { allFixtures } from '../support/fixtures.ts'

/** A recording as a live stream has it: time also passes between its events, 20 ms at a time. */
function withTicks(recording: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  let clock = 0
  let start = 0
  for (let end = recording.indexOf('\r\n\r\n'); end >= 0; end = recording.indexOf('\r\n\r\n', start)) {
    const message = recording.subarray(start, end + 4)
    start = end + 4
    const stamp = Number(/^Timestamp: (\d+\.\d+)\r$/m.exec(message.toString('latin1'))?.[1] ?? 0) * 1000
    for (let tick = clock + 20; clock > 0 && tick <= stamp; tick += 20) pieces.push(tickMessage(tick))
    clock = Math.max(clock, stamp)
    pieces.push(message)
  }
  return pieces
}

describe('ticks', () => {
  it('change no line of any recording, nor its time', async () => {
    for (const { name, amiFile } of allFixtures()) {
      const recording = readFileSync(amiFile)
      const live = await linesWithOwnTimes(withTicks(recording), trackers)
      const replayed = await linesWithOwnTimes([recording], trackers)
      assert.deepEqual(live.sort(), replayed.sort(), name)
    }
  })
})
