#!/usr/bin/env node
import { openInput } from '../lib/cli/input.ts'
import { reportOrFail, runProgram } from '../lib/cli/program.ts'
import { showProgress } from '../lib/cli/progress.ts'
import { writeQueueLog } from '../lib/cli/queue-log-output.ts'
import { trackOptions } from '../lib/cli/track-options.ts'
import { chosenTrackers } from '../lib/cli/tracker-options.ts'
import type { OptionKinds, OptionValues } from '../lib/option-kinds.ts'
import { chain } from '../lib/stages/chain.ts'
import { createTogether } from '../lib/trackers/index.ts'

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
    options: trackOptions,
    optionsInUse: (options) => {
      const { replay, settings, queuelog } = options
      return replay === undefined ? options : { replay, settings, queuelog }
    },
    run: async (options, reporter) => {
      const switches: OptionValues<OptionKinds> = options
      const chosen = chosenTrackers(switches)
      const create = () => createTogether(chosen, switches)
      if (options.replay === undefined) {
        // A replay needs none of what a connection needs, and starts in half the time without it.
        const { runTrack } = await import('../lib/cli/live-programs.ts')
        await runTrack(options, { names: chosen.map(({ program }) => program), create })
        return
      }
      const tell = reportOrFail(reporter, options.strict)
      const stages = chain({
        parse: {
          allEvents: options.noeventblacklisting,
          onReport: ({ kind, offset, text }) => tell(kind, `byte ${offset}: ${text}`),
        },
        trackers: create(),
      })
      await writeQueueLog([openInput(options.replay, showProgress), stages], options.queuelog)
    },
  },
  argv,
)
