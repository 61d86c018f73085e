import { strict as assert } from 'node:assert'
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { formatQueueLogLine, type QueueLogRecord } from '../../lib/queue-log.ts'
import type { Batch } from '../../lib/record.ts'
import { amiParse } from '../../lib/stages/ami-parse.ts'
import { chain } from '../../lib/stages/chain.ts'
import { composed } from '../../lib/stages/composed.ts'
import { trackerStage } from '../../lib/stages/tracker-stage.ts'
import { createTogether, type TrackerEntry } from '../../lib/trackers/index.ts'
import type { Tracker } from '../../lib/trackers/tracker.ts'

/** The lines of a dump through a chain of trackers; nothing may be wrong in it, nor remembered at its end unless it ends within calls. */
export async function linesInOneProcess(
  dump: string | Iterable<Buffer>,
  entries: readonly TrackerEntry[],
  { mayRemember = false } = {},
): Promise<string> {
  const running = createTogether(entries)
  const input = typeof dump === 'string' ? createReadStream(dump, { highWaterMark: 1000 }) : Readable.from(dump)
  const stages = chain({ trackers: running, parse: { onReport: ({ text }) => assert.fail(text) } })
  let lines = ''
  await pipeline(input, stages, async (source: AsyncIterable<QueueLogRecord[]>) => {
    for await (const some of source) lines += some.map(formatQueueLogLine).join('')
  })
  if (mayRemember) return lines
  for (const [index, tracker] of running.entries()) assert.equal(tracker.size, 0, entries[index]?.program)
  return lines
}

export interface OwnTimesOptions {
  create?: (entries: readonly TrackerEntry[]) => readonly Tracker[]
  mayRemember?: boolean
}

/**
 * The lines of a dump through a chain of trackers, each with its own time: unlike in a queue_log, one that had waited
 * may stand behind a later one.
 */
export async function linesWithOwnTimes(
  dump: string | Iterable<Buffer>,
  entries: readonly TrackerEntry[],
  { create = createTogether, mayRemember = false }: OwnTimesOptions = {},
): Promise<string[]> {
  const input = typeof dump === 'string' ? createReadStream(dump) : Readable.from(dump)
  const running = create(entries)
  const stages = composed([amiParse(), trackerStage(...running)])
  const lines: string[] = []
  await pipeline(input, stages, async (source: AsyncIterable<Batch>) => {
    for await (const batch of source) {
      for (const record of batch) {
        if (record.kind === 'queue_log') lines.push(formatQueueLogLine(record).trimEnd())
      }
    }
  })
  if (mayRemember) return lines
  for (const [index, tracker] of running.entries()) assert.equal(tracker.size, 0, entries[index]?.program)
  return lines
}
