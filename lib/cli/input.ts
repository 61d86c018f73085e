import { createReadStream, fstatSync, openSync } from 'node:fs'
import { EXIT, endNow, Failure } from './exit.ts'
import { FileSource } from './file-source.ts'

/** What can be read, and stopped. */
type Source = AsyncIterable<Buffer> & { destroy(): unknown; readonly readableEnded: boolean }

type WatchFile = (file: FileSource) => () => void

/**
 * The program's input: stdin, or a file.
 *
 * ^C goes to every program of a pipeline at once. What is upstream ends then and flushes, so a program that reads a pipe
 * reads on to its end, lest the last lines be lost; one that reads a file or a terminal stops reading, and what it has
 * read goes through. A second ^C ends the program at once.
 *
 * @param watch told of a regular file as it is opened; what it returns is called when that is read, or given up
 * @throws Error (as the stream's error) if the file cannot be read
 */
export function openInput(path = '-', watch?: WatchFile): AsyncIterable<Buffer> {
  return untilInterrupted(() => open(path), path === '-' && upstreamEnds(), watch)
}

function open(path: string): Source {
  const descriptor = path === '-' ? 0 : openSync(path, 'r')
  if (fstatSync(descriptor).isFile()) return new FileSource(descriptor)
  return path === '-' ? process.stdin : createReadStream(path, { fd: descriptor })
}

/** Whether the input was cut short by a signal: what is left unread is then no fault of the input. */
export function wasInterrupted(): boolean {
  return interrupted
}

let interrupted = false

async function* untilInterrupted(
  openSource: () => Source,
  upstreamEnds: boolean,
  watch?: WatchFile,
): AsyncGenerator<Buffer> {
  const source = openSource()
  const endWatching = source instanceof FileSource ? watch?.(source) : undefined
  let signals = 0
  // Never taken off again: what was read is still being written when the input is at its end.
  const stop = (signal: NodeJS.Signals): void => {
    if (++signals > 1) endNow(EXIT[signal as 'SIGINT' | 'SIGTERM'])
    if (source.readableEnded || (signal === 'SIGINT' && upstreamEnds)) return
    interrupted = true
    process.exitCode = EXIT[signal as 'SIGINT' | 'SIGTERM']
    source.destroy()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    yield* source
  } catch (error) {
    if (!interrupted) throw error
  } finally {
    endWatching?.()
  }
}

/** Whether stdin is what another program writes, which ends when ^C ends this one. */
function upstreamEnds(): boolean {
  if (fstatSync(0).isDirectory()) throw new Failure('stdin is a directory')
  return isPipe(0)
}

/** Whether another process is at the other end. */
export function isPipe(descriptor: number): boolean {
  const status = fstatSync(descriptor)
  return status.isFIFO() || status.isSocket()
}
