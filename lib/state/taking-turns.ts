/** Lets a few tasks run at the same time. The others run when one of them is done, in the order in which they came. */
export class TakingTurns {
  private readonly most: number
  private going = 0
  private readonly waiting: (() => void)[] = []

  /** @param most how many at the same time */
  constructor(most: number) {
    this.most = most
  }

  /** Runs a task when it may run: at once, if not too many run. */
  async run<T>(what: () => Promise<T>): Promise<T> {
    if (this.going < this.most) this.going++
    else await new Promise<void>((turn) => this.waiting.push(turn))
    try {
      return await what()
    } finally {
      const next = this.waiting.shift()
      if (next === undefined) this.going--
      else next()
    }
  }
}
