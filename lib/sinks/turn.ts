/** Whose turn it is to write: of several trackers on one Asterisk, one does. */
export interface Turn {
  /**
   * Whose line it is. What is ours stays ours; what is undecided may be either later.
   *
   * @param timeMs of what the line tells: ms since the epoch, by the clock of the server
   * @param readAt when it came about here: ms of performance.now()
   */
  ownerOf(timeMs: number, readAt: number): 'ours' | 'theirs' | 'undecided'
  /** Whether another one writes now. */
  readonly isOthers: boolean
  /** Calls back when something that was undecided may be decided. */
  onChange(listener: () => void): void
}

/** Where nobody else writes. */
export const ALWAYS_OURS: Turn = { ownerOf: () => 'ours', isOthers: false, onChange: () => {} }
