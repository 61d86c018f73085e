import { Writable } from 'node:stream'
import { goesToJournal, journalLine, type Level } from './journal.ts'

/** Takes away what is drawn there; it is drawn anew behind what is written then. */
let erase: (() => void) | undefined

/**
 * Says how what a program draws on the bottom row of its terminal is taken away, so that lines can be written above it.
 *
 * @param how undefined once nothing is drawn any more
 */
export function drawsOnBottomRow(how: (() => void) | undefined): void {
  erase = how
}

/** Writes a line to stderr, above what may be drawn there, and into the journal with its priority. */
export function tellOnStderr(text: string, level: Level = 'error'): void {
  erase?.()
  process.stderr.write(`${goesToJournal() ? journalLine(level, text) : text}\n`)
}

/** stdout; where that is a terminal, lines go above what may be drawn there. */
export function stdoutAboveBottomRow(): NodeJS.WritableStream {
  const { stdout } = process
  if (!stdout.isTTY) return stdout
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      erase?.()
      stdout.write(chunk, done)
    },
  })
}
