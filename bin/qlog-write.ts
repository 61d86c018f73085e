#!/usr/bin/env node
import { openInput } from '../lib/cli/input.ts'
import { reportOrFail, runProgram, strictOption } from '../lib/cli/program.ts'
import { queueLogOption, writeQueueLog } from '../lib/cli/queue-log-output.ts'
import { readNdjson } from '../lib/stages/ndjson-stream.ts'
import { queueLogLines } from '../lib/stages/queue-log-lines.ts'

await runProgram({
  name: 'qlog-write',
  options: { ...queueLogOption, ...strictOption },
  run: async ({ queuelog, strict }, reporter) => {
    const tell = reportOrFail(reporter, strict)
    const lines = queueLogLines({ onReport: (text) => tell('bad record', text) })
    await writeQueueLog([openInput(), readNdjson(() => true), lines], queuelog)
  },
})
