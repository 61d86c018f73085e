import { closeSync, openSync } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatQueueLogLine, type QueueLogRecord } from '../queue-log.ts'

/** What is written to: a FileHandle, as far as it is used here. */
export type AppendFile = Pick<FileHandle, 'write' | 'stat' | 'close'>

export interface FileSinkOptions {
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

/**
 * Appends arrays of queue_log records to a file: one write(2) with O_APPEND for each whole line, so that Asterisk may
 * write the same file. Where the file was moved away (logrotate, `logger rotate`), what follows goes into a new one.
 */
export class FileSink extends Writable {
  private readonly path: string
  private readonly options: FileSinkOptions
  private readonly stopping = new AbortController()
  private file: AppendFile | undefined
  private reopening = false
  private readonly unwrittenLines: string[] = []

  /** @throws Error if the file cannot be opened for appending */
  constructor(path: string, options: FileSinkOptions = {}) {
    super({ objectMode: true, highWaterMark: 16 })
    this.path = path
    this.options = options
    // Whoever misspelt the path is told so at once.
    closeSync(openSync(path, 'a'))
  }

  /** The lines that are still to be written. */
  get unwritten(): readonly string[] {
    return this.unwrittenLines
  }

  /** Writes what follows into the file that has the name then. */
  reopen(): void {
    this.reopening = true
  }

  override _write(records: QueueLogRecord[], _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.unwrittenLines.push(...records.map(formatQueueLogLine))
    this.append().then(() => done(), done)
  }

  override _final(done: (error?: Error) => void): void {
    this.closeFile().then(() => done(), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.stopping.abort()
    this.closeFile().then(() => done(error), done)
  }

  private async append(): Promise<void> {
    let isFirst = true
    for (let line = this.unwrittenLines[0]; line !== undefined; line = this.unwrittenLines[0]) {
      await this.appendLine(Buffer.from(line, 'utf8'), isFirst)
      this.unwrittenLines.shift()
      isFirst = false
    }
  }

  /** @param looks whether to look first if the file was moved away */
  private async appendLine(line: Buffer, looks: boolean): Promise<void> {
    let written = 0
    /** The size of the file behind a part of the line, where a full disk took no more than that. */
    let sizeBehindPart = 0
    for (let attempt = 0; ; attempt++) {
      try {
        const before = this.file
        const file = looks || attempt > 0 ? await this.currentFile() : (this.file ?? (await this.currentFile()))
        // Where somebody else wrote behind the part, or in a new file, the whole line is written.
        if (written > 0 && (file !== before || (await file.stat()).size !== sizeBehindPart)) written = 0
        while (written < line.length) {
          written += (await file.write(line, written)).bytesWritten
          if (written < line.length) sizeBehindPart = (await file.stat()).size
        }
        if (attempt > 0) this.options.onMended?.()
        return
      } catch (error) {
        if (this.options.onError === undefined || this.stopping.signal.aborted) {
          throw new Error(`${this.path}: ${(error as Error).message}`, { cause: error })
        }
        this.options.onError(
          `queue_log lines cannot be written to ${this.path}: ${(error as Error).message}; they are kept and tried again`,
        )
        await sleep(RETRY_MS, undefined, { signal: this.stopping.signal })
      }
    }
  }

  /** The file that has the name now. */
  private async currentFile(): Promise<AppendFile> {
    if (this.file !== undefined && (this.reopening || (await this.wasMoved(this.file)))) await this.closeFile()
    this.reopening = false
    this.file ??= await (this.options.openFile ?? openToAppend)(this.path)
    return this.file
  }

  private async wasMoved(file: AppendFile): Promise<boolean> {
    try {
      const [named, held] = await Promise.all([stat(this.path), file.stat()])
      return named.ino !== held.ino || named.dev !== held.dev
    } catch {
      return true // nothing has the name any more
    }
  }

  private async closeFile(): Promise<void> {
    const { file } = this
    this.file = undefined
    await file?.close()
  }
}

function openToAppend(path: string): Promise<FileHandle> {
  return open(path, 'a')
}
