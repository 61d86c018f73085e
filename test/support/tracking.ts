import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { bufferOfBytes } from '../../lib/byte-string.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../../lib/queue-log.ts'
import { readNdjson } from '../../lib/stages/ndjson-stream.ts'
import { queueLogRecords } from '../../lib/stages/queue-log-records.ts'
import { trackerStage } from '../../lib/trackers/tracking.ts'
import type { Tracker } from '../../lib/trackers/tracker.ts'
import { chunkingsOf } from './chunkings.ts'
import { type Scene, T0 } from './scene.ts'

/** The lines that a tracker adds to a stream of NDJSON, chunk by chunk as given. */
export async function track(tracker: Tracker, chunks: Iterable<Buffer>): Promise<string[]> {
  const lines: string[] = []
  const needsHeaders = (event: string): boolean => tracker.events.has(event)
  await pipeline(
    Readable.from(chunks, { objectMode: true }),
    readNdjson(needsHeaders),
    trackerStage(tracker),
    queueLogRecords(),
    async (source: AsyncIterable<QueueLogRecord[]>) => {
      for await (const some of source) lines.push(...some.map(formatQueueLogLine))
    },
  )
  return lines
}

/**
 * Asserts which lines of queue_log a scene gives, over all chunkings of its NDJSON. In the lines expected, times are
 * seconds since the beginning of the scene, and channels stand as `<name>` for their Uniqueids.
 *
 * @returns the tracker after the last run, to look at what it still remembers
 */
export async function assertLines<T extends Tracker>(
  newTracker: () => T,
  scene: Scene,
  expected: string[],
): Promise<T> {
  const wanted = expected.map((line) => {
    const [time, ...columns] = line.split('|')
    return `${[T0 + Number(time), ...columns].join('|').replace(/<([^>]+)>/g, (_, name) => scene.uniqueid(name))}\n`
  })
  const ndjson = bufferOfBytes(scene.records.map((record) => `${record.toLine()}\n`).join(''))
  let tracker = newTracker()
  for (const { label, chunks } of chunkingsOf(ndjson)) {
    tracker = newTracker()
    assert.deepEqual(await track(tracker, chunks), wanted, label)
  }
  return tracker
}
