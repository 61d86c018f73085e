/** So often it is looked whose step is due, in ms. */
const LOOK_MS = 100

/** Something that is done again and again. */
export interface Stepper {
  /** When it is due: ms of performance.now(); undefined if not at all. */
  readonly dueAt: number | undefined
  step(): void
}

/** Does the steps of all trackers of a process when they are due, by one timer: one each was a fifth of a core for a thousand. */
export class BeatSteps {
  private readonly steppers = new Set<Stepper>()
  private timer: NodeJS.Timeout | undefined

  add(stepper: Stepper): void {
    this.steppers.add(stepper)
    this.timer ??= setInterval(() => this.look(), LOOK_MS)
  }

  delete(stepper: Stepper): void {
    this.steppers.delete(stepper)
    if (this.steppers.size > 0) return
    clearInterval(this.timer)
    this.timer = undefined
  }

  private look(): void {
    const now = performance.now()
    for (const stepper of this.steppers) if (stepper.dueAt !== undefined && stepper.dueAt <= now) stepper.step()
  }
}

/** Those of this process. */
export const beatSteps = new BeatSteps()
