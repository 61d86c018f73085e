import { closeSync, openSync, writeSync } from 'node:fs'
import { Writable } from 'node:stream'

/**
 * Appends to a queue_log file: one write(2) for each whole line, so that Asterisk may write the same file.
 *
 * @throws Error if the file cannot be opened for appending
 */
export function queueLogFile(path: string): Writable {
  const file = openSync(path, 'a')
  return new Writable({
    objectMode: true,
    write(lines: string[], _encoding, done) {
      try {
        for (const line of lines) appendWhole(file, Buffer.from(line, 'utf8'))
        done()
      } catch (error) {
        done(new Error(`${path}: ${(error as Error).message}`, { cause: error }))
      }
    },
    destroy(error, done) {
      closeSync(file)
      done(error)
    },
  })
}

/** A full disk may take a part of the line; what follows then is the rest of it, or the error. */
function appendWhole(file: number, line: Buffer): void {
  for (let written = 0; written < line.length; ) written += writeSync(file, line, written)
}
