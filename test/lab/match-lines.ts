import { type Bindings, type ExpectedLine, matchLine } from './expected-lines.ts'

/** How the lines of a flow compare with those expected. */
export interface Comparison {
  /** Every line is expected, at its place, and none is missing. */
  isSame: boolean
  /** Which of the lines are ours, by index, as far as they match. */
  ours: ReadonlySet<number>
  /** The first line that is not expected there, as far as could be matched. */
  surprise: string | undefined
  /** What was expected next in each paragraph, as far as could be matched. */
  missing: readonly string[]
}

interface Progress {
  /** How many lines of each paragraph are there. */
  positions: number[]
  bindings: Bindings
  ours: number[]
}

/** Finds for each line its place in one of the paragraphs; tries all ways, as lines may fit more than one. */
export function compareLines(actual: readonly string[], expected: readonly (readonly ExpectedLine[])[]): Comparison {
  let furthest: Progress = { positions: expected.map(() => 0), bindings: new Map(), ours: [] }
  let reached = -1
  /** The lines of a paragraph that may come next: with those that may be missing, more than one. */
  const nextOf = (index: number, position: number): number[] => {
    const line = expected[index]?.[position]
    if (line === undefined) return []
    return line.mayBeMissing ? [position, ...nextOf(index, position + 1)] : [position]
  }
  const isDone = ({ positions }: Progress): boolean =>
    positions.every((position, index) => expected[index]?.slice(position).every(({ mayBeMissing }) => mayBeMissing))

  const follow = (at: number, progress: Progress): Progress | undefined => {
    if (at > reached) {
      reached = at
      furthest = progress
    }
    const line = actual[at]
    if (line === undefined) return isDone(progress) ? progress : undefined
    for (const [index, position] of progress.positions.entries()) {
      for (const candidate of nextOf(index, position)) {
        const next = expected[index]?.[candidate]
        const bindings = next === undefined ? undefined : matchLine(next, line, progress.bindings)
        if (next === undefined || bindings === undefined) continue
        const positions = progress.positions.with(index, candidate + 1)
        const ours = next.isOurs ? [...progress.ours, at] : progress.ours
        const end = follow(at + 1, { positions, bindings, ours })
        if (end !== undefined) return end
      }
    }
    return undefined
  }

  const end = follow(0, furthest)
  if (end !== undefined) return { isSame: true, ours: new Set(end.ours), surprise: undefined, missing: [] }
  const missing = furthest.positions.flatMap((position, index) => expected[index]?.[position]?.text ?? [])
  return { isSame: false, ours: new Set(furthest.ours), surprise: actual[reached], missing }
}
