import { fstat, open } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import sonicBoom, { type SonicBoom } from 'sonic-boom'
import { problemOf } from '../files/check-file.ts'
import { reasonOf } from '../files/file-problem.ts'
import type { FileUse } from '../files/file-use.ts'
import { fileWaits } from '../files/file-waits.ts'
import { APPENDING } from '../files/open-to-append.ts'

export interface AppendFileOptions {
  use: FileUse
  /** What waits for the disk, at most: bytes. What comes beyond that is lost. */
  maxWaitingBytes: number
  /** Told when something is lost, or cannot be written. */
  onLoss: (reason: string) => void
}

/** A file that could not be opened anew is tried again after so long, in ms. */
const RETRY_MS = 5000
/** How long the end waits for what is not written yet, in ms. */
const END_MS = 500

/** A file to which is appended without anybody waiting for the disk. */
export class AppendFile {
  private readonly path: string
  private readonly options: AppendFileOptions
  private file: OpenFile
  private isReopening = false
  private retry: NodeJS.Timeout | undefined

  private constructor(path: string, options: AppendFileOptions, file: OpenFile) {
    this.path = path
    this.options = options
    this.file = file
  }

  /** @throws FileProblem if it cannot be opened */
  static async open(path: string, options: AppendFileOptions): Promise<AppendFile> {
    return new AppendFile(path, options, await openFile(path, options))
  }

  write(data: string | Buffer): void {
    this.file.write(typeof data === 'string' ? Buffer.from(data, 'utf8') : data)
  }

  /**
   * Goes on in the file that has the name then. What waits still goes into the old one, which stays in use until there is
   * a new one. (SonicBoom's own reopen closes the old one twice after it has failed once.)
   */
  async reopen(): Promise<void> {
    // One that hangs is waited for once: each attempt would take another thread.
    if (this.isReopening) return
    this.isReopening = true
    clearTimeout(this.retry)
    try {
      const before = this.file
      this.file = await openFile(this.path, this.options)
      void before.end()
    } catch (error) {
      this.options.onLoss((error as Error).message)
      this.retry = setTimeout(() => this.reopen(), RETRY_MS).unref()
    } finally {
      this.isReopening = false
    }
  }

  /** Writes what waits, and closes the file, if that does not take long. */
  async end(): Promise<void> {
    clearTimeout(this.retry)
    await Promise.race([this.file.end(), sleep(END_MS, undefined, { ref: false })])
    this.file.giveUp()
  }
}

/** A file in use, of which is known whether it answers. */
class OpenFile {
  private readonly path: string
  private readonly file: SonicBoom
  /** A pipe never holds a thread: it refuses what its reader has no room for. */
  private readonly isPipe: boolean
  private waitingBytes = 0
  private endWait: (() => void) | undefined

  constructor(path: string, { maxWaitingBytes, onLoss }: AppendFileOptions, descriptor: number, isPipe: boolean) {
    this.path = path
    this.isPipe = isPipe
    this.file = new sonicBoom.SonicBoom({
      fd: descriptor,
      sync: false,
      maxLength: maxWaitingBytes,
      contentMode: 'buffer',
    })
    this.file.on('drop', (data: unknown) => {
      this.waitingBytes -= (data as Buffer).length
      onLoss('the disk is too slow')
    })
    this.file.on('write', (bytes) => {
      this.waitingBytes -= bytes
      this.answered()
      if (this.waitingBytes > 0) this.wait()
    })
    this.file.on('error', (error) => {
      this.answered()
      onLoss(reasonOf(error))
    })
  }

  write(data: Buffer): void {
    this.waitingBytes += data.length
    this.wait()
    // SonicBoom takes buffers in this mode; its types do not know of that.
    this.file.write(data as unknown as string)
  }

  /** Writes what waits, and closes it. */
  async end(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.file.once('close', resolve)
      this.file.once('error', () => resolve())
      this.file.end()
    })
    await (this.isPipe ? closed : fileWaits.until(this.path, closed))
    this.answered()
  }

  /** A pipe that is not read would be tried forever. */
  giveUp(): void {
    if (this.isPipe) this.file.destroy()
  }

  private wait(): void {
    if (!this.isPipe) this.endWait ??= fileWaits.begin(this.path)
  }

  private answered(): void {
    this.endWait?.()
    this.endWait = undefined
  }
}

async function openFile(path: string, options: AppendFileOptions): Promise<OpenFile> {
  try {
    const descriptor = await fileWaits.until(path, promisify(open)(path, APPENDING, 0o640))
    const stats = await fileWaits.until(path, promisify(fstat)(descriptor))
    return new OpenFile(path, options, descriptor, stats.isFIFO())
  } catch (error) {
    throw problemOf(error, path, options.use)
  }
}
