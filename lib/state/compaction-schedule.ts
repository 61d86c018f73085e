/**
 * A journal is compacted when it is this many times as long as after the last compaction. A greater factor means fewer
 * compactions.
 */
const COMPACTED_AT_TIMES = 1.75
/** A failed compaction is tried again when the journal is this many times as long. */
const TRIED_AGAIN_AT_TIMES = 1.2
/** Compactions that only tidy up may take at most this part (1/n) of the time. */
const PARTS_OF_TIME = 20

export interface ScheduleOptions {
  /** Below this size, in bytes, a journal is not long. */
  compactedFromBytes: number
  /** Data of calls that are over is dropped at the latest after this time, in ms. */
  tidyMs: number
}

/** Decides when a journal is compacted: when it is long, and some time after something in it may be dropped. */
export class CompactionSchedule {
  private readonly options: ScheduleOptions
  private longFrom: number
  private isUntidy = true
  /** ms of performance.now() */
  private began = 0
  private tidyFrom = 0

  /** @param bytes of the journal as it is */
  constructor(options: ScheduleOptions, bytes: number) {
    this.options = options
    this.longFrom = this.longBehind(bytes)
  }

  /** Something came in that may be dropped later. */
  touch(): void {
    this.isUntidy = true
  }

  isLong(bytes: number): boolean {
    return bytes >= this.longFrom
  }

  /** Whether there may be something to drop, and the last compaction was a while ago. */
  get isDue(): boolean {
    return this.isUntidy && performance.now() >= this.tidyFrom
  }

  begin(): void {
    this.began = performance.now()
    this.isUntidy = false
  }

  /**
   * @param bytes of the journal now
   * @param isMade whether it was compacted
   * @param isUntidy whether something was left that may be dropped soon
   */
  end(bytes: number, isMade: boolean, isUntidy: boolean): void {
    this.isUntidy ||= isUntidy
    this.longFrom = isMade ? this.longBehind(bytes) : bytes * TRIED_AGAIN_AT_TIMES
    const now = performance.now()
    const { tidyMs } = this.options
    const rest = Math.min((now - this.began) * PARTS_OF_TIME, tidyMs * PARTS_OF_TIME)
    this.tidyFrom = now + Math.max(tidyMs * (2 / 3), rest)
  }

  private longBehind(bytes: number): number {
    return Math.max(this.options.compactedFromBytes, bytes * COMPACTED_AT_TIMES)
  }
}
