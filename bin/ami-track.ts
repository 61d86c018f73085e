#!/usr/bin/env node
import { memberOptions } from '../lib/cli/fleet-options.ts'
import { runProgram } from '../lib/cli/program.ts'
import { runReplay } from '../lib/cli/replay.ts'
import { refuseForMany } from '../lib/cli/settings-folder.ts'
import { daemonOptions, onlyInReplay, trackOptions } from '../lib/cli/track-options.ts'
import { refuseUnfitDoor } from '../lib/cli/unfit-door.ts'
import { refuseWithoutEffect } from '../lib/cli/without-effect.ts'
import { assertConnectable, connectOptions, logOptions } from '../lib/daemon/connect-options.ts'
import { tailFaults, tailOptions } from '../lib/daemon/tail-options.ts'
import { type OptionKinds, type OptionValues, UsageError } from '../lib/options/kinds.ts'
import { sinkFor } from '../lib/sinks/table.ts'
import { chosenTrackers } from '../lib/trackers/table.ts'
import { Tracking } from '../lib/trackers/tracking.ts'

// `ami-track track …` is `ami-track …`: the vendor's command line can be used word for word.
const words = process.argv.slice(2)
const argv = words.filter((word, n) => word !== 'track' || n > (words[0] === 'help' ? 1 : 0))

void runProgram(
  {
    name: 'ami-track',
    subcommands: {
      doctor: async (rest) => (await import('../lib/cli/doctor.ts')).examinePbx(rest),
      explain: async (rest, errors) => (await import('../lib/cli/explain.ts')).explainDump(rest, errors),
      fleet: async (rest) => (await import('../lib/cli/fleet.ts')).fleet(rest),
      regexp: async (rest, errors) => (await import('../lib/cli/regexp.ts')).testPattern(rest, errors),
      status: async (rest) => (await import('../lib/cli/look.ts')).showStatus(rest),
      top: async (rest) => (await import('../lib/cli/look.ts')).showTop(rest),
      tap: async (rest, errors) => (await import('../lib/cli/tap.ts')).tap(rest, errors),
      validate: async (rest) => (await import('../lib/cli/validate.ts')).validate(rest),
      settings: async (rest) => (await import('../lib/cli/show-settings.ts')).showSettings(rest),
    },
    options: trackOptions,
    runFolder: async (rest, folder) => (await import('../lib/cli/follow-set.ts')).followSet(rest, folder),
    assertUsable: (options, { given, secrets }) => {
      if (options.replay.length > 0) {
        const { 'queuelog-tail': tail, ...others } = daemonOptions
        const ofTheDaemon = Object.keys({ ...connectOptions, ...logOptions, ...others })
        refuseWithoutEffect(given, ofTheDaemon, 'with --replay, which reads a dump and connects to nothing')
        if ((options as OptionValues<OptionKinds>).hotdesking !== true) {
          refuseWithoutEffect(
            given,
            Object.keys({ 'queuelog-tail': tail }),
            'with --replay, except with --hotdesking 1',
          )
        }
        return
      }
      refuseUnfitDoor(options, given)
      if (options.fleet !== undefined) {
        refuseForMany(given, '--fleet follows many PBXs')
        refuseWithoutEffect(given, Object.keys(onlyInReplay), 'with --fleet')
        refuseWithoutEffect(given, ['watch'], 'with --fleet: ami-track always watches the bucket')
        return
      }
      refuseWithoutEffect(given, Object.keys(onlyInReplay), 'without --replay FILE')
      refuseWithoutEffect(given, Object.keys(memberOptions), 'without --fleet')
      refuseWithoutEffect(given, ['watch'], 'without --settings DIR')
      if (!sinkFor(options.queuelog).isShared) {
        refuseWithoutEffect(
          given,
          [...Object.keys(tailOptions), 'standby'],
          'with --queuelog FILE: this program writes that file itself',
        )
      }
      for (const fault of tailFaults(options)) throw new UsageError(fault)
      assertConnectable(options, secrets)
    },
    optionsInUse: (options, given) => {
      const { replay, settings, queuelog, 'queuelog-tail': tail } = options
      if (replay.length === 0) return options
      const typed = { queuelog, 'queuelog-tail': tail }
      const used = Object.entries(typed).filter(([name]) => given.has(name))
      return { replay, settings, ...Object.fromEntries(used) }
    },
    fileBelongs: (file) => `--replay ${file}`,
    run: async (options, errors, { given, secrets }) => {
      const switches: OptionValues<OptionKinds> = options
      const chosen = chosenTrackers(switches)
      const create = () => new Tracking(chosen, switches)
      if (options.replay.length > 0) {
        // What a settings file says of the queue_log is meant for the daemon, whose lines are in it already.
        const typed = <T>(name: string, value: T): T | undefined => (given.has(name) ? value : undefined)
        const queuelog = typed('queuelog', options.queuelog)
        const place = typed('queuelog-tail', options['queuelog-tail'])
        const tail = typeof place === 'string' ? place : undefined
        await runReplay({ ...options, queuelog, 'queuelog-tail': tail }, create(), errors)
        return
      }
      if (options.fleet !== undefined) {
        const { followFleet } = await import('../lib/cli/follow-fleet.ts')
        await followFleet(argv, options, secrets)
        return
      }
      // A replay needs none of what a connection needs, and starts in half the time without it.
      const { runTrack } = await import('../lib/daemon/connected-programs.ts')
      await runTrack(options, secrets, create)
    },
  },
  argv,
)
