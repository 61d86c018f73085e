#!/usr/bin/env node
import { Input } from '../lib/cli/input.ts'
import { runProgram, tellOrFail } from '../lib/cli/program.ts'
import { qlogWriteOptions, throughAsterisk } from '../lib/cli/qlog-write-options.ts'
import { writeQueueLog } from '../lib/cli/queue-log-output.ts'
import { recordsOnly } from '../lib/cli/records-only.ts'
import { refuseWithoutEffect } from '../lib/cli/without-effect.ts'
import { assertConnectable } from '../lib/daemon/connect-options.ts'
import { readNdjson } from '../lib/streams/ndjson-stream.ts'
import { queueLogRecords } from '../lib/streams/queue-log-records.ts'

void runProgram({
  name: 'qlog-write',
  options: qlogWriteOptions,
  assertUsable: (options, { given, secrets }) => {
    if (options.login === undefined) {
      refuseWithoutEffect(
        given,
        Object.keys(throughAsterisk),
        'without --login: lines go to stdout or to --queuelog FILE',
      )
      return
    }
    refuseWithoutEffect(
      given,
      ['queuelog'],
      'with --login: the lines go through Asterisk. Remove one of the two options',
    )
    assertConnectable(options, secrets)
  },
  optionsInUse: (options) => (options.login === undefined ? { queuelog: options.queuelog } : options),
  fileBelongs: (file) => `qlog-write < ${file}`,
  run: async (options, errors, { secrets }) => {
    const { queuelog, strict, login } = options
    const tell = tellOrFail(errors, strict)
    const records = queueLogRecords({
      onReport: (text) => tell('bad record', text),
      marksCalls: login !== undefined,
      keepsMalformed: login === undefined,
    })
    const stages = [recordsOnly('qlog-write'), readNdjson(() => true), records] as const
    if (login === undefined) {
      const input = new Input()
      await writeQueueLog([input, ...stages], queuelog, { onError: (text) => errors.tell('not written', text) })
      input.assertWhole()
      return
    }
    const { writeThroughAmi } = await import('../lib/daemon/connected-programs.ts')
    await writeThroughAmi(options, secrets, stages)
  },
})
