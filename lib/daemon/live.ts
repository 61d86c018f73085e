import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AmiConnection } from '../connection/connection.ts'
import { ConnectionError } from '../connection/errors.ts'
import { endNow } from '../files/end-now.ts'
import type { Sink } from '../sinks/sink.ts'
import type { LiveStatus } from '../status/live-status.ts'
import { EXIT } from '../text/exit.ts'
import { isClosedPipe } from './exit-code.ts'
import type { OpenLog } from './logger.ts'
import { ServiceNotifier } from './service-notifier.ts'

/** How long what is in flight may take at the end, in ms: with the Logoff, a stop takes less than 2 s. */
const FINISH_MS = 1200
/** So many lines that could not be written are told; of more, the number. */
const LINES_TOLD = 100

export interface LiveProgram {
  connection: AmiConnection
  log: OpenLog
  /** Asked at the end: whether lines that are not written are really kept for the next start. */
  keepsLines?: () => boolean
  /** From the source to the last stage before {@link sink}. */
  stages: readonly (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[]
  /** What is written last: lines, or the bytes of a stream. */
  sink: Pick<Sink, 'streams'> & Partial<Sink>
  /** Ends the source, so that what it has read goes through. */
  finishReading: () => void
  /** Rejected when the program is to end for another reason. */
  failed?: Promise<never>
  /** SIGHUP: files that were moved away are opened anew. */
  reopen: () => Promise<void>
  /** What is going on: told to systemd, and at SIGUSR2 to the log. */
  status: LiveStatus
  /** SIGUSR2: the calls that are open, a text for each. */
  openCalls?: () => string[]
}

/** How a live program ended. */
export interface LiveEnd {
  code: number
  /** Whether everything went through: if not, somebody does not let go of a stream. */
  isDrained: boolean
}

/**
 * Runs a program on a connection until its source ends, it is told to stop, or it can never succeed.
 *
 * SIGTERM and SIGINT: what was read goes through, then it logs off; a second one ends the program at once.
 */
export async function runLive(program: LiveProgram): Promise<LiveEnd> {
  const { connection, log, stages, sink, status } = program
  const signals = onSignals(program)
  let failure: unknown
  const fail = (error: unknown): void => {
    failure ??= error
  }
  const notifier = ServiceNotifier.start({ log, describe: () => status.summary })
  void connection.tried.then(() => notifier?.ready())
  const connected = connection.run().catch(fail)
  let isDrained = false
  const flowing = pipeline([...stages, ...sink.streams] as unknown as [NodeJS.ReadableStream, NodeJS.WritableStream])
    .then(() => {
      isDrained = true
    })
    .catch(fail)
  await Promise.race([flowing, connected, signals.stopped, ...(program.failed ? [program.failed.catch(fail)] : [])])
  const told = notifier?.stopping(failure instanceof Error ? failure.message : 'stopping')
  program.finishReading()
  // Where a login is refused, no line will ever be taken.
  await Promise.race([flowing, sleep(failure === undefined ? FINISH_MS : 0, undefined, { ref: false })])
  await connection.close()
  await connected
  await told
  signals.end()
  const isLost = tellUnwritten(program, isDrained || failure !== undefined)
  const isHopeless = failure instanceof ConnectionError && failure.isHopeless
  const isReaderGone = failure !== undefined && isClosedPipe(failure)
  if (isReaderGone) log.info('the reader of the output is gone')
  else if (failure !== undefined) log.fatal((failure as Error).message)
  else if (isLost) return { code: EXIT.failed, isDrained }
  if (failure === undefined || isReaderGone) return { code: EXIT.ok, isDrained }
  return { code: isHopeless ? EXIT.hopeless : EXIT.failed, isDrained }
}

function onSignals({ log, reopen, status, openCalls }: LiveProgram): { stopped: Promise<void>; end: () => void } {
  let tellStopped: () => void = () => {}
  const stopped = new Promise<void>((resolve) => {
    tellStopped = resolve
  })
  let stops = 0
  const stop = (signal: NodeJS.Signals): void => {
    if (++stops > 1) endNow(EXIT[signal as 'SIGINT' | 'SIGTERM'])
    log.info(`${signal}: stopping`)
    tellStopped()
  }
  const hangUp = async (): Promise<void> => {
    await Promise.all([log.reopen(), reopen()])
    log.info('SIGHUP: the files are opened anew')
  }
  const tell = (): void => {
    for (const text of [...(openCalls?.() ?? []), status.describe()]) log.info(text)
  }
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', hangUp).on('SIGUSR2', tell)
  const end = (): void => {
    process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', hangUp).off('SIGUSR2', tell)
  }
  return { stopped, end }
}

/** What could not be written in time is at least told. True if anything was lost for certain. */
function tellUnwritten({ connection, log, sink, keepsLines }: LiveProgram, isDrained: boolean): boolean {
  const { unwritten = [], unanswered = [] } = sink
  const { depth } = connection.stream
  if (keepsLines?.() === true) {
    if (unwritten.length > 0) log.warn(`${unwritten.length} queue_log lines are kept for the next start`)
    if (!isDrained && depth > 0) log.error(`stopped before the last ${depth} bytes of events were looked at`)
    return !isDrained && depth > 0
  }
  for (const line of unanswered.slice(0, LINES_TOLD)) {
    log.warn(`stopped before Asterisk answered whether it wrote ${line.trimEnd()}`)
  }
  for (const line of unwritten.slice(0, LINES_TOLD)) {
    log.error(`stopped before this line could be written: ${line.trimEnd()}`)
  }
  const more = unwritten.length - LINES_TOLD
  if (more > 0) log.error(`stopped before ${more} more lines could be written`)
  if (isDrained) return unwritten.length > 0
  const isStuck = sink.unwritten === undefined
  if (isStuck) log.error('stopped before everything could be written: nobody reads the output')
  if (depth > 0) log.error(`stopped before the last ${depth} bytes of events were looked at`)
  return unwritten.length > 0 || isStuck || depth > 0
}
