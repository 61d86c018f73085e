import { createReadStream, fstatSync, openSync } from 'node:fs'
import { problemOf } from '../files/check-file.ts'
import { endNow } from '../files/end-now.ts'
import { reasonOf } from '../files/file-problem.ts'
import { GZIP_MAGIC_BYTES, gunzipped, isGzip } from '../files/gunzip.ts'
import { FILES } from '../files/uses.ts'
import { EXIT, Failure } from '../text/exit.ts'
import { beginningOf, wholeAgain } from './beginning.ts'
import { FileSource } from './file-source.ts'

/** What can be read, and stopped. */
type Source = AsyncIterable<Buffer> & { destroy(): unknown; readonly readableEnded: boolean }

/** Told of a regular file as it is opened; what it returns is called when that is read, or given up. */
export type WatchFile = (file: FileSource) => () => void

/**
 * A program's input: stdin, or a file, unpacked if gzip has packed it.
 *
 * ^C goes to every program of a pipeline at once. What is upstream ends then and flushes, so a program that reads a pipe
 * reads on to its end, lest the last lines be lost; one that reads a file or a terminal stops reading, and what it has
 * read goes through. A second ^C ends the program at once.
 */
export class Input implements AsyncIterable<Buffer> {
  private readonly path: string
  private readonly watch: WatchFile | undefined
  /** Why it ended too early, if it did: what was read until then is sound. */
  damage: string | undefined

  /** @param path `-` is stdin */
  constructor(path = '-', watch?: WatchFile) {
    this.path = path
    this.watch = watch
  }

  get isStdin(): boolean {
    return this.path === '-'
  }

  /** Its name in a message: `dump.ami`, `stdin` */
  get name(): string {
    return this.isStdin ? 'stdin' : this.path
  }

  /** How a command that is to be typed names it. */
  get word(): string {
    if (this.isStdin) return 'FILE'
    return /^[\w@%+=:,./-]+$/.test(this.path) ? this.path : `'${this.path.replaceAll("'", "'\\''")}'`
  }

  /** @throws Failure (as the stream's error) if it cannot be read */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const source = this.read()
    try {
      const beginning = await beginningOf(source, (bytes) => bytes.length >= GZIP_MAGIC_BYTES)
      const whole = wholeAgain(beginning, source)
      yield* isGzip(beginning) ? gunzipped(whole, (reason) => this.noteDamage(reason)) : whole
    } finally {
      await source.return(undefined)
    }
  }

  /** @throws Failure if it ended too early */
  assertWhole(): void {
    if (this.damage !== undefined) throw new Failure(`${this.name}: ${this.damage}`)
  }

  private async *read(): AsyncGenerator<Buffer> {
    const source = open(this.path)
    const endWatching = source instanceof FileSource ? this.watch?.(source) : undefined
    stopOnSignals(source, this.isStdin && isPipe(0))
    try {
      yield* source
    } catch (error) {
      if (!interrupted) throw new Failure(`${this.name} cannot be read: ${reasonOf(error)}`)
    } finally {
      endWatching?.()
    }
  }

  private noteDamage(reason: string): void {
    if (interrupted) return
    this.damage =
      reason === 'unexpected end of file'
        ? 'its gzip data are incomplete: the end is missing'
        : `its gzip data are damaged (${reason}): the rest is skipped`
  }
}

function open(path: string): Source {
  if (path === '-') {
    if (fstatSync(0).isDirectory()) throw new Failure('stdin is a directory')
    return fstatSync(0).isFile() ? new FileSource(0) : process.stdin
  }
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (error) {
    throw problemOf(error, path, FILES.dump)
  }
  const status = fstatSync(descriptor)
  return status.isFile() ? new FileSource(descriptor) : createReadStream(path, { fd: descriptor })
}

let interrupted = false
let signals = 0
/** What is read now, and whether the program that writes it ends on ^C as well. */
let current: { source: Source; upstreamEnds: boolean } | undefined

/** Whether the input was cut short by a signal: what is left unread is then no fault of the input. */
export function wasInterrupted(): boolean {
  return interrupted
}

/** Never taken off again: what was read is still being written when the input is at its end. */
function stopOnSignals(source: Source, upstreamEnds: boolean): void {
  if (current === undefined) process.on('SIGINT', stop).on('SIGTERM', stop)
  current = { source, upstreamEnds }
}

function stop(signal: NodeJS.Signals): void {
  if (++signals > 1) endNow(EXIT[signal as 'SIGINT' | 'SIGTERM'])
  if (current === undefined || current.source.readableEnded || (signal === 'SIGINT' && current.upstreamEnds)) return
  interrupted = true
  process.exitCode = EXIT[signal as 'SIGINT' | 'SIGTERM']
  current.source.destroy()
}

/** Whether another process is at the other end. */
export function isPipe(descriptor: number): boolean {
  const status = fstatSync(descriptor)
  return status.isFIFO() || status.isSocket()
}
