import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'

/** Lines that are being written. */
export interface Lines {
  /** All that there are now, from the beginning of the run. */
  lines(): readonly string[]
  close(): void
}

/** Lines of several files: those of each in their order, and as they are found. */
export class LinesOfFiles implements Lines {
  private readonly files: readonly Lines[]
  /** How many lines of each are in {@link all}. */
  private readonly taken = new Map<Lines, number>()
  private readonly all: string[] = []

  constructor(files: readonly Lines[]) {
    this.files = files
  }

  lines(): readonly string[] {
    for (const file of this.files) {
      const lines = file.lines()
      this.all.push(...lines.slice(this.taken.get(file) ?? 0))
      this.taken.set(file, lines.length)
    }
    return this.all
  }

  close(): void {
    for (const file of this.files) file.close()
  }
}

/** Asterisk's queue_log while it is being written: its lines from the beginning of the run, also beyond a rotation. */
export class QueueLogFile implements Lines {
  private readonly path: string
  private fd: number | undefined
  private inode: number | undefined
  private offset = 0
  private rest = ''
  private readonly seen: string[] = []

  constructor(path: string) {
    this.path = path
  }

  /** All lines that there are now. */
  lines(): readonly string[] {
    this.read()
    if (existsSync(this.path)) {
      const fd = openSync(this.path, 'r')
      const { ino } = fstatSync(fd)
      if (this.fd === undefined || ino !== this.inode) {
        this.close()
        this.fd = fd
        this.inode = ino
        this.offset = 0
        this.read()
      } else {
        closeSync(fd)
      }
    }
    return this.seen
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd)
    this.fd = undefined
  }

  private read(): void {
    if (this.fd === undefined) return
    const buffer = Buffer.alloc(65_536)
    for (;;) {
      const length = readSync(this.fd, buffer, 0, buffer.length, this.offset)
      if (length === 0) return
      this.offset += length
      const lines = (this.rest + buffer.toString('latin1', 0, length)).split('\n')
      this.rest = lines.pop() ?? ''
      this.seen.push(...lines)
    }
  }
}
