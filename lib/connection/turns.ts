interface Waiting {
  readonly goOn: () => void
  readonly signal: AbortSignal
}

/**
 * Lets waiting tasks go on one after the other, with a gap between them, in the order in which they came. If the event
 * loop is too busy, the gaps are longer. Missed turns are not made up for.
 */
export class Turns {
  private readonly gapMs: number
  private readonly waiting: Waiting[] = []
  private gap: NodeJS.Timeout | undefined

  /** @param gapMs from one task to the next, in ms */
  constructor(gapMs: number) {
    this.gapMs = gapMs
  }

  /**
   * Waits for a turn.
   *
   * @param signal ends the wait at once
   */
  readonly next = (signal: AbortSignal): Promise<void> => {
    return new Promise((goOn) => {
      if (signal.aborted) return goOn()
      const takeTurn = (): void => {
        signal.removeEventListener('abort', takeTurn)
        goOn()
      }
      signal.addEventListener('abort', takeTurn)
      this.waiting.push({ goOn: takeTurn, signal })
      if (this.gap === undefined) this.letOne()
    })
  }

  private letOne(): void {
    this.gap = undefined
    let next = this.waiting.shift()
    // A task that has given up waiting takes no turn.
    while (next?.signal.aborted) next = this.waiting.shift()
    if (next === undefined) return
    next.goOn()
    this.gap = setTimeout(() => this.letOne(), this.gapMs)
  }
}
