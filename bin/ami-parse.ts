#!/usr/bin/env node
import { pipeline } from 'node:stream/promises'
import { openInput } from '../lib/cli/input.ts'
import { reportOrFail, runProgram, strictOption } from '../lib/cli/program.ts'
import { onOff } from '../lib/options/kinds.ts'
import { amiParse } from '../lib/streams/ami-parse.ts'
import { writeNdjson } from '../lib/streams/ndjson-stream.ts'
import { resyncStage } from '../lib/streams/resync-stage.ts'

void runProgram({
  name: 'ami-parse',
  options: { noeventblacklisting: onOff(false), ...strictOption },
  run: async ({ noeventblacklisting, strict }, reporter) => {
    const tell = reportOrFail(reporter, strict)
    const parse = amiParse({
      allEvents: noeventblacklisting,
      onReport: ({ kind, offset, text }) => tell(kind, `byte ${offset}: ${text}`),
    })
    await pipeline(openInput(), parse, resyncStage(noeventblacklisting), writeNdjson(), process.stdout)
  },
})
