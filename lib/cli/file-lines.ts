import { closeSync, openSync, readSync } from 'node:fs'
import { problemOf } from '../files/check-file.ts'
import { FILES } from '../files/uses.ts'

const CHUNK_BYTES = 64 * 1024
const MAX_LINE_BYTES = 64 * 1024
const LF = 0x0a

/**
 * The lines of a file, read as they are asked for. What is longer than a line of queue_log can be is left out.
 *
 * @throws FileProblem if it cannot be read
 */
export function* linesOfFile(path: string): Generator<string> {
  const descriptor = orFail(path, () => openSync(path, 'r'))
  try {
    let held = Buffer.alloc(0)
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
      const bytes = orFail(path, () => readSync(descriptor, chunk))
      if (bytes === 0) break
      const text = Buffer.concat([held, chunk.subarray(0, bytes)])
      let start = 0
      for (let end = text.indexOf(LF); end >= 0; end = text.indexOf(LF, start)) {
        yield text.toString('utf8', start, end).trimEnd()
        start = end + 1
      }
      held = Buffer.from(text.subarray(start))
      if (held.length > MAX_LINE_BYTES) held = Buffer.alloc(0)
    }
    if (held.length > 0) yield held.toString('utf8').trimEnd()
  } finally {
    closeSync(descriptor)
  }
}

function orFail<T>(path: string, step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw problemOf(error, path, FILES.shownQueueLog)
  }
}
