/** Lets a few go on at the same time, and the others when one of them is done, in the order in which they came. */
export class TakingTurns {
  private readonly most: number
  private going = 0
  private readonly waiting: (() => void)[] = []

  /** @param most so many at the same time */
  constructor(most: number) {
    this.most = most
  }

  /** Does something when it may: at once, if not too many do. */
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
