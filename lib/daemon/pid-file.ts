import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Failure } from '../text/exit.ts'

/** A file that says which process runs here, and keeps a second one from doing so. */
export class PidFile {
  private readonly path: string
  private isHeld = true

  private constructor(path: string) {
    this.path = path
  }

  /**
   * Takes the file, also one that a process left behind that is gone.
   *
   * @throws Failure that names the process which holds it, or says why it cannot be written
   */
  static take(path: string): PidFile {
    const own = `${path}.${process.pid}`
    try {
      writeFileSync(own, `${process.pid}\n`, { mode: 0o644 })
      // Two attempts: the second is for a file that was stale.
      if (!linked(own, path)) {
        setAside(path, `${own}.stale`)
        if (!linked(own, path)) throw heldBy(path, holderOf(path))
      }
    } catch (error) {
      if (error instanceof Failure) throw error
      throw new Failure(`the pid file ${path} cannot be written: ${(error as Error).message}`)
    } finally {
      rmSync(own, { force: true })
    }
    return new PidFile(path)
  }

  /** Removes the file, unless somebody else has taken it meanwhile. */
  release(): void {
    if (!this.isHeld) return
    this.isHeld = false
    try {
      if (Number(readFileSync(this.path, 'utf8')) === process.pid) rmSync(this.path)
    } catch {
      // It is gone already.
    }
  }
}

/** Gives the file its name, whole and at once; false if there is one of that name. */
function linked(own: string, path: string): boolean {
  try {
    linkSync(own, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/**
 * Moves a stale file out of the way. Looked at once more there: another process may have done the same a moment before,
 * and what was moved would be its own.
 *
 * @throws Failure if a live process holds it
 */
function setAside(path: string, aside: string): void {
  const holder = holderOf(path)
  if (holder !== undefined) throw heldBy(path, holder)
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  const moved = holderOf(aside)
  if (moved !== undefined) linked(aside, path)
  rmSync(aside, { force: true })
  if (moved !== undefined) throw heldBy(path, moved)
}

function heldBy(path: string, pid: number | undefined): Failure {
  return new Failure(
    `already running as process ${pid ?? 'unknown'} (pid file ${path}); stop that first, or remove the file if that is another program`,
  )
}

/** The live process that holds the file; undefined if it is stale. */
function holderOf(path: string): number | undefined {
  let pid: number
  try {
    pid = Number(readFileSync(path, 'utf8').trim() || Number.NaN)
  } catch {
    return undefined
  }
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return undefined
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined
  }
  return pid
}
