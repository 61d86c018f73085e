import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AmiConnection } from '../connection/connection.ts'
import { ConnectionError } from '../connection/errors.ts'
import { EXIT } from './exit.ts'
import type { OpenLog } from './logger.ts'
import { isClosedPipe } from './program.ts'

/** How long what is in flight may take at the end, in ms: with the Logoff, a stop takes less than 2 s. */
const FINISH_MS = 1200

/** The last stage of a live program, and what it still has to write. */
export type LiveSink = (Writable | NodeJS.WritableStream) & {
  readonly unwritten?: readonly string[]
  readonly unanswered?: number
}

export interface LiveProgram {
  connection: AmiConnection
  log: OpenLog
  /** Those between the connection's stream and the sink. */
  stages: readonly NodeJS.ReadWriteStream[]
  sink: LiveSink
  /** SIGHUP: files that were moved away are opened anew. */
  reopen: () => void
  /** SIGUSR2: what is going on, a text for each line of the log. */
  describe: () => string[]
}

/**
 * Runs a program that reads from a connection until it is told to stop, or can never succeed.
 *
 * SIGTERM and SIGINT: what was read goes through, then it logs off; a second one ends the program at once.
 *
 * @returns the exit code, and whether everything was written: if not, something does not let go of its stream
 */
export async function runLive(program: LiveProgram): Promise<{ code: number; isDrained: boolean }> {
  const { connection, log, stages, sink } = program
  const signals = onSignals(program)
  let failure: unknown
  const fail = (error: unknown): void => {
    failure ??= error
  }
  const connected = connection.run().catch(fail)
  const streams = [connection.stream, ...stages, sink] as unknown as [NodeJS.ReadableStream, NodeJS.WritableStream]
  let isDrained = false
  const flowing = pipeline(streams)
    .then(() => {
      isDrained = true
    })
    .catch((error: unknown) => {
      isDrained = true
      fail(error)
    })
  await Promise.race([flowing, connected, signals.stopped])
  connection.finishReading()
  await Promise.race([flowing, sleep(FINISH_MS, undefined, { ref: false })])
  await connection.close()
  await connected
  signals.end()
  const unwritten = tellUnwritten(sink, log)
  if (failure === undefined || isClosedPipe(failure))
    return { code: unwritten === 0 ? EXIT.ok : EXIT.failed, isDrained }
  log.error((failure as Error).message)
  const isHopeless = failure instanceof ConnectionError && failure.isHopeless
  return { code: isHopeless ? EXIT.hopeless : EXIT.failed, isDrained }
}

function onSignals({ log, reopen, describe }: LiveProgram): { stopped: Promise<void>; end: () => void } {
  let tellStopped: () => void = () => {}
  const stopped = new Promise<void>((resolve) => {
    tellStopped = resolve
  })
  let stops = 0
  const stop = (signal: NodeJS.Signals): void => {
    if (++stops > 1) process.exit(EXIT[signal as 'SIGINT' | 'SIGTERM'])
    log.info(`${signal}: stopping`)
    tellStopped()
  }
  const hangUp = (): void => {
    log.reopen()
    reopen()
    log.info('SIGHUP: the files are opened anew')
  }
  const tell = (): void => {
    for (const text of describe()) log.info(text)
  }
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', hangUp).on('SIGUSR2', tell)
  const end = (): void => {
    process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', hangUp).off('SIGUSR2', tell)
  }
  return { stopped, end }
}

/** What could not be written in time is at least told. */
function tellUnwritten({ unwritten = [], unanswered = 0 }: LiveSink, log: OpenLog): number {
  if (unanswered > 0) log.warn(`${unanswered} queue_log lines were sent, but not answered for yet`)
  for (const line of unwritten) log.error(`stopped before this line could be written: ${line.trimEnd()}`)
  return unwritten.length
}
