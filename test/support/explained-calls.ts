import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExplainedCall } from '../../lib/explain/call.ts'
import { explained } from '../../lib/explain/call-draft.ts'
import { explainStage } from '../../lib/explain/explain-stage.ts'
import { Explainer } from '../../lib/explain/explainer.ts'
import type { View } from '../../lib/explain/view.ts'
import type { Batch } from '../../lib/records/record.ts'
import { amiParse } from '../../lib/streams/ami-parse.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'

/** The calls of a dump, with all trackers. */
export async function explainedCalls(dump: Iterable<Buffer>): Promise<ExplainedCall[]> {
  const calls: ExplainedCall[] = []
  const explainer = new Explainer(new Tracking(trackers), (draft) => calls.push(explained(draft)))
  await pipeline(Readable.from(dump), amiParse({ allEvents: true }), async (batches: AsyncIterable<Batch>) => {
    for await (const batch of batches) {
      for (const record of batch) if (record.kind === 'ami') explainer.pass(record)
    }
  })
  explainer.end()
  return calls
}

/** What a view makes of all calls of a dump, with all trackers. */
export async function explainedBy(view: View, dump: Iterable<Buffer>): Promise<string> {
  const stage = explainStage({ tracking: new Tracking(trackers), selection: {}, view })
  let shown = ''
  await pipeline(Readable.from(dump), amiParse({ allEvents: true }), stage, async (texts: AsyncIterable<string>) => {
    for await (const text of texts) shown += text
  })
  return shown
}
