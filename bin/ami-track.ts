#!/usr/bin/env node
import { connectOptions, logOptions } from '../lib/cli/connect-options.ts'
import { openInput } from '../lib/cli/input.ts'
import { reportOrFail, runProgram, strictOption } from '../lib/cli/program.ts'
import { showProgress } from '../lib/cli/progress.ts'
import { queueLogOption, writeQueueLog } from '../lib/cli/queue-log-output.ts'
import { chosenTrackers, trackerOptions } from '../lib/cli/tracker-options.ts'
import { listenAddress, type OptionKinds, type OptionValues, onOff, text } from '../lib/options/kinds.ts'
import { chain } from '../lib/streams/chain.ts'
import { Tracking } from '../lib/trackers/tracking.ts'

// `ami-track track …` is `ami-track …`: the vendor's command line can be used word for word.
const argv = process.argv.slice(process.argv[2] === 'track' ? 3 : 2)

void runProgram(
  {
    name: 'ami-track',
    subcommands: {
      doctor: async (rest, reporter) => (await import('../lib/cli/doctor.ts')).examinePbx(rest, reporter),
      explain: async (rest, reporter) => (await import('../lib/cli/explain.ts')).explainDump(rest, reporter),
      regexp: async (rest) => (await import('../lib/cli/regexp.ts')).testPattern(rest),
      settings: async (rest) => (await import('../lib/cli/show-settings.ts')).showSettings(rest),
    },
    subcommandsWithHelp: ['doctor', 'explain'],
    options: {
      replay: text('FILE'),
      settings: text('FILE'),
      ...connectOptions,
      ...logOptions,
      debugfile: text('FILE'),
      pid: text('FILE'),
      state: text('DIR'),
      standby: onOff(true),
      metrics: listenAddress(),
      'queuelog-tail': text('FILE'),
      noeventblacklisting: onOff(false),
      ...queueLogOption,
      ...strictOption,
      ...trackerOptions,
    },
    run: async (options, reporter) => {
      const switches: OptionValues<OptionKinds> = options
      const chosen = chosenTrackers(switches)
      const create = () => new Tracking(chosen, switches)
      if (options.replay === undefined) {
        // A replay needs none of what a connection needs, and starts in half the time without it.
        const { runTrack } = await import('../lib/daemon/live-programs.ts')
        await runTrack(options, create)
        return
      }
      const tell = reportOrFail(reporter, options.strict)
      const stages = chain({
        parse: {
          allEvents: options.noeventblacklisting,
          onReport: ({ kind, offset, text }) => tell(kind, `byte ${offset}: ${text}`),
        },
        tracking: create(),
      })
      await writeQueueLog([openInput(options.replay, showProgress), stages], options.queuelog)
    },
  },
  argv,
)
