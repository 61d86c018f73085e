import type { LineOutcome } from '../queue-log/outcome.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { verbs } from '../trackers/table.ts'

/** What became of the lines: how many were written of which verbs, and how many were not, for which reason. */
export class LineCounts {
  private readonly written = new Map(verbs.map((verb) => [verb, 0]))
  private others = 0
  private readonly notWritten = { refused: 0, unanswered: 0, theirs: 0, late: 0 }

  count({ event: verb }: QueueLogFields, outcome: LineOutcome): void {
    if (outcome !== 'written') {
      this.notWritten[outcome]++
      return
    }
    const count = this.written.get(verb)
    if (count === undefined) this.others++
    else this.written.set(verb, count + 1)
  }

  /** Those that were written, by their verbs. */
  *byVerb(): Generator<[verb: string, count: number]> {
    yield* this.written
    yield ['other', this.others]
  }

  /** Those that were not. */
  byReason(): [reason: Exclude<LineOutcome, 'written'>, count: number][] {
    return Object.entries(this.notWritten) as [Exclude<LineOutcome, 'written'>, number][]
  }
}
