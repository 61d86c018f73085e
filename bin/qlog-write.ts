#!/usr/bin/env node
import { connectOptions, logOptions } from '../lib/cli/connect-options.ts'
import { openInput } from '../lib/cli/input.ts'
import { reportOrFail, runProgram, strictOption } from '../lib/cli/program.ts'
import { queueLogOption, writeQueueLog } from '../lib/cli/queue-log-output.ts'
import { UsageError } from '../lib/option-kinds.ts'
import { readNdjson } from '../lib/stages/ndjson-stream.ts'
import { queueLogRecords } from '../lib/stages/queue-log-records.ts'

void runProgram({
  name: 'qlog-write',
  options: { ...queueLogOption, ...strictOption, ...connectOptions, ...logOptions },
  run: async (options, reporter) => {
    const { queuelog, strict, login } = options
    const tell = reportOrFail(reporter, strict)
    const records = queueLogRecords({
      onReport: (text) => tell('bad record', text),
      marksCalls: login !== undefined,
    })
    const stages = [readNdjson(() => true), records] as const
    if (login === undefined) {
      await writeQueueLog([openInput(), ...stages], queuelog, {
        onError: (text) => reporter.report('not written', text),
      })
      return
    }
    if (queuelog !== undefined) throw new UsageError('--queuelog and --login are both given: where shall the lines go?')
    const { writeThroughAmi } = await import('../lib/cli/live-programs.ts')
    await writeThroughAmi(options, stages)
  },
})
