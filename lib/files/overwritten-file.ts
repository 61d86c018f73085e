import { closeSync, constants, createWriteStream, ftruncateSync, openSync, rmSync, statSync, write } from 'node:fs'
import { Writable } from 'node:stream'
import { checkFile, isOwnOrEmptyFile, MOVE_IT, problemOf } from './check-file.ts'
import { UnfitFile } from './file-problem.ts'
import type { FileUse } from './file-use.ts'

/**
 * Opens a file that is written anew: one that we have made before, one with nothing in it, or a new one. It keeps its owner
 * and its mode, and what was in it until the first bytes come.
 *
 * @throws FileProblem if somebody else made it, or it cannot be written
 */
export function overwrittenFile(path: string, use: FileUse): NodeJS.WritableStream {
  checkFile(path, use)
  try {
    const status = statSync(path, { throwIfNoEntry: false })
    if (status === undefined) return new OverwrittenFile(path, use, openSync(path, 'wx'), true)
    // A terminal, /dev/null, or the pipe of a >(command).
    if (!status.isFile()) return createWriteStream(path, { flags: 'a' })
    const descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
    if (isOwnOrEmptyFile(descriptor, use)) return new OverwrittenFile(path, use, descriptor, false)
    closeSync(descriptor)
    throw new UnfitFile(`somebody else made it${MOVE_IT}`)
  } catch (error) {
    throw problemOf(error, path, use)
  }
}

class OverwrittenFile extends Writable {
  private readonly path: string
  private readonly use: FileUse
  private readonly descriptor: number
  private readonly isNew: boolean
  private isBegun = false

  constructor(path: string, use: FileUse, descriptor: number, isNew: boolean) {
    super()
    this.path = path
    this.use = use
    this.descriptor = descriptor
    this.isNew = isNew
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    if (!this.isBegun) ftruncateSync(this.descriptor)
    this.isBegun = true
    this.writeFrom(chunk, 0, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    closeSync(this.descriptor)
    // Half a page is worse than none.
    if (error !== null && this.isNew) rmSync(this.path, { force: true })
    done(error)
  }

  private writeFrom(chunk: Buffer, start: number, done: (error?: Error) => void): void {
    write(this.descriptor, chunk, start, chunk.length - start, null, (error, bytes) => {
      if (error !== null) done(problemOf(error, this.path, this.use, { cannotBe: 'written' }))
      else if (start + bytes < chunk.length) this.writeFrom(chunk, start + bytes, done)
      else done()
    })
  }
}
