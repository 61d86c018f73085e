import { AmiStreamError } from '../ami/parser.ts'
import { ConnectionError } from '../connection/errors.ts'
import { FileProblem } from '../files/file-problem.ts'
import { UsageError } from '../options/kinds.ts'
import { EXIT, Hopeless } from '../text/exit.ts'

/** A reader of ours has seen enough. */
export function isClosedPipe(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPIPE'
}

/** The exit code of a program that this error ends. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof Hopeless) return EXIT.hopeless
  if (error instanceof AmiStreamError && error.kind === 'AMI 1.x') return EXIT.hopeless
  if (error instanceof FileProblem && error.isPermanent) return EXIT.hopeless
  return EXIT.failed
}

/** Whether what this error ended will never work with the same settings. */
export function isHopeless(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.isHopeless
  const code = exitCodeOf(error)
  return code === EXIT.usage || code === EXIT.hopeless
}
