import { strict as assert } from 'node:assert'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatQueueLogLine, type QueueLogRecord } from '../../lib/queue-log/record.ts'
import type { Batch } from '../../lib/records/record.ts'
import { amiParse } from '../../lib/streams/ami-parse.ts'
import { chain } from '../../lib/streams/chain.ts'
import { composed } from '../../lib/streams/composed.ts'
import { readNdjson, writeNdjson } from '../../lib/streams/ndjson-stream.ts'
import { queueLogRecords } from '../../lib/streams/queue-log-records.ts'
import { resyncStage } from '../../lib/streams/resync-stage.ts'
import { trackerStage } from '../../lib/streams/tracker-stage.ts'
import type { TrackerEntry } from '../../lib/trackers/row.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'

/** The lines of a dump through a chain of trackers; nothing may be wrong in it, nor remembered at its end unless it ends within calls. */
export async function linesInOneProcess(
  dump: string | Iterable<Buffer>,
  entries: readonly TrackerEntry[],
  { mayRemember = false } = {},
): Promise<string> {
  const tracking = new Tracking(entries)
  const input = typeof dump === 'string' ? createReadStream(dump, { highWaterMark: 1000 }) : Readable.from(dump)
  const stages = chain({ tracking, parse: { onReport: ({ text }) => assert.fail(text) } })
  let lines = ''
  await pipeline(input, stages, async (source: AsyncIterable<QueueLogRecord[]>) => {
    for await (const some of source) lines += some.map(formatQueueLogLine).join('')
  })
  if (mayRemember) return lines
  assert.equal(tracking.size, 0, 'entries left')
  return lines
}

/** The lines of a dump through the stages of a pipe of programs, which hand on NDJSON and have models of their own. */
export async function linesThroughNdjson(dump: string, entries: readonly TrackerEntry[]): Promise<string> {
  const tracking = entries.map((entry) => new Tracking([entry], {}, { isInPipe: true }))
  const stages = tracking.flatMap((one) => [
    writeNdjson(),
    readNdjson((event) => one.events.has(event)),
    trackerStage(one),
  ])
  const input = createReadStream(dump, { highWaterMark: 1000 })
  const all = composed([
    amiParse(),
    resyncStage(false),
    ...stages,
    writeNdjson(),
    readNdjson(() => true),
    queueLogRecords(),
  ])
  let lines = ''
  await pipeline(input, all, async (source: AsyncIterable<QueueLogRecord[]>) => {
    for await (const some of source) lines += some.map(formatQueueLogLine).join('')
  })
  for (const { size } of tracking) assert.equal(size, 0, 'entries left')
  return lines
}

export interface OwnTimesOptions {
  /** Whether each tracker has a model of its own, as in a pipe of programs. */
  apart?: boolean
  mayRemember?: boolean
}

/**
 * The lines of a dump through a chain of trackers, each with its own time: unlike in a queue_log, one that had waited
 * may stand behind a later one.
 */
export async function linesWithOwnTimes(
  dump: string | Iterable<Buffer>,
  entries: readonly TrackerEntry[],
  { apart = false, mayRemember = false }: OwnTimesOptions = {},
): Promise<string[]> {
  const input = typeof dump === 'string' ? createReadStream(dump) : Readable.from(dump)
  const tracking = apart
    ? entries.map((entry) => new Tracking([entry], {}, { isInPipe: true }))
    : [new Tracking(entries)]
  const stages = composed([amiParse(), ...tracking.map(trackerStage)])
  const lines: string[] = []
  await pipeline(input, stages, async (source: AsyncIterable<Batch>) => {
    for await (const batch of source) {
      for (const record of batch) {
        if (record.kind === 'queue_log') lines.push(formatQueueLogLine(record).trimEnd())
      }
    }
  })
  if (mayRemember) return lines
  for (const { size } of tracking) assert.equal(size, 0, 'entries left')
  return lines
}
