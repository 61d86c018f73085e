import { closeSync, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type AppendFile, appendWhole, endsInLine } from '../files/append-whole.ts'
import { checkFile, problemOf } from '../files/check-file.ts'
import { describeHanging, fileWaits } from '../files/file-waits.ts'
import { APPENDING, openToAppend } from '../files/open-to-append.ts'
import { FILES } from '../files/uses.ts'
import { bytesOfLine, type WrittenLine } from '../queue-log/record.ts'
import { bufferOfBytes, textOfBytes } from '../text/byte-string.ts'
import type { LineCallbacks, Sink } from './sink.ts'

export interface FileSinkOptions extends LineCallbacks {
  /**
   * Told of each failure to write, after which the line is kept and tried again for ever. Without it the first failure is
   * the stream's error: a replay has nobody who waits.
   */
  onError?: (text: string) => void
  /** It could be written again. */
  onMended?: () => void
  /** Opens the file for appending. */
  openFile?: (path: string) => Promise<AppendFile>
}

const RETRY_MS = 500
/** So many lines wait for the disk; then the stages before wait as well, and events are kept instead. */
const MAX_WAITING = 10_000

/**
 * Appends arrays of queue_log records to a file: one write(2) with O_APPEND for each whole line, so that Asterisk may
 * write the same file. Where the file was moved away (logrotate, `logger rotate`), what follows goes into a new one.
 *
 * A file that hangs is waited for, in this one place: nothing else is asked of it meanwhile, as what it owes may have been
 * written, and {@link problem} says so.
 */
export class FileSink extends Writable implements Sink {
  readonly streams = [this]
  /** Nobody answers. */
  readonly unanswered = undefined
  private readonly path: string
  private readonly options: FileSinkOptions
  private readonly stopping = new AbortController()
  private file: AppendFile | undefined
  private reopening = false
  private readonly records: WrittenLine[] = []
  private appending: Promise<void> | undefined
  private spaceWanted: (() => void) | undefined
  private failure: string | undefined
  private mayEndInLine = true

  /** @throws FileProblem if the file cannot be opened for appending, or is no file */
  constructor(path: string, options: FileSinkOptions = {}) {
    super({ objectMode: true, highWaterMark: 16 })
    this.path = path
    this.options = options
    // Whoever misspelt the path is told so at once.
    checkFile(path, FILES.queueLog)
    try {
      closeSync(openSync(path, APPENDING))
    } catch (error) {
      throw problemOf(error, path, FILES.queueLog)
    }
  }

  /** The lines that are still to be written. */
  get unwritten(): readonly string[] {
    return this.records.map((record) => textOfBytes(bytesOfLine(record)))
  }

  /** Why lines cannot be written just now. */
  get problem(): string | undefined {
    const hanging = fileWaits.hanging.find(({ path }) => path === this.path)
    if (hanging !== undefined) return `Lines cannot be written: ${describeHanging(hanging)}.`
    return this.failure === undefined ? undefined : `Lines cannot be written to ${this.path}: ${this.failure}.`
  }

  /** Writes what follows into the file that has the name then. */
  reopen(): void {
    this.reopening = true
  }

  override _write(records: WrittenLine[], _encoding: BufferEncoding, done: (error?: Error) => void): void {
    for (const record of records) this.records.push(record)
    this.appending ??= this.append()
    if (this.options.onError === undefined || this.records.length >= MAX_WAITING) {
      // A replay is told of a failure where it happens.
      if (this.options.onError === undefined) this.appending.then(() => done(), done)
      else this.spaceWanted = done
      return
    }
    done()
  }

  override _final(done: (error?: Error) => void): void {
    const appended = this.appending ?? Promise.resolve()
    appended.then(() => this.closeFile()).then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stopping.abort()
    const appended = this.appending ?? Promise.resolve()
    appended
      .catch(() => {})
      .then(() => this.closeFile())
      .then(() => done(error), done)
  }

  /** Writes until nothing waits any more. */
  private async append(): Promise<void> {
    try {
      // Whether the file was moved is looked at before the first of some lines.
      let looks = true
      for (let record = this.records[0]; record !== undefined; record = this.records[0]) {
        if (record.kind === 'queue_log') this.options.onSent?.(record)
        await this.appendLine(bytesOfLine(record), looks)
        if (record.kind === 'queue_log') this.options.onSettled?.(record, 'written')
        this.records.shift()
        looks = false
        if (this.spaceWanted !== undefined && this.records.length < MAX_WAITING / 2) {
          const tell = this.spaceWanted
          this.spaceWanted = undefined
          tell()
        }
      }
    } finally {
      this.appending = undefined
    }
  }

  private async appendLine(line: string, looks: boolean): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        const file = looks || attempt > 0 || this.file === undefined ? await this.currentFile() : this.file
        // Behind a part of a line, of a full disk or of a process that was killed, begins a new one.
        const begins = this.mayEndInLine && (await this.wait(endsInLine(file)))
        await this.wait(appendWhole(file, bufferOfBytes(begins ? `\n${line}` : line)))
        this.mayEndInLine = false
        this.failure = undefined
        if (attempt > 0) this.options.onMended?.()
        return
      } catch (error) {
        if (this.options.onError === undefined || this.stopping.signal.aborted) {
          throw new Error(`${this.path}: ${(error as Error).message}`, { cause: error })
        }
        this.failure = (error as Error).message
        this.mayEndInLine = true
        this.options.onError(
          `queue_log lines cannot be written to ${this.path}: ${this.failure}; they are kept and tried again`,
        )
        await sleep(RETRY_MS, undefined, { signal: this.stopping.signal })
      }
    }
  }

  /** The file that has the name now. */
  private async currentFile(): Promise<AppendFile> {
    if (this.file !== undefined && (this.reopening || (await this.wasMoved(this.file)))) await this.closeFile()
    this.reopening = false
    if (this.file === undefined) {
      this.file = await (this.options.openFile ?? openToAppend)(this.path)
      this.mayEndInLine = true
    }
    return this.file
  }

  private async wasMoved(file: AppendFile): Promise<boolean> {
    try {
      const named = await this.wait(stat(this.path))
      const held = await this.wait(file.stat())
      return named.ino !== held.ino || named.dev !== held.dev
    } catch {
      return true // nothing has the name any more
    }
  }

  private async closeFile(): Promise<void> {
    const { file } = this
    this.file = undefined
    if (file !== undefined) await this.wait(file.close())
  }

  private wait<T>(operation: Promise<T>): Promise<T> {
    return fileWaits.until(this.path, operation)
  }
}
