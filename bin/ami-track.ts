#!/usr/bin/env node
import { openInput } from '../lib/cli/input.ts'
import { type OptionKinds, onOff, text, UsageError } from '../lib/cli/options.ts'
import { reportOrFail, runProgram, strictOption } from '../lib/cli/program.ts'
import { queueLogOption, writeQueueLog } from '../lib/cli/queue-log-output.ts'
import { chain } from '../lib/stages/chain.ts'
import { trackers } from '../lib/trackers/index.ts'

const trackerSwitches: OptionKinds = Object.fromEntries(
  trackers.map(({ option, onByDefault }) => [option, onOff(onByDefault)]),
)

// `ami-track track …` is `ami-track …`: the vendor's command line can be used word for word.
const argv = process.argv.slice(process.argv[2] === 'track' ? 3 : 2)

await runProgram(
  {
    name: 'ami-track',
    options: {
      replay: text('FILE'),
      noeventblacklisting: onOff(false),
      ...queueLogOption,
      ...strictOption,
      ...trackerSwitches,
    },
    run: async (options, reporter) => {
      if (options.replay === undefined) throw new UsageError('--replay FILE is missing')
      const switches: Record<string, unknown> = options
      const tell = reportOrFail(reporter, options.strict)
      const stages = chain({
        parse: {
          allEvents: options.noeventblacklisting,
          onReport: ({ kind, offset, text }) => tell(kind, `byte ${offset}: ${text}`),
        },
        trackers: trackers.filter(({ option }) => switches[option] === true).map(({ create }) => create()),
      })
      await writeQueueLog([openInput(options.replay), stages], options.queuelog)
    },
  },
  argv,
)
