/** Something that was found wrong and worked around: one line for a person. */
export type Report = (text: string) => void

/** How many reports of a kind are told in full. */
const TOLD_IN_FULL = 20

/**
 * Tells the first reports of each kind and counts the rest, so that a gigabyte of garbage does not fill a log.
 *
 * @param tell where a line goes
 */
export class Reporter {
  private readonly tell: Report
  private readonly counts = new Map<string, number>()

  constructor(tell: Report) {
    this.tell = tell
  }

  report(kind: string, text: string): void {
    const count = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, count)
    if (count <= TOLD_IN_FULL) this.tell(text)
  }

  /** Tells how many more there were. */
  end(): void {
    for (const [kind, count] of this.counts) {
      if (count > TOLD_IN_FULL) this.tell(`${kind}: ${count - TOLD_IN_FULL} more of these`)
    }
    this.counts.clear()
  }
}
