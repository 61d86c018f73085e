import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, type Transform } from 'node:stream'
import { AmiConnection } from '../connection/connection.ts'
import { memberNamesMessage } from '../connection/stamping.ts'
import { Heartbeat } from '../election/heartbeat.ts'
import { LastTurnFile } from '../election/last-turn.ts'
import { endNow } from '../files/end-now.ts'
import { FileProblem } from '../files/file-problem.ts'
import { fileWaits } from '../files/file-waits.ts'
import { LockFile } from '../files/lock-file.ts'
import { FILES } from '../files/uses.ts'
import { type ListenAddress, UsageError } from '../options/kinds.ts'
import { FileTail } from '../queue-log/file-tail.ts'
import type { OnSettled } from '../queue-log/outcome.ts'
import type { QueueLogTail } from '../queue-log/tail.ts'
import type { Batch } from '../records/record.ts'
import type { SinkKind } from '../sinks/sink.ts'
import { sinkFor } from '../sinks/table.ts'
import { State } from '../state/state.ts'
import { trackingWithState } from '../state/state-stage.ts'
import { EventCounts } from '../status/event-counts.ts'
import { LineCounts } from '../status/line-counts.ts'
import { LiveStatus } from '../status/live-status.ts'
import { type AmiParseOptions, amiParse } from '../streams/ami-parse.ts'
import { chain } from '../streams/chain.ts'
import { ErrorLog } from '../text/log.ts'
import type { LogLevel } from '../text/log-levels.ts'
import type { Tracking } from '../trackers/tracking.ts'
import { type ConnectValues, connectionSettings, type WantedEvents } from './connect-options.ts'
import { DebugFile } from './debug-file.ts'
import { exitCodeOf } from './exit-code.ts'
import { watchHangingFiles } from './hanging-files.ts'
import { type LiveEnd, runLive } from './live.ts'
import { type OpenLog, openLog } from './logger.ts'
import { MemberNamesWatch } from './member-names-watch.ts'
import { memberLines, openCallLines } from './open-calls.ts'
import { asterisksQueueLog, unreadable } from './queue-log-tail.ts'
import { serveMetrics } from './serve-metrics.ts'
import type { TailValues } from './tail-options.ts'

interface LogValues {
  loglevel: LogLevel
  logfile: string | undefined
}

/** What ami-connect and the daemon have in common. */
export interface LiveValues extends ConnectValues, LogValues {
  debugfile: string | undefined
  noeventblacklisting: boolean
}

/** What a live program is made of. */
interface Live {
  log: OpenLog
  errors: ErrorLog
  connection: AmiConnection
}

/** How long the end waits for the last files to be closed, in ms. */
const LAST_FILES_MS = 500

/** `ami-connect`: the AMI stream on stdout. */
export async function runConnect(values: LiveValues): Promise<void> {
  await whileLive('ami-connect', values, { events: eventsFor(values), beats: false }, async ({ log, connection }) => {
    const debugFile = await openDebugFile(values, log)
    const status = new LiveStatus(connection)
    const end = await runLive({
      connection,
      log,
      stages: [connection.stream, ...debugFile.stages],
      sink: { streams: [process.stdout] },
      finishReading: () => connection.finishReading(),
      reopen: debugFile.reopen,
      status,
    })
    await debugFile.end()
    return end
  })
}

interface TrackValues extends LiveValues, TailValues {
  /** Whether it is on, or how. */
  hotdesking?: unknown
  queuelog: string | undefined
  pid: string | undefined
  state: string | undefined
  standby: boolean
  metrics: ListenAddress | undefined
}

/** What is kept of lines: which ones a restart may find, and how many became what. */
interface Kept {
  state: State | undefined
  onSettled: OnSettled
}

/** `ami-track`: the whole chain, its lines into Asterisk's queue_log, a file or stdout. */
export async function runTrack(values: TrackValues, create: () => Tracking): Promise<void> {
  const pidFile = values.pid === undefined ? undefined : LockFile.take(values.pid, FILES.pid, 0o644)
  const release = (): void => pidFile?.release()
  process.once('exit', release)
  // Only in the queue_log of the server could the lines of two trackers get mixed up.
  const kind = sinkFor(values.queuelog)
  const beats = kind.isShared
  await whileLive('ami-track', values, { events: eventsFor(values), beats }, async (live) => {
    const { log, errors, connection } = live
    const tail = tailOf(values, kind, log)
    const state = openState(values, kind, log)
    const { lastTurn } = state ?? {}
    const heartbeat = beats ? new Heartbeat(connection, { login: values.login ?? '', log, lastTurn }) : undefined
    // Nobody counts where nobody asks.
    const counts = values.metrics && { events: new EventCounts(), lines: new LineCounts() }
    const onSettled: OnSettled = (record, outcome) => {
      state?.state.markSettled(record)
      counts?.lines.count(record, outcome)
    }
    const kept = { state: state?.state, onSettled }
    const sink = kind.create({
      link: connection,
      login: values.login ?? '',
      log,
      errors,
      turn: heartbeat,
      learnsEnds: true,
      tail,
      onError: (text) => errors.tell('file', text),
      onMended: () => errors.mended('file'),
      ...(state === undefined ? {} : { onSent: (record) => state.state.markSent(record) }),
      onSettled,
      output: process.stdout,
    })
    const status = new LiveStatus(connection, sink, { heartbeat, state: state?.state })
    const debugFile = await openDebugFile(values, log)
    const names = namesWatch(values, tail, live)
    await names?.start()
    const parse = {
      allEvents: values.noeventblacklisting,
      onReport: ({ kind, text }: { kind: string; text: string }) => errors.tell(kind, `in the AMI stream: ${text}`),
      onEvent: counts && ((event: string) => counts.events.count(event)),
      onBatch: (batch: Batch) => {
        counts?.events.handedOn(batch)
        names?.note(batch)
      },
    }
    const { tracking, stages: following } = await trackingOf({ create, parse, log, kind, tail }, kept)
    tracking.onDue((serverMs) => connection.expectTick(serverMs))
    const sources = counts && { status, ...counts, tracking }
    const metrics = sources && values.metrics && (await serveMetrics(values.metrics, sources, log))
    const end = await runLive({
      connection,
      log,
      ...(state === undefined ? {} : { keepsLines: () => state.state.finish() }),
      stages: [connection.stream, ...debugFile.stages, ...following],
      sink,
      finishReading: () => {
        connection.finishReading()
        heartbeat?.leave()
      },
      ...(values.standby || heartbeat === undefined ? {} : { failed: whenAnotherWrites(heartbeat) }),
      reopen: async () => {
        sink.reopen()
        await debugFile.reopen()
      },
      status,
      openCalls: () => [...openCallLines(tracking.trackers), ...memberLines(tracking.members)],
    })
    await metrics?.close()
    await debugFile.end()
    state?.close()
    return end
  })
  release()
}

/** Who finds out whether Asterisk itself logs members in by their names, where that matters and its queue_log can be read. */
function namesWatch(
  { hotdesking }: TrackValues,
  tail: QueueLogTail | undefined,
  { connection, log }: Live,
): MemberNamesWatch | undefined {
  if (hotdesking !== true || tail?.kind !== 'file') return undefined
  const file = { path: tail.name, isAsterisks: tail.isStampedByAsterisk }
  return new MemberNamesWatch(file, (value) => connection.state(memberNamesMessage(value)), log)
}

/** `qlog-write --login …`: lines from elsewhere, by QueueLog actions. */
export async function writeThroughAmi(
  values: ConnectValues & LogValues,
  stages: readonly NodeJS.ReadWriteStream[],
): Promise<void> {
  await whileLive('qlog-write', values, { events: 'none', beats: false }, async ({ log, errors, connection }) => {
    connection.stream.resume()
    const input = process.stdin.pipe(new PassThrough())
    const { login = '' } = values
    const around = { link: connection, login, log, errors, learnsEnds: false, output: process.stdout }
    const sink = sinkFor(undefined).create(around)
    const status = new LiveStatus(connection, sink)
    const end = await runLive({
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
      status,
    })
    return end
  })
}

/** Opens what every live program needs, and closes it behind it. */
async function whileLive(
  program: string,
  values: ConnectValues & LogValues,
  wanted: WantedEvents,
  run: (live: Live) => Promise<LiveEnd>,
): Promise<void> {
  const log = await openLog(program, values.loglevel, values.logfile)
  const errors = new ErrorLog(log)
  const endWatchingFiles = watchHangingFiles(errors)
  const { code, isDrained } = await runLogged(log, values, () => {
    const connection = new AmiConnection(connectionSettings(values, wanted, log), log)
    return run({ log, errors, connection })
  })
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
async function runLogged(log: OpenLog, { logfile }: LogValues, run: () => Promise<LiveEnd>): Promise<LiveEnd> {
  try {
    return await run()
  } catch (error) {
    if (logfile === undefined || error instanceof UsageError) throw error
    log.fatal((error as Error).message)
    return { code: exitCodeOf(error), isDrained: true }
  }
}

function eventsFor({ noeventblacklisting }: LiveValues): WantedEvents['events'] {
  return noeventblacklisting ? 'all' : 'tracked'
}

async function whenAnotherWrites(heartbeat: Heartbeat): Promise<never> {
  const { place } = await heartbeat.otherWrites
  throw new Error(`another ami-track writes the queue_log of this PBX, on ${place}, and --standby is 0`)
}

async function openDebugFile(
  { debugfile }: LiveValues,
  log: OpenLog,
): Promise<{ stages: Transform[]; reopen: () => Promise<void>; end: () => Promise<void> }> {
  if (debugfile === undefined) return { stages: [], reopen: async () => {}, end: async () => {} }
  const file = await DebugFile.open(debugfile, log)
  return { stages: [file.stage()], reopen: () => file.reopen(), end: () => file.end() }
}

/** The state, and what keeps a second daemon from using it. */
function openState(
  { state: folder, host, port }: TrackValues,
  { isReadable }: SinkKind,
  log: OpenLog,
): { state: State; lastTurn: LastTurnFile; close: () => void } | undefined {
  if (folder === undefined) return undefined
  if (!isReadable) throw new UsageError('--state cannot tell what a reader of stdout has read: --queuelog FILE')
  makeFolder(folder)
  const lock = LockFile.take(join(folder, 'lock'), FILES.lock, 0o600)
  process.once('exit', () => lock.release())
  const state = openStateIn(folder, log)
  const close = (): void => {
    state.close()
    lock.release()
  }
  return { state, lastTurn: new LastTurnFile(join(folder, 'turn'), `${host}:${port}`), close }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new FileProblem(error, folder, 'the state folder', { cannotBe: 'made' })
  }
}

function openStateIn(folder: string, log: OpenLog): State {
  try {
    return State.open(folder, log)
  } catch (error) {
    throw new FileProblem(error, join(folder, 'journal'), 'the state', { cannotBe: 'read or written' })
  }
}

/** What trackers are made of, and where their lines go. */
interface Chain {
  create: () => Tracking
  parse: AmiParseOptions
  log: OpenLog
  kind: SinkKind
  /** Where the queue_log can be read back into which the lines go. */
  tail: QueueLogTail | undefined
}

async function trackingOf(
  { create, parse, log, kind, tail }: Chain,
  { state, onSettled }: Kept,
): Promise<{ tracking: Tracking; stages: NodeJS.ReadWriteStream[] }> {
  const { stampsTimes } = kind
  // Who stamps lines is Asterisk, which writes the ends of the calls into the same file.
  const write = { keepsTimes: stampsTimes, marksCalls: stampsTimes }
  if (state === undefined) {
    const tracking = create()
    return { tracking, stages: [chain({ parse, tracking, write })] }
  }
  const { tracking, stage } = await trackingWithState(state, {
    create,
    ...write,
    tail,
    log,
    onSettled,
  })
  return { tracking, stages: [amiParse(parse), stage] }
}

/** Where the queue_log can be read back into which the lines go. */
function tailOf(values: TrackValues, { ownFile, isReadable }: SinkKind, log: OpenLog): QueueLogTail | undefined {
  if (!isReadable) return undefined
  if (ownFile !== undefined) return new FileTail(ownFile, { isStampedByAsterisk: false })
  const tail = asterisksQueueLog(values, log)
  // A file was looked at before; it may not have been begun yet.
  if (tail?.kind === 'table') void warnIfUnreadable(tail, log)
  return tail
}

/** Not only when it is needed: what has to be done about it takes its time. */
async function warnIfUnreadable(tail: QueueLogTail, log: OpenLog): Promise<void> {
  const problem = await unreadable(tail)
  if (problem !== undefined) log.warn(problem)
}
