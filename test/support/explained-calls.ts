import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExplainedCall } from '../../lib/explain/call.ts'
import { explained } from '../../lib/explain/call-record.ts'
import { Explainer } from '../../lib/explain/explainer.ts'
import type { Batch } from '../../lib/record.ts'
import { amiParse } from '../../lib/stages/ami-parse.ts'
import { createWithDefaults, trackers } from '../../lib/trackers/index.ts'

/** The calls of a dump, with all trackers. */
export async function explainedCalls(dump: Iterable<Buffer>): Promise<ExplainedCall[]> {
  const calls: ExplainedCall[] = []
  const running = trackers.map((entry) => ({ entry, tracker: createWithDefaults(entry) }))
  const explainer = new Explainer(running, (record) => calls.push(explained(record)))
  await pipeline(Readable.from(dump), amiParse({ allEvents: true }), async (batches: AsyncIterable<Batch>) => {
    for await (const batch of batches) {
      for (const record of batch) if (record.kind === 'ami') explainer.pass(record)
    }
  })
  explainer.end()
  return calls
}
