import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { bufferOfBytes } from '../text/byte-string.ts'

/** The first entry of a journal of this form. */
const FORMAT = 'ami-track journal 1'
const CHECKSUM_DIGITS = 8
const LF = '\n'

/** What was found in a journal that was there. */
export interface OpenedJournal {
  journal: Journal
  /** Its entries, as byte strings, in their order. */
  entries: string[]
  /** What was wrong with it, for the log; undefined if nothing was. */
  problem: string | undefined
}

/**
 * A file of entries, a line each with a checksum, to which is only appended: what a process has appended is there after
 * it was killed. (Not after the machine lost its power: nothing waits for the disk.)
 */
export class Journal {
  private readonly path: string
  private file: number
  /** Its length in bytes. */
  size: number

  private constructor(path: string, size: number) {
    this.path = path
    this.size = size
    this.file = openSync(path, 'a', 0o600)
  }

  /**
   * Opens a journal, or begins one. A last entry that is not whole is cut off: the process was killed while it wrote. If
   * anything else is wrong with it, it is set aside as `PATH.corrupt`, and a new one begun.
   *
   * @throws Error if the file cannot be read or written
   */
  static open(path: string): OpenedJournal {
    const content = existsSync(path) ? readFileSync(path, 'latin1') : ''
    const whole = content.slice(0, content.lastIndexOf(LF) + 1)
    const lines = whole.split(LF).slice(0, -1)
    const entries = lines.map(readEntry)
    const broken = entries.indexOf(undefined)
    const isForeign = lines.length > 0 && entries[0] !== FORMAT
    if (broken >= 0 || isForeign) {
      const aside = `${path}.corrupt`
      renameSync(path, aside)
      const what = isForeign ? 'is none of this version' : `is damaged in line ${broken + 1}`
      return begun(path, `the journal ${path} ${what}: it is kept as ${aside}, and open calls are forgotten`)
    }
    if (lines.length === 0) return begun(path, undefined)
    if (whole.length < content.length) truncateSync(path, whole.length)
    return { journal: new Journal(path, whole.length), entries: entries.slice(1) as string[], problem: undefined }
  }

  /** @param entries byte strings without line ends */
  append(entries: readonly string[]): void {
    this.size += write(this.file, entries.map(entryLine).join(''))
  }

  /** Puts other entries in the place of all there are, at once: there is never a moment without a whole journal. */
  replace(entries: readonly string[]): void {
    const unfinished = `${this.path}.new`
    const file = openSync(unfinished, 'w', 0o600)
    const size = write(file, [FORMAT, ...entries].map(entryLine).join(''))
    fsyncSync(file)
    closeSync(file)
    renameSync(unfinished, this.path)
    closeSync(this.file)
    this.file = openSync(this.path, 'a', 0o600)
    this.size = size
  }

  /** The entries, as byte strings. */
  read(): string[] {
    const lines = readFileSync(this.path, 'latin1').split(LF).slice(1, -1)
    return lines.flatMap((line) => readEntry(line) ?? [])
  }

  /** Removes it: it would be wrong. */
  discard(): void {
    rmSync(this.path, { force: true })
  }

  close(): void {
    closeSync(this.file)
  }

  /** @internal */
  static create(path: string): Journal {
    const journal = new Journal(path, 0)
    journal.replace([])
    return journal
  }
}

function begun(path: string, problem: string | undefined): OpenedJournal {
  return { journal: Journal.create(path), entries: [], problem }
}

function entryLine(entry: string): string {
  return `${checksum(entry)} ${entry}${LF}`
}

function readEntry(line: string): string | undefined {
  const entry = line.slice(CHECKSUM_DIGITS + 1)
  return line === `${checksum(entry)} ${entry}` ? entry : undefined
}

function checksum(entry: string): string {
  return createHash('sha1').update(entry, 'latin1').digest('hex').slice(0, CHECKSUM_DIGITS)
}

function write(file: number, text: string): number {
  const bytes = bufferOfBytes(text)
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written)
  return bytes.length
}
