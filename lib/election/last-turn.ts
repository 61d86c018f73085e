import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'

/**
 * A note that is older, in ms, is of no use. Whether it is young enough is told by the clock of the server, and this keeps a
 * clock that was set back from telling so.
 */
const OLDEST_MS = 5000
/** Longer than any note: one is written over the other at once, and blanks mean nothing behind it. Bytes. */
const NOTE_BYTES = 512

/**
 * A file in which a tracker that writes notes the last proof of it, for the process that comes after it: one that is back
 * before anybody else could have taken over need not ask whether somebody has.
 */
export class LastTurnFile {
  private readonly path: string
  private readonly server: string
  /** It stays open: with a thousand trackers, opening it for each note was a quarter of all time. */
  private file: number | undefined

  /** @param server which server: a proof is good for no other one */
  constructor(path: string, server: string) {
    this.path = path
    this.server = server
  }

  /**
   * The stamp of the last beat that showed a process before this one that it writes: ms since the epoch, by the clock of the
   * server. Undefined if there is none, or it is too old.
   */
  read(): number | undefined {
    try {
      const { server, provenMs, at } = JSON.parse(readFileSync(this.path, 'utf8')) as Record<string, unknown>
      if (server !== this.server || typeof provenMs !== 'number' || typeof at !== 'number') return undefined
      const ageMs = monotonicMs() - at
      return ageMs >= 0 && ageMs < OLDEST_MS ? provenMs : undefined
    } catch {
      return undefined // there is none, or a process was killed while it wrote it
    }
  }

  keep(provenMs: number): void {
    const note = JSON.stringify({ server: this.server, provenMs, at: monotonicMs() })
    try {
      this.file ??= openSync(this.path, 'w', 0o600)
      writeSync(this.file, note.padEnd(NOTE_BYTES), 0)
    } catch {
      this.close() // a restart has to ask
    }
  }

  forget(): void {
    this.close()
    rmSync(this.path, { force: true })
  }

  /** Closes it; what it says stays. */
  close(): void {
    if (this.file === undefined) return
    closeSync(this.file)
    this.file = undefined
  }
}

/** The clock that runs since the machine was started, the same for all processes. */
function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n)
}
