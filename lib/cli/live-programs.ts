import { pipeline } from 'node:stream/promises'
import { AmiConnection } from '../connection/connection.ts'
import { ErrorLog } from '../log.ts'
import { AmiSink } from '../sinks/ami-sink.ts'
import { FileSink } from '../sinks/file-sink.ts'
import { queueLogText } from '../sinks/queue-log-text.ts'
import { chain } from '../stages/chain.ts'
import type { Tracker } from '../trackers/tracker.ts'
import { type ConnectValues, connectionSettings } from './connect-options.ts'
import { DebugFile } from './debug-file.ts'
import { EXIT } from './exit.ts'
import { type LiveSink, runLive } from './live.ts'
import type { LogLevel } from './log-levels.ts'
import { type OpenLog, openLog } from './logger.ts'
import { openCallLines } from './open-calls.ts'
import { PidFile } from './pid-file.ts'

/** What ami-connect and the daemon have in common. */
export interface LiveValues extends ConnectValues {
  loglevel: LogLevel
  logfile: string | undefined
  debugfile: string | undefined
  noeventblacklisting: boolean
}

interface Live {
  log: OpenLog
  connection: AmiConnection
  debugFile: DebugFile | undefined
}

/** `ami-connect`: the AMI stream on stdout. */
export async function runConnect(values: LiveValues): Promise<void> {
  await whileLive('ami-connect', values, ({ log, connection, debugFile }) =>
    runLive({
      connection,
      log,
      stages: debugFile === undefined ? [] : [debugFile.stage()],
      sink: process.stdout,
      reopen: () => debugFile?.reopen(),
      describe: () => [statusLine(connection)],
    }),
  )
}

/** `ami-track`: the whole chain, its lines into Asterisk's queue_log, a file or stdout. */
export async function runTrack(
  values: LiveValues & { queuelog: string | undefined; pid: string | undefined },
  trackers: readonly Tracker[],
): Promise<void> {
  const pidFile = values.pid === undefined ? undefined : PidFile.take(values.pid)
  const release = (): void => pidFile?.release()
  process.once('exit', release)
  await whileLive('ami-track', values, ({ log, connection, debugFile }) => {
    const errors = new ErrorLog(log)
    const { sink, stages } = sinkOf(values, connection, log, errors)
    const parse = {
      allEvents: values.noeventblacklisting,
      onReport: ({ kind, text }: { kind: string; text: string }) => errors.tell(kind, `in the AMI stream: ${text}`),
    }
    return runLive({
      connection,
      log,
      stages: [...(debugFile === undefined ? [] : [debugFile.stage()]), chain({ parse, trackers }), ...stages],
      sink,
      reopen: () => {
        debugFile?.reopen()
        if (sink instanceof FileSink) sink.reopen()
      },
      describe: () => [...openCallLines(trackers), statusLine(connection, sink)],
    }).finally(() => errors.end())
  })
  release()
}

/** Opens what a live program needs, and closes it behind it. */
async function whileLive(
  program: string,
  values: LiveValues,
  run: (live: Live) => Promise<{ code: number; isDrained: boolean }>,
): Promise<void> {
  const log = await openLog(program, values.loglevel, values.logfile)
  const wanted = values.noeventblacklisting ? 'all' : 'tracked'
  const connection = new AmiConnection(connectionSettings(values, wanted, log), log)
  const debugFile = values.debugfile === undefined ? undefined : await DebugFile.open(values.debugfile, log)
  const { code, isDrained } = await run({ log, connection, debugFile })
  await debugFile?.end()
  await log.end()
  process.exitCode = code
  // A pipe that nobody reads would keep the process alive with what it has not taken.
  if (!isDrained) process.exit(code)
}

function sinkOf(
  { queuelog, login = '' }: { queuelog: string | undefined; login: string | undefined },
  connection: AmiConnection,
  log: OpenLog,
  errors: ErrorLog,
): { sink: LiveSink; stages: NodeJS.ReadWriteStream[] } {
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

/** `qlog-write --login …`: lines from elsewhere, by QueueLog actions. */
export async function writeThroughAmi(
  values: ConnectValues & { loglevel: LogLevel; logfile: string | undefined },
  stages: readonly (AsyncIterable<Buffer> | NodeJS.ReadWriteStream)[],
): Promise<void> {
  const log = await openLog('qlog-write', values.loglevel, values.logfile)
  const errors = new ErrorLog(log)
  const connection = new AmiConnection(connectionSettings(values, 'none', log), log)
  connection.stream.resume()
  const sink = new AmiSink(connection, { login: values.login ?? '', log, errors })
  const givenUp = new AbortController()
  const connected = connection.run().catch((error: Error) => {
    log.error(error.message)
    process.exitCode = EXIT.hopeless
    givenUp.abort()
    process.stdin.destroy() // whoever writes there would keep this process alive
  })
  try {
    await pipeline([...stages, sink] as unknown as [NodeJS.ReadableStream, NodeJS.WritableStream], givenUp)
  } catch (error) {
    if (!givenUp.signal.aborted) throw error
  } finally {
    await connection.close()
    await connected
    errors.end()
    await log.end()
  }
}
