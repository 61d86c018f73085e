import { createReadStream, fstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { EXIT } from './program.ts'

/** The default of 64 KiB leaves a replay waiting for the disk a third of its time. */
const FILE_CHUNK_BYTES = 512 * 1024

/**
 * The program's input: stdin, or a file.
 *
 * ^C goes to every program of a pipeline at once. What is upstream ends then and flushes, so a program that reads a pipe
 * reads on to its end, lest the last lines be lost; one that reads a file or a terminal stops reading, and what it has
 * read goes through. A second ^C ends the program at once.
 *
 * @throws Error (as the stream's error) if the file cannot be read
 */
export function openInput(path = '-'): AsyncIterable<Buffer> {
  const source: Readable = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: FILE_CHUNK_BYTES })
  return untilInterrupted(source, path === '-' && isPipe(0))
}

async function* untilInterrupted(source: Readable, upstreamEnds: boolean): AsyncGenerator<Buffer> {
  let stopped = false
  let interrupts = 0
  const stop = (signal: NodeJS.Signals): void => {
    if (++interrupts > 1) process.exit(EXIT.interrupted)
    if (signal === 'SIGINT' && upstreamEnds) return
    stopped = true
    if (signal === 'SIGINT') process.exitCode = EXIT.interrupted
    source.destroy()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    yield* source
  } catch (error) {
    if (!stopped) throw error
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

function isPipe(descriptor: number): boolean {
  const status = fstatSync(descriptor)
  return status.isFIFO() || status.isSocket()
}
