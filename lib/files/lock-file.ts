import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { isOwnOrEmptyFile, MOVE_IT, problemOf } from './check-file.ts'
import { UnfitFile } from './file-problem.ts'
import type { FileUse } from './file-use.ts'

/** How often a file may be removed by who held it, just as it is taken. */
const ATTEMPTS = 100
/** What flock(1) ends with where another process has the lock. */
const HELD = 1

/** Another process holds the file: it goes away by itself, unlike other problems of a file. */
export class AlreadyRunning extends Error {}

/**
 * A file that says which process runs here, and keeps a second one from doing so.
 *
 * The kernel holds the lock (flock), not the number in the file: it ends with the process however that ends, and with the
 * machine. A number may belong to another program after a reboot, or to a thread; and of several that find a stale one,
 * each could take it from the other. Node has no call for flock. flock(1) of util-linux, which every Linux has, locks what
 * it inherits: the lock is one of the open file, and stays with this process.
 */
export class LockFile {
  private readonly path: string
  private readonly removes: boolean
  private descriptor: number | undefined

  private constructor(path: string, descriptor: number, removes: boolean) {
    this.path = path
    this.descriptor = descriptor
    this.removes = removes
  }

  /**
   * Takes the file, also one that a process left behind that is gone.
   *
   * @param mode of a new one
   * @throws AlreadyRunning that names the process which holds it
   * @throws FileProblem if it cannot be written, or is none of ours
   */
  static take(path: string, use: FileUse, mode: number): LockFile {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const lock = LockFile.create(path, mode) ?? LockFile.takeOver(path, use)
        if (lock !== undefined) return lock
      }
      throw new UnfitFile('others make and remove it all the time')
    } catch (error) {
      throw error instanceof AlreadyRunning ? error : problemOf(error, path, use, { cannotBe: 'taken' })
    }
  }

  /** Removes the file; one that was there before, with nothing in it, is left as it was. */
  release(): void {
    if (this.descriptor === undefined) return
    // Before the lock is let go: what has the name then may be somebody else's.
    if (!this.removes) ftruncateSync(this.descriptor)
    else if (hasName(this.descriptor, this.path)) rmSync(this.path, { force: true })
    closeSync(this.descriptor)
    this.descriptor = undefined
  }

  /** Gives a new file its name once it is locked and written; undefined if something has that name. */
  private static create(path: string, mode: number): LockFile | undefined {
    const unnamed = `${path}.${randomBytes(6).toString('hex')}`
    const descriptor = openSync(unnamed, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, mode)
    try {
      if (!isLocked(descriptor)) throw new UnfitFile('somebody else has locked a new file')
      writePid(descriptor)
      linkSync(unnamed, path)
      return new LockFile(path, descriptor, true)
    } catch (error) {
      closeSync(descriptor)
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return undefined
    } finally {
      rmSync(unnamed, { force: true })
    }
  }

  /** Takes a file that is there; undefined if it was removed meanwhile. */
  private static takeOver(path: string, use: FileUse): LockFile | undefined {
    const descriptor = openExisting(path)
    if (descriptor === undefined) return undefined
    let lock: LockFile | undefined
    try {
      if (!isOwnOrEmptyFile(descriptor, use)) throw new UnfitFile(`somebody else made it${MOVE_IT}`)
      if (!isLocked(descriptor)) throw heldBy(path, use)
      if (!leadsTo(path, descriptor)) return undefined
      const isOwn = fstatSync(descriptor).size > 0 && hasName(descriptor, path)
      ftruncateSync(descriptor)
      writePid(descriptor)
      lock = new LockFile(path, descriptor, isOwn)
      return lock
    } finally {
      if (lock === undefined) closeSync(descriptor)
    }
  }
}

function openExisting(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Locks an open file, for as long as it is open. */
function isLocked(descriptor: number): boolean {
  const { status, error, stderr } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
  })
  if (status === 0 || status === HELD) return status === 0
  throw new UnfitFile(`flock (of util-linux) cannot lock it: ${error?.message ?? String(stderr).trim()}`)
}

/** The empty line says that it is ours, and is invisible to `$(cat FILE)` and to who reads a number or a line. */
function writePid(descriptor: number): void {
  writeSync(descriptor, `${process.pid}\n\n`, 0)
}

function heldBy(path: string, { what }: FileUse): AlreadyRunning {
  const pid = readFileSync(path, 'utf8').trim()
  return new AlreadyRunning(
    `already running as process ${pid || 'unknown'} (${what.replace('the ', '')} ${path}); stop that first`,
  )
}

/** Whether a name, also one that is a link, leads to an open file. */
function leadsTo(path: string, descriptor: number): boolean {
  return isSame(statSync(path, { throwIfNoEntry: false }), descriptor)
}

/** Whether an open file itself has a name. */
function hasName(descriptor: number, path: string): boolean {
  return isSame(lstatSync(path, { throwIfNoEntry: false }), descriptor)
}

function isSame(named: { dev: number; ino: number } | undefined, descriptor: number): boolean {
  const { dev, ino } = fstatSync(descriptor)
  return named?.dev === dev && named.ino === ino
}
