import type { Log } from './log.ts'

/** Warns of each kind of thing once, however the texts differ: those of a server may differ each time. */
export class OnceLog {
  private readonly log: Log
  private readonly told = new Set<string>()

  constructor(log: Log) {
    this.log = log
  }

  /** @param kind one of a few that are known beforehand: they are kept forever */
  warn(kind: string, text: string): void {
    if (this.told.has(kind)) return
    this.told.add(kind)
    this.log.warn(text)
  }
}
