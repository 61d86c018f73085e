#!/usr/bin/env node
import { pipeline } from 'node:stream/promises'
import { DumpInput } from '../lib/cli/dump-input.ts'
import { runProgram, strictOption, tellOrFail } from '../lib/cli/program.ts'
import { onOff } from '../lib/options/kinds.ts'
import { amiParse } from '../lib/streams/ami-parse.ts'
import { writeNdjson } from '../lib/streams/ndjson-stream.ts'
import { resyncStage } from '../lib/streams/resync-stage.ts'

void runProgram({
  name: 'ami-parse',
  options: { noeventblacklisting: onOff(false), ...strictOption },
  fileBelongs: (file) => `ami-parse < ${file}`,
  run: async ({ noeventblacklisting, strict }, errors) => {
    const input = new DumpInput(['-'], tellOrFail(errors, strict), { takesAnswers: true })
    const parse = amiParse({ allEvents: noeventblacklisting, ...input.parsing })
    await input.readBy(() => pipeline(input, parse, resyncStage(noeventblacklisting), writeNdjson(), process.stdout))
  },
})
