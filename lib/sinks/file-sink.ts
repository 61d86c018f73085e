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
import { aFunction, aName, checkOptions, checkValue } from '../text/expected.ts'
import { type LineCallbacks, notWritable, type Sink } from './sink.ts'

/** Options of {@link FileSink}. */
export interface FileSinkOptions extends LineCallbacks {
  /**
   * Called for each failure to write; the line is kept and tried again forever. Without this callback the first failure
   * is the stream's error: in a replay nobody waits.
   */
  onError?: ((text: string) => void) | undefined
  /** It could be written again. */
  onMended?: (() => void) | undefined
  /**
   * Opens the file for appending.
   *
   * @internal
   */
  openFile?: (path: string) => Promise<AppendFile>
}

const OPTIONS = {
  onError: aFunction,
  onMended: aFunction,
  onSent: aFunction,
  onSettled: aFunction,
  openFile: aFunction,
}

const RETRY_MS = 500
/** How many lines wait for the disk. Then the stages before wait, too, and events are kept instead. */
const MAX_WAITING = 10_000

/**
 * Appends queue_log records, or arrays of them, to a file: one write(2) with O_APPEND for each whole line, so that Asterisk may
 * write the same file. If the file was moved away (logrotate, `logger rotate`), the next lines go into a new file.
 *
 * If the file hangs, only this sink waits for it. It starts no other operation on the file, because the operation that
 * hangs may already be done. {@link FileSink.problem} says that it hangs.
 */
export class FileSink extends Writable implements Sink {
  /** Records go into the first of these. */
  readonly streams = [this]
  /** Nothing is ever answered. */
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

  /**
   * @throws TypeError for an option that does not exist, or a value of a wrong kind
   * @throws Error if the file cannot be opened for appending, or is no file
   */
  constructor(path: string, options: FileSinkOptions = {}) {
    super({ objectMode: true, highWaterMark: 16 })
    checkValue('FileSink', 'path', path, aName)
    checkOptions('FileSink', options, OPTIONS)
    this.path = path
    this.options = options
    // A wrong path is an error at once.
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
    if (hanging !== undefined) return `ami-track cannot write lines: ${describeHanging(hanging)}.`
    return this.failure === undefined ? undefined : `ami-track cannot write lines to ${this.path}: ${this.failure}.`
  }

  /** Writes the next lines into the file that has the name then. */
  reopen(): void {
    this.reopening = true
  }

  /** @internal */
  override _write(
    records: WrittenLine | WrittenLine[],
    _encoding: BufferEncoding,
    done: (error?: Error) => void,
  ): void {
    const given = Array.isArray(records) ? records : [records]
    if (!given.every(isLine)) {
      done(notWritable('FileSink'))
      return
    }
    for (const record of given) this.records.push(record)
    this.appending ??= this.append()
    if (this.options.onError === undefined || this.records.length >= MAX_WAITING) {
      // A replay gets a failure where it happens.
      if (this.options.onError === undefined) this.appending.then(() => done(), done)
      else this.spaceWanted = done
      return
    }
    done()
  }

  /** @internal */
  override _final(done: (error?: Error) => void): void {
    const appended = this.appending ?? Promise.resolve()
    appended.then(() => this.closeFile()).then(() => done(), done)
  }

  /** @internal */
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
      // Before the first of some lines, the sink checks whether the file was moved.
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
        // After a part of a line (from a full disk, or a killed process) a new line begins.
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
          `cannot write queue_log lines to ${this.path}: ${this.failure}; ami-track keeps them and tries again`,
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

function isLine(record: WrittenLine): boolean {
  return record?.kind === 'queue_log' || record?.kind === 'foreign'
}
