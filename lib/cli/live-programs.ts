import { PassThrough, type Transform } from 'node:stream'
import { AmiConnection } from '../connection/connection.ts'
import { ErrorLog } from '../log.ts'
import { AmiSink } from '../sinks/ami-sink.ts'
import { FileSink } from '../sinks/file-sink.ts'
import { queueLogText } from '../sinks/queue-log-text.ts'
import { chain } from '../stages/chain.ts'
import type { Tracker } from '../trackers/tracker.ts'
import { type ConnectValues, connectionSettings, type WantedEvents } from './connect-options.ts'
import { DebugFile } from './debug-file.ts'
import { type LiveEnd, type LiveSink, runLive } from './live.ts'
import type { LogLevel } from './log-levels.ts'
import { type OpenLog, openLog } from './logger.ts'
import { openCallLines } from './open-calls.ts'
import { PidFile } from './pid-file.ts'

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

/** `ami-connect`: the AMI stream on stdout. */
export async function runConnect(values: LiveValues): Promise<void> {
  await whileLive('ami-connect', values, wantedBy(values), async ({ log, connection }) => {
    const debugFile = await openDebugFile(values, log)
    const end = await runLive({
      connection,
      log,
      stages: [connection.stream, ...debugFile.stages],
      sink: process.stdout,
      finishReading: () => connection.finishReading(),
      reopen: debugFile.reopen,
      describe: () => [statusLine(connection)],
    })
    await debugFile.end()
    return end
  })
}

/** `ami-track`: the whole chain, its lines into Asterisk's queue_log, a file or stdout. */
export async function runTrack(
  values: LiveValues & { queuelog: string | undefined; pid: string | undefined },
  trackers: readonly Tracker[],
): Promise<void> {
  const pidFile = values.pid === undefined ? undefined : PidFile.take(values.pid)
  const release = (): void => pidFile?.release()
  process.once('exit', release)
  await whileLive('ami-track', values, wantedBy(values), async (live) => {
    const { log, errors, connection } = live
    const { sink, stages } = sinkOf(values, live)
    const debugFile = await openDebugFile(values, log)
    const parse = {
      allEvents: values.noeventblacklisting,
      onReport: ({ kind, text }: { kind: string; text: string }) => errors.tell(kind, `in the AMI stream: ${text}`),
    }
    const end = await runLive({
      connection,
      log,
      stages: [connection.stream, ...debugFile.stages, chain({ parse, trackers }), ...stages],
      sink,
      finishReading: () => connection.finishReading(),
      reopen: async () => {
        if (sink instanceof FileSink) sink.reopen()
        await debugFile.reopen()
      },
      describe: () => [...openCallLines(trackers), statusLine(connection, sink)],
    })
    await debugFile.end()
    return end
  })
  release()
}

/** `qlog-write --login …`: lines from elsewhere, by QueueLog actions. */
export async function writeThroughAmi(
  values: ConnectValues & LogValues,
  stages: readonly NodeJS.ReadWriteStream[],
): Promise<void> {
  await whileLive('qlog-write', values, 'none', async ({ log, errors, connection }) => {
    connection.stream.resume()
    const input = process.stdin.pipe(new PassThrough())
    const sink = new AmiSink(connection, { login: values.login ?? '', log, errors })
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
      describe: () => [statusLine(connection, sink)],
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
  const connection = new AmiConnection(connectionSettings(values, wanted, log), log)
  const { code, isDrained } = await run({ log, errors, connection })
  errors.end()
  await log.end()
  process.exitCode = code
  // A pipe that nobody reads would keep the process alive with what it has not taken.
  if (!isDrained) process.exit(code)
}

function wantedBy({ noeventblacklisting }: LiveValues): WantedEvents {
  return noeventblacklisting ? 'all' : 'tracked'
}

async function openDebugFile(
  { debugfile }: LiveValues,
  log: OpenLog,
): Promise<{ stages: Transform[]; reopen: () => Promise<void>; end: () => Promise<void> }> {
  if (debugfile === undefined) return { stages: [], reopen: async () => {}, end: async () => {} }
  const file = await DebugFile.open(debugfile, log)
  return { stages: [file.stage()], reopen: () => file.reopen(), end: () => file.end() }
}

function sinkOf(
  { queuelog, login = '' }: { queuelog: string | undefined; login: string | undefined },
  { connection, log, errors }: Live,
): { sink: LiveSink; stages: Transform[] } {
  if (queuelog === undefined) return { sink: new AmiSink(connection, { login, log, errors }), stages: [] }
  if (queuelog === '-') return { sink: process.stdout, stages: [queueLogText()] }
  const onError = (text: string): void => errors.tell('file', text)
  return { sink: new FileSink(queuelog, { onError, onMended: () => errors.mended('file') }), stages: [] }
}

function statusLine(connection: AmiConnection, sink: LiveSink = process.stdout): string {
  const kibibytes = Math.ceil(connection.stream.depth / 1024)
  const lines = sink.unwritten === undefined ? '' : `, ${sink.unwritten.length} lines to be written`
  const unanswered = sink.unanswered === undefined ? '' : `, ${sink.unanswered} sent and not answered`
  return `${connection.isUp ? 'connected' : 'not connected'}, ${kibibytes} KiB of events wait${lines}${unanswered}`
}
