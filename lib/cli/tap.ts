import { pipeline } from 'node:stream/promises'
import type { TapRow } from '../explain/tap.ts'
import { toldAtSpeed } from '../explain/told-at-speed.ts'
import { FILES } from '../files/uses.ts'
import { tapText } from '../look/tap-text.ts'
import {
  files,
  flag,
  type OptionKind,
  type OptionKinds,
  type OptionValues,
  text,
  UsageError,
} from '../options/kinds.ts'
import type { Batch } from '../records/record.ts'
import { amiParse } from '../streams/ami-parse.ts'
import { tellOnStderr } from '../text/bottom-row.ts'
import { Failure } from '../text/exit.ts'
import type { ErrorLog } from '../text/log.ts'
import { jsonLine } from '../text/one-line.ts'
import { quoted } from '../text/quoted.ts'
import { chosenTrackers } from '../trackers/table.ts'
import { Tracking } from '../trackers/tracking.ts'
import { hasColours } from './colours.ts'
import { DumpInput } from './dump-input.ts'
import { endSignal } from './end-signal.ts'
import { clientOf, lookOptions } from './look.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readCommandLine, refuseOperands } from './options.ts'
import { tellOrFail } from './program.ts'
import { trackerOptions } from './tracker-options.ts'
import { refuseWithoutEffect } from './without-effect.ts'

/** Which calls are told of. */
const selectionOptions = {
  call: text('UNIQUEID'),
  queue: text('QUEUE'),
  number: text('NUMBER'),
  agent: text('AGENT'),
}

const onlyOfReplay = { speed: speed(), ...trackerOptions }

/** The options of `ami-track tap`. */
export const tapOptions = {
  ...lookOptions,
  ...selectionOptions,
  json: flag(),
  replay: files(FILES.dump),
  ...onlyOfReplay,
}

/**
 * `ami-track tap`: explains calls while they happen, of a daemon that runs or of a dump at the speed at which it was recorded.
 *
 * @throws UsageError for options that have no effect together
 */
export async function tap(argv: readonly string[], errors: ErrorLog): Promise<void> {
  const line = readCommandLine(argv, tapOptions)
  refuseOperands(line)
  const { values, given } = line
  const { control: _control, pbx, call, queue, number, agent, json, replay, speed, ...switches } = values
  const selection = { call, queue, number, agent }
  const isColoured = hasColours()
  const toText = (row: TapRow): string => (json ? `${jsonLine(row)}\n` : tapText(row, isColoured))
  if (replay.length > 0) {
    refuseWithoutEffect(
      given,
      Object.keys(lookOptions),
      'with --replay, which reads a dump and does not ask the daemon',
    )
    checkFiles(namedFiles({ replay }, tapOptions))
    const trackers: OptionValues<OptionKinds> = switches
    const tracking = new Tracking(chosenTrackers(trackers), trackers)
    const input = new DumpInput(replay, tellOrFail(errors, false))
    const parse = amiParse({ allEvents: true, ...input.parsing })
    const rows = (batches: AsyncIterable<Batch>) => toldAtSpeed(batches, tracking, { selection, speed, toText })
    await input.readBy(() => pipeline(input, parse, rows, process.stdout))
    return
  }
  refuseWithoutEffect(given, Object.keys(onlyOfReplay), 'without --replay FILE: the daemon uses its own settings')
  const signal = endSignal(0)
  const end = new AbortController()
  signal.addEventListener('abort', () => end.abort())
  // Who has read enough of it ends it.
  process.stdout.on('error', () => end.abort())
  let hasHeard = false
  let isLost = false
  await clientOf(line).listen(
    '/v1/tap',
    { pbx, ...selection },
    end.signal,
    ({ event, data }) => {
      hasHeard = true
      isLost = false
      if ((data as { role?: string }).role === 'standby') {
        tellOnStderr('ami-track: this daemon is on standby: another ami-track writes these lines', 'warn')
      }
      if (event === 'told') process.stdout.write((data as { rows: TapRow[] }).rows.map(toText).join(''))
    },
    (why) => {
      // Who was never there is not waited for: it may be another socket that is meant.
      if (!hasHeard) throw new Failure(why)
      if (!isLost) tellOnStderr(`ami-track: ${why}; waiting for it`, 'warn')
      isLost = true
    },
  )
}

/** `--speed 2`: twice as fast as it was. */
function speed(): OptionKind<number> {
  return {
    fallback: 1,
    shown: '1',
    read: (name, value) => {
      const times = /^\d{1,6}(\.\d{1,3})?$/.test(value) ? Number(value) : 0
      if (times > 0) return times
      throw new UsageError(`--${name} takes a number above 0, such as 2 for twice as fast, not ${quoted(value)}`)
    },
  }
}
