/** Whose turn it is to write: of several trackers on one Asterisk, one does. */
export interface Turn {
  /** `undecided`: lines wait. `theirs`: another tracker writes the same lines. */
  readonly whose: 'ours' | 'theirs' | 'undecided'
  /** Lines of before are another's, whosever turn it is now: ms since the epoch, by the clock of the server. */
  readonly writesFrom: number
  /** Calls back when either may be another. */
  onChange(listener: () => void): void
}

/** Where nobody else writes. */
export const ALWAYS_OURS: Turn = { whose: 'ours', writesFrom: Number.NEGATIVE_INFINITY, onChange: () => {} }
