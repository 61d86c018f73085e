import { setTimeout as sleep } from 'node:timers/promises'

/** Lets those who wait go on one after the other, some time apart, in the order in which they came. */
export class Turns {
  private readonly gapMs: number
  /** When the next one may go on: ms of performance.now() */
  private nextAt = 0

  /** @param gapMs from one to the next, in ms */
  constructor(gapMs: number) {
    this.gapMs = gapMs
  }

  /**
   * Waits for a turn.
   *
   * @param signal ends the wait at once
   */
  readonly next = async (signal: AbortSignal): Promise<void> => {
    const now = performance.now()
    const at = Math.max(now, this.nextAt)
    this.nextAt = at + this.gapMs
    if (at > now) await sleep(at - now, undefined, { signal }).catch(() => {})
  }
}
