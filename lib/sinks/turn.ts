/** Whose turn it is to write: of several trackers on one Asterisk, one writes. */
export interface Turn {
  /**
   * Whose line it is. A line that is ours stays ours; an undecided line may become ours or theirs later.
   *
   * @param timeMs the time of the event behind the line: ms since the epoch, by the server's clock
   * @param readAt when the line was made here: ms of performance.now()
   */
  ownerOf(timeMs: number, readAt: number): 'ours' | 'theirs' | 'undecided'
  /** Whether another one writes now. */
  readonly isOthers: boolean
  /** Calls back when something that was undecided may be decided. */
  onChange(listener: () => void): void
}

/** For a sink into which nobody else writes. */
export const ALWAYS_OURS: Turn = { ownerOf: () => 'ours', isOthers: false, onChange: () => {} }
