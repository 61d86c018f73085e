import { setTimeout as sleep } from 'node:timers/promises'
import { StreamClock } from '../calls/stream-clock.ts'
import type { Batch } from '../records/record.ts'
import type { Tracking } from '../trackers/tracking.ts'
import { Tap, type TapRow, type TapSelection } from './tap.ts'

export interface ToldAtSpeedOptions {
  selection: TapSelection
  /** How many times faster than it was recorded. */
  speed: number
  toText: (row: TapRow) => string
}

/** What is told of a dump, as text, each part when it is its time. */
export async function* toldAtSpeed(
  batches: AsyncIterable<Batch>,
  tracking: Tracking,
  { selection, speed, toText }: ToldAtSpeedOptions,
): AsyncGenerator<string> {
  const tap = new Tap(tracking)
  const clock = new StreamClock()
  let out = ''
  let begin: { at: number; wall: number } | undefined
  tap.listen(selection, (row) => {
    out += toText(row)
  })
  for await (const batch of batches) {
    for (const record of batch) {
      if (record.kind !== 'ami') continue
      const at = clock.observe(record)
      if (at > 0) begin ??= { at, wall: performance.now() }
      const wait = begin === undefined ? 0 : (at - begin.at) / speed - (performance.now() - begin.wall)
      if (wait > 0) await sleep(wait)
      tap.pass(record)
      if (out !== '') yield out
      out = ''
    }
  }
  tap.end()
  if (out !== '') yield out
}
