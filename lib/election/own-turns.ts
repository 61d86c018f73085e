const MAX_TURNS = 8

/** Times of the server whose lines are this tracker's to write: ms since the epoch, `until` excluded. */
interface OwnTurn {
  from: number
  until: number
}

/** The times, by the clock of the server, whose lines a tracker writes: one after the other, as it becomes active. */
export class OwnTurns {
  private readonly turns: OwnTurn[] = []

  get isEmpty(): boolean {
    return this.turns.length === 0
  }

  includes(timeMs: number): boolean {
    return this.turns.some(({ from, until }) => from <= timeMs && timeMs < until)
  }

  /** A new one begins, of which nothing is proven beyond `atMs`. */
  begin(from: number, atMs: number): void {
    this.turns.push({ from, until: atMs })
    if (this.turns.length > MAX_TURNS) this.turns.shift()
  }

  /** The last one goes on until then, as is known at `atMs`. */
  goOn(atMs: number, until: number): void {
    const turn = this.turns.at(-1)
    if (turn === undefined) return
    turn.until = until
    // Where the clock was set back, nothing of before can be told by its time.
    if (atMs < turn.from) turn.from = Number.NEGATIVE_INFINITY
  }
}
