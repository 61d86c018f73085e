import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { bufferOfBytes } from '../text/byte-string.ts'

/** The first entry of a journal in this format. */
export const FORMAT = 'ami-track journal 2'

const CHECKSUM_DIGITS = 8
const LF = 0x0a
const BLANK = 0x20
/** How much of a journal is read at once at the start. */
const READ_BYTES = 1024 * 1024
/** How much is read in one turn of the loop while the daemon works: about 130 events. */
export const SLICE_BYTES = 64 * 1024

/** What was found in a file of entries. */
export interface Reading {
  /** The size of its complete entries, in bytes: an entry that was cut short comes after them. */
  wholeBytes: number
  /** What is wrong with the file: the part of a sentence after its name; undefined if nothing is wrong. */
  problem: string | undefined
}

/**
 * Reads a journal from its beginning, piece by piece: it may be larger than any string.
 *
 * @param onEntry gets each entry as a byte string. If there is a problem, all entries are invalid
 * @throws Error if the file cannot be read
 */
export function readEntries(path: string, onEntry: (entry: string) => void): Reading {
  const file = openSync(path, 'r')
  try {
    const lines = new LineCutter()
    const piece = Buffer.allocUnsafe(READ_BYTES)
    let wholeBytes = 0
    let count = 0
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      for (const line of lines.cut(piece.subarray(0, read))) {
        const entry = readLine(line)
        count++
        if (count === 1 && entry !== undefined && entry !== FORMAT)
          return { wholeBytes, problem: 'has another version' }
        if (entry === undefined) return { wholeBytes, problem: `is damaged in line ${count}` }
        if (count > 1) onEntry(entry)
        wholeBytes += line.length
      }
    }
    return { wholeBytes, problem: undefined }
  } finally {
    closeSync(file)
  }
}

/**
 * The lines of a part of a journal with complete entries, with their checksums and line ends. Each piece is small
 * enough for the event loop.
 */
export async function* slicesOf(file: FileHandle, from: number, to: number): AsyncGenerator<Buffer[]> {
  const lines = new LineCutter()
  for (let at = from; at < to; ) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(Math.min(SLICE_BYTES, to - at)), { position: at })
    if (bytesRead === 0) throw new Error('it is shorter than it was')
    yield lines.cut(buffer.subarray(0, bytesRead))
    at += bytesRead
  }
}

/** Entries as they are in the file. */
export function bytesOf(entries: readonly string[]): Buffer {
  return bufferOfBytes(entries.map((entry) => `${checksum(bufferOfBytes(entry))} ${entry}\n`).join(''))
}

/** The entry of a line that this process wrote. */
export function entryOf(line: Buffer): string {
  return line.toString('latin1', CHECKSUM_DIGITS + 1, line.length - 1)
}

function readLine(line: Buffer): string | undefined {
  const entry = line.subarray(CHECKSUM_DIGITS + 1, line.length - 1)
  const isWhole = line[CHECKSUM_DIGITS] === BLANK && line.toString('latin1', 0, CHECKSUM_DIGITS) === checksum(entry)
  return isWhole ? entryOf(line) : undefined
}

function checksum(entry: Buffer): string {
  return createHash('sha1').update(entry).digest('hex').slice(0, CHECKSUM_DIGITS)
}

/** Cuts pieces of a file into lines, each with its line end. A line without its end waits for the next piece. */
class LineCutter {
  private rest: Buffer[] = []

  cut(piece: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let from = 0
    for (let end = piece.indexOf(LF); end >= 0; end = piece.indexOf(LF, from)) {
      const line = piece.subarray(from, end + 1)
      lines.push(this.rest.length === 0 ? line : Buffer.concat([...this.rest, line]))
      this.rest = []
      from = end + 1
    }
    // The same buffer is used for the next piece.
    if (from < piece.length) this.rest.push(Buffer.from(piece.subarray(from)))
    return lines
  }
}
