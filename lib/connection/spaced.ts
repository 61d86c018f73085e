/**
 * Runs something at once when it is requested, but only once in a time. Later requests run once more at the end of this
 * time.
 */
export class Spaced {
  private readonly gapMs: number
  private readonly act: () => void
  private gap: NodeJS.Timeout | undefined
  private isWanted = false

  /** @param gapMs the shortest time, in ms, from one run to the next */
  constructor(gapMs: number, act: () => void) {
    this.gapMs = gapMs
    this.act = act
  }

  want(): void {
    if (this.gap === undefined) this.actNow()
    else this.isWanted = true
  }

  end(): void {
    clearTimeout(this.gap)
    this.gap = undefined
    this.isWanted = false
  }

  private actNow(): void {
    this.isWanted = false
    this.gap = setTimeout(() => {
      this.gap = undefined
      if (this.isWanted) this.actNow()
    }, this.gapMs).unref()
    this.act()
  }
}
