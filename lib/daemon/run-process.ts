import { ConnectionError } from '../connection/errors.ts'
import { endNow } from '../files/end-now.ts'
import { EXIT, Hopeless } from '../text/exit.ts'
import { isClosedPipe } from './exit-code.ts'
import type { OpenLog } from './logger.ts'
import { ServiceNotifier } from './service-notifier.ts'
import type { FlowEnd } from './stage-flow.ts'

/** What a process does until it is told to stop. */
export interface ProcessWork {
  log: OpenLog
  /** Fulfilled once systemd may be told that the start is done. */
  started: Promise<unknown>
  /** Fulfilled when the work is to be stopped, with what went wrong. */
  ending: Promise<unknown>
  stop: () => Promise<FlowEnd>
  /** SIGHUP: files that were moved away are opened anew. */
  reopen: () => Promise<void>
  /** What it does, in a sentence: told to systemd. */
  summary: () => string
  /** SIGUSR2: the lines of the log that tell how it is. */
  tell: () => void
}

/** How a process ended. */
export interface ProcessEnd {
  code: number
  /** Whether everything went through: if not, somebody does not let go of a stream. */
  isDrained: boolean
}

/**
 * Does the work of a process until that ends, is told to stop, or can never succeed: what has to do with the process is
 * here, its signals and what systemd is told.
 *
 * SIGTERM and SIGINT: what was read goes through, then it logs off; a second one ends the program at once.
 */
export async function runProcess(work: ProcessWork): Promise<ProcessEnd> {
  const { log, started, ending, stop, summary } = work
  const signals = onSignals(work)
  const notifier = ServiceNotifier.start({ log, describe: summary })
  void started.then(() => notifier?.ready())
  const reason = await Promise.race([ending, signals.stopped])
  const told = notifier?.stopping(reason instanceof Error ? reason.message : 'stopping')
  const end = await stop()
  await told
  signals.end()
  return { code: codeOf(end, log), isDrained: end.isDrained }
}

function codeOf({ failure, isLost }: FlowEnd, log: OpenLog): number {
  if (failure === undefined) return isLost ? EXIT.failed : EXIT.ok
  if (isClosedPipe(failure)) {
    log.info('the program that reads the output has ended')
    return EXIT.ok
  }
  log.fatal((failure as Error).message)
  const isHopeless = failure instanceof ConnectionError ? failure.isHopeless : failure instanceof Hopeless
  return isHopeless ? EXIT.hopeless : EXIT.failed
}

function onSignals({ log, reopen, tell }: ProcessWork): { stopped: Promise<void>; end: () => void } {
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
    try {
      await Promise.all([log.reopen(), reopen()])
      log.info('SIGHUP: the files are open again')
    } catch (error) {
      log.error(`SIGHUP: cannot open all files again: ${(error as Error).message}`)
    }
  }
  process.on('SIGTERM', stop).on('SIGINT', stop).on('SIGHUP', hangUp).on('SIGUSR2', tell)
  const end = (): void => {
    process.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', hangUp).off('SIGUSR2', tell)
  }
  return { stopped, end }
}
