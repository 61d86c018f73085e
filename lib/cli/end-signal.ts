import { endNow } from '../files/end-now.ts'
import { EXIT } from '../text/exit.ts'

/**
 * For a program that goes on until somebody ends it: aborted by the first SIGINT or SIGTERM, so that what it has in hand is
 * finished. The second one ends it at once.
 *
 * @param code the exit code after a signal; by default that of the signal
 */
export function endSignal(code?: number): AbortSignal {
  const end = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (end.signal.aborted) endNow(EXIT[signal])
      process.exitCode = code ?? EXIT[signal]
      end.abort()
    })
  }
  return end.signal
}
