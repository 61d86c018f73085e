import { PassThrough } from 'node:stream'
import { AmiConnection } from '../connection/connection.ts'
import { endNow } from '../files/end-now.ts'
import { fileWaits } from '../files/file-waits.ts'
import { LockFile } from '../files/lock-file.ts'
import { FILES } from '../files/uses.ts'
import { UsageError } from '../options/kinds.ts'
import type { OnSettled } from '../queue-log/outcome.ts'
import { sinkFor } from '../sinks/table.ts'
import { RunningStatus } from '../status/running-status.ts'
import { ErrorLog } from '../text/log.ts'
import type { LogLevel } from '../text/log-levels.ts'
import type { Tracking } from '../trackers/tracking.ts'
import { type ConnectValues, connectionSettings, type PbxSecrets } from './connect-options.ts'
import { DebugFile } from './debug-file.ts'
import { Doors, type DoorValues, hasDoors } from './doors.ts'
import { exitCodeOf } from './exit-code.ts'
import { FollowedPbx, type PbxValues } from './followed-pbx.ts'
import { watchHangingFiles } from './hanging-files.ts'
import { type OpenLog, openLog } from './logger.ts'
import { type ProcessEnd, type ProcessWork, runProcess } from './run-process.ts'
import { StageFlow, type StageFlowParts } from './stage-flow.ts'

export interface LogValues {
  loglevel: LogLevel
  logfile: string | undefined
}

/** What ami-connect is given. */
export interface ConnectProgramValues extends ConnectValues, LogValues {
  debugfile: string | undefined
  noeventblacklisting: boolean
}

/** How long the end waits for the last files to be closed, in ms. */
const LAST_FILES_MS = 500

/** `ami-connect`: the AMI stream on stdout. */
export async function runConnect(values: ConnectProgramValues, secrets: PbxSecrets): Promise<void> {
  await runWithLog('ami-connect', values, async (log) => {
    const events = values.noeventblacklisting ? 'all' : 'tracked'
    const connection = new AmiConnection(connectionSettings(values, { events, beats: false }, log, secrets), log)
    const debugFile = values.debugfile === undefined ? undefined : await DebugFile.open(values.debugfile, log)
    const end = await runFlow(new RunningStatus(connection), log, {
      connection,
      log,
      stages: [connection.stream, ...(debugFile === undefined ? [] : [debugFile.stage()])],
      sink: { streams: [process.stdout] },
      finishReading: () => connection.finishReading(),
      reopen: async () => debugFile?.reopen(),
    })
    await debugFile?.end()
    return end
  })
}

interface TrackValues extends PbxValues, LogValues, DoorValues {
  pid: string | undefined
}

/** `ami-track`: the whole chain of one PBX, its lines into Asterisk's queue_log, a file or stdout. */
export async function runTrack(values: TrackValues, secrets: PbxSecrets, create: () => Tracking): Promise<void> {
  const release = takePidFile(values.pid)
  await runWithLog('ami-track', values, async (log) => {
    const doors = new Doors(values, log)
    const onSettled: OnSettled = (record, outcome) => doors.lines?.add(record, outcome)
    const around = { log, secrets, create, counts: hasDoors(values), tap: doors.tap, onSettled, output: process.stdout }
    const pbx = await FollowedPbx.open(values, around)
    process.once('exit', () => pbx.release())
    try {
      await doors.openFor(pbx)
    } catch (error) {
      await pbx.close()
      throw error
    }
    const ending = pbx.start()
    const end = await runProcess({
      log,
      started: pbx.tried,
      ending,
      stop: () => pbx.stop(),
      reopen: () => pbx.reopen(),
      summary: () => pbx.status.summary,
      tell: () => pbx.tell(),
    })
    await doors.close()
    await pbx.close()
    return end
  })
  release()
}

/** `qlog-write --login …`: lines from elsewhere, by QueueLog actions. */
export async function writeThroughAmi(
  values: ConnectValues & LogValues,
  secrets: PbxSecrets,
  stages: readonly NodeJS.ReadWriteStream[],
): Promise<void> {
  await runWithLog('qlog-write', values, async (log) => {
    const settings = connectionSettings(values, { events: 'none', beats: false }, log, secrets)
    const connection = new AmiConnection(settings, log)
    const errors = new ErrorLog(log)
    connection.stream.resume()
    const input = process.stdin.pipe(new PassThrough())
    const { login = '' } = values
    const around = { link: connection, login, log, errors, learnsEnds: false, output: process.stdout }
    const sink = sinkFor(undefined).create(around)
    const end = await runFlow(new RunningStatus(connection, sink), log, {
      connection,
      log,
      stages: [input, ...stages],
      sink,
      finishReading: () => {
        process.stdin.unpipe(input)
        process.stdin.destroy() // whoever writes there would keep this process alive
        input.end()
      },
      reopen: async () => {},
    })
    errors.end()
    return end
  })
}

/** Runs a program that is one flow. */
function runFlow(
  status: RunningStatus,
  log: OpenLog,
  { reopen, ...parts }: StageFlowParts & Pick<ProcessWork, 'reopen'>,
): Promise<ProcessEnd> {
  const flow = new StageFlow(parts)
  return runProcess({
    log,
    started: parts.connection.tried,
    ending: flow.ending,
    stop: () => flow.stop(),
    reopen,
    summary: () => status.summary,
    tell: () => log.info(status.describe()),
  })
}

/**
 * Takes the file that keeps a second process from running.
 *
 * @returns removes it
 */
export function takePidFile(path: string | undefined): () => void {
  const pidFile = path === undefined ? undefined : LockFile.take(path, FILES.pid, 0o644)
  const release = (): void => pidFile?.release()
  process.once('exit', release)
  return release
}

/** Opens what every connected program needs, closes it behind it, and sets the exit code. */
export async function runWithLog(
  program: string,
  values: LogValues,
  run: (log: OpenLog) => Promise<ProcessEnd>,
): Promise<void> {
  const log = await openLog(program, values.loglevel, values.logfile)
  const errors = new ErrorLog(log)
  const endWatchingFiles = watchHangingFiles(errors)
  const { code, isDrained } = await runLogged(log, values, () => run(log))
  endWatchingFiles()
  errors.end()
  await log.end()
  process.exitCode = code
  await fileWaits.noneWithin(LAST_FILES_MS)
  // A pipe that nobody reads would keep the process alive with what it has not taken, and so would a file that hangs.
  if (!isDrained || fileWaits.isAny) endNow(code)
}

/**
 * What keeps a program from running is in its log as well, where that is a file: on stderr it is told in any case.
 *
 * @throws UsageError for who has called it
 */
async function runLogged(log: OpenLog, { logfile }: LogValues, run: () => Promise<ProcessEnd>): Promise<ProcessEnd> {
  try {
    return await run()
  } catch (error) {
    if (logfile === undefined || error instanceof UsageError) throw error
    log.fatal((error as Error).message)
    return { code: exitCodeOf(error), isDrained: true }
  }
}
