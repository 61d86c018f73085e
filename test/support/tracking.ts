import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatQueueLogLine, type QueueLogRecord } from '../../lib/queue-log/record.ts'
import { readNdjson } from '../../lib/streams/ndjson-stream.ts'
import { queueLogRecords } from '../../lib/streams/queue-log-records.ts'
import { trackerStage } from '../../lib/streams/tracker-stage.ts'
import { bufferOfBytes } from '../../lib/text/byte-string.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { batchingsOf } from './chunkings.ts'
import { type Scene, T0 } from './scene.ts'

/** One tracker, as its program runs it. */
export function trackingOf(program: string, values: ConstructorParameters<typeof Tracking>[1] = {}): Tracking {
  return new Tracking(
    trackers.filter((entry) => entry.program === program),
    values,
  )
}

/** The lines that a tracker adds to a stream of NDJSON, chunk by chunk as given. */
export async function track(tracking: Tracking, chunks: Iterable<Buffer>): Promise<string[]> {
  const lines: string[] = []
  const needsHeaders = (event: string): boolean => tracking.events.has(event)
  await pipeline(
    Readable.from(chunks, { objectMode: true }),
    readNdjson(needsHeaders),
    trackerStage(tracking),
    queueLogRecords(),
    async (source: AsyncIterable<QueueLogRecord[]>) => {
      for await (const some of source) lines.push(...some.map(formatQueueLogLine))
    },
  )
  return lines
}

/**
 * Asserts which lines of queue_log a scene gives, in whatever batches they come. In the lines expected, times are
 * seconds since the beginning of the scene, and channels stand as `<name>` for their Uniqueids.
 *
 * @returns the trackers after the last run, to look at what it still remembers
 */
export async function assertLines(create: () => Tracking, scene: Scene, expected: string[]): Promise<Tracking> {
  const wanted = expected.map((line) => {
    const [time, ...columns] = line.split('|')
    return `${[T0 + Number(time), ...columns].join('|').replace(/<([^>]+)>/g, (_, name) => scene.uniqueid(name))}\n`
  })
  const ndjson = bufferOfBytes(scene.records.map((record) => `${record.toLine()}\n`).join(''))
  let tracking = create()
  for (const { label, chunks } of batchingsOf(ndjson)) {
    tracking = create()
    assert.deepEqual(await track(tracking, chunks), wanted, label)
  }
  return tracking
}
