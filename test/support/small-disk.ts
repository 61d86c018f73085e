import { spawnSync } from 'node:child_process'
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Why a test that needs a disk of its own is skipped. */
export const NO_MOUNT = 'only root may mount a disk of its own (tmpfs)'

/** A disk of a few MiB that a test fills: a tmpfs. */
export class SmallDisk {
  private readonly folder: string
  private readonly filler: string

  private constructor(folder: string) {
    this.folder = folder
    this.filler = join(folder, 'filler')
  }

  /** Mounts one on a folder; undefined where this is not permitted. */
  static mount(folder: string, bytes: number): SmallDisk | undefined {
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', folder])
    return status === 0 ? new SmallDisk(folder) : undefined
  }

  /** Leaves no room for a single page more. */
  fill(): void {
    const file = openSync(this.filler, 'a')
    try {
      for (;;) writeSync(file, Buffer.alloc(4096))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  makeRoom(): void {
    rmSync(this.filler)
  }

  unmount(): void {
    spawnSync('umount', ['-l', this.folder])
  }
}
