/** Lets the clock of the process stand, until it is moved by hand. */
export class OwnClock {
  private readonly real = performance.now

  /** ms of performance.now() */
  now = 1_000_000

  constructor() {
    performance.now = () => this.now
  }

  /** The clock goes on as ever. */
  release(): void {
    performance.now = this.real
  }
}
