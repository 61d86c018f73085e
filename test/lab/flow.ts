import type { Stage } from './stage.ts'

/** A call flow: who does what, and what queue_log must say of it. */
export interface Flow {
  /** Its name, and that of its recording. */
  name: string
  /** What happens, in a sentence. */
  title: string
  /** The lines: see expected-lines.ts. */
  lines: string
  play(stage: Stage): Promise<void>
}

/** Defines a flow of the family that a file has. */
export function flow(name: string, title: string, play: (stage: Stage) => Promise<void>, lines: string): Flow {
  return { name, title, play, lines }
}
