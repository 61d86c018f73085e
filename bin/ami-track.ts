#!/usr/bin/env node
import { runProgram } from '../lib/cli/program.ts'
import { runReplay } from '../lib/cli/replay.ts'
import { daemonOptions, onlyInReplay, trackOptions } from '../lib/cli/track-options.ts'
import { chosenTrackers } from '../lib/cli/tracker-options.ts'
import { refuseWithoutEffect } from '../lib/cli/without-effect.ts'
import { assertConnectable, connectOptions, logOptions } from '../lib/daemon/connect-options.ts'
import type { OptionKinds, OptionValues } from '../lib/options/kinds.ts'
import { sinkFor } from '../lib/sinks/table.ts'
import { Tracking } from '../lib/trackers/tracking.ts'

// `ami-track track …` is `ami-track …`: the vendor's command line can be used word for word.
const words = process.argv.slice(2)
const argv = words.filter((word, n) => word !== 'track' || n > (words[0] === 'help' ? 1 : 0))

void runProgram(
  {
    name: 'ami-track',
    subcommands: {
      doctor: async (rest) => (await import('../lib/cli/doctor.ts')).examinePbx(rest),
      explain: async (rest, reporter) => (await import('../lib/cli/explain.ts')).explainDump(rest, reporter),
      regexp: async (rest, reporter) => (await import('../lib/cli/regexp.ts')).testPattern(rest, reporter),
      validate: async (rest) => (await import('../lib/cli/validate.ts')).validate(rest),
      settings: async (rest) => (await import('../lib/cli/show-settings.ts')).showSettings(rest),
    },
    options: trackOptions,
    assertUsable: (options, given) => {
      if (options.replay.length > 0) {
        const ofTheDaemon = Object.keys({ ...connectOptions, ...logOptions, ...daemonOptions })
        refuseWithoutEffect(given, ofTheDaemon, 'with --replay, which reads a dump and connects to nothing')
        return
      }
      refuseWithoutEffect(given, Object.keys(onlyInReplay), 'without --replay FILE')
      if (!sinkFor(options.queuelog).isShared) {
        refuseWithoutEffect(
          given,
          ['queuelog-tail', 'standby'],
          'with --queuelog FILE, into which this program writes by itself',
        )
      }
      assertConnectable(options)
    },
    optionsInUse: (options, given) => {
      const { replay, settings, queuelog } = options
      if (replay.length === 0) return options
      return { replay, settings, queuelog: given.has('queuelog') ? queuelog : undefined }
    },
    fileBelongs: (file) => `--replay ${file}`,
    run: async (options, reporter, given) => {
      const switches: OptionValues<OptionKinds> = options
      const chosen = chosenTrackers(switches)
      const create = () => new Tracking(chosen, switches)
      if (options.replay.length > 0) {
        // What a settings file says of the queue_log is meant for the daemon, whose lines are in it already.
        const queuelog = given.has('queuelog') ? options.queuelog : undefined
        await runReplay({ ...options, queuelog }, create(), reporter)
        return
      }
      // A replay needs none of what a connection needs, and starts in half the time without it.
      const { runTrack } = await import('../lib/daemon/live-programs.ts')
      await runTrack(options, create)
    },
  },
  argv,
)
