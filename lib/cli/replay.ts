import { existsSync } from 'node:fs'
import { memberNamesLogged } from '../ami/own-events.ts'
import { FILES } from '../files/uses.ts'
import { files, type OptionValues } from '../options/kinds.ts'
import { checkPeriod, periodOptions } from '../options/moment.ts'
import { AT_START_BYTES, lastLines, namesLogged } from '../queue-log/names-logged.ts'
import { chain } from '../streams/chain.ts'
import type { ErrorLog } from '../text/log.ts'
import { isOfTrackers } from '../trackers/table.ts'
import type { Tracking } from '../trackers/tracking.ts'
import { DumpInput } from './dump-input.ts'
import { type strictOption, tellOrFail } from './program.ts'
import { showProgress } from './progress.ts'
import { type queueLogOption, writeQueueLog } from './queue-log-output.ts'
import { ReplayPeriod } from './replay-period.ts'

export const replayOptions = { replay: files(FILES.dump), ...periodOptions }

type ReplayValues = OptionValues<typeof replayOptions & typeof strictOption & typeof queueLogOption> & {
  noeventblacklisting: boolean
  hotdesking?: unknown
  /** The queue_log that Asterisk wrote meanwhile. */
  'queuelog-tail': string | undefined
}

/**
 * `ami-track --replay FILE`: the lines of a dump, or of several that follow each other.
 *
 * @throws UsageError if nothing can be within the period
 * @throws Failure if a file is no dump, or there is no event in it, or none of the period
 */
export async function runReplay(
  { replay, since, until, strict, queuelog, noeventblacklisting, ...hotdesking }: ReplayValues,
  tracking: Tracking,
  errors: ErrorLog,
): Promise<void> {
  checkPeriod({ since, until })
  const input = new DumpInput(replay, tellOrFail(errors, strict), { watch: showProgress })
  if (hotdesking.hotdesking === true) await tellNamesLogged(tracking, hotdesking['queuelog-tail'] ?? queuelog)
  const parse = { allEvents: noeventblacklisting, ...input.parsing }
  if (since === undefined && until === undefined) {
    await input.readBy(() => writeQueueLog([input, chain({ parse, tracking })], queuelog))
    return
  }
  const period = new ReplayPeriod({ since, until })
  const stages = chain({ parse: { ...parse, onBatch: (batch) => period.note(batch) }, tracking })
  await input.readBy(() => writeQueueLog([input, stages, period.stage()], queuelog))
  period.assertTouched()
}

/** Whether Asterisk itself logs members in by their names, as the queue_log shows that it wrote, or that lines are added to. */
async function tellNamesLogged(tracking: Tracking, path: string | undefined): Promise<void> {
  if (path === undefined || path === '-' || !existsSync(path)) return
  const areLogged = namesLogged(await lastLines(path, AT_START_BYTES), isOfTrackers)
  if (areLogged !== undefined) tracking.pass([memberNamesLogged(areLogged ? 'yes' : 'no')])
}
