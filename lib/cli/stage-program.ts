import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { OptionKinds, OptionValues } from '../options/kinds.ts'
import { readNdjson, writeNdjson } from '../streams/ndjson-stream.ts'
import { trackerStage } from '../streams/tracker-stage.ts'
import { eventsFor } from '../trackers/row.ts'
import { trackers } from '../trackers/table.ts'
import { Tracking } from '../trackers/tracking.ts'
import { Input } from './input.ts'
import { type Program, runProgram } from './program.ts'
import { recordsOnly } from './records-only.ts'

/** A filter of records between two pipes: NDJSON in, NDJSON out. */
export function filterProgram<K extends OptionKinds>(
  name: string,
  options: K,
  stage: (options: OptionValues<K>) => Duplex,
  needsHeaders: (event: string) => boolean,
): Program<K> {
  return {
    name,
    options,
    fileBelongs: (file) => `${name} < ${file}`,
    run: async (values) => {
      const input = new Input()
      const stages = [recordsOnly(name), readNdjson(needsHeaders), stage(values), writeNdjson()] as const
      await pipeline(input, ...stages, process.stdout)
      input.assertWhole()
    },
  }
}

/** A tracker as a program of its own: it is on without a switch and needs no other beside it. */
export async function runTracker(name: string): Promise<void> {
  const entry = trackers.find(({ program }) => program === name)
  if (entry === undefined) throw new Error(`${name} is not in the table of trackers`)
  const events = eventsFor(entry)
  const stage = (values: OptionValues<OptionKinds>): Duplex =>
    trackerStage(new Tracking([entry], values, { isInPipe: true }))
  await runProgram(filterProgram(name, entry.options, stage, (event) => events.has(event)))
}
