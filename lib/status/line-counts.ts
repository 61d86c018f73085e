import type { LineOutcome } from '../queue-log/outcome.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { verbs } from '../trackers/table.ts'

/** Verbs that none of ours writes are one: they may be without end. */
const OTHER = 'other'

/** What became of the lines: how many were written of which verbs, and how many were not, for which reason. */
export class LineCounts {
  private readonly clock: () => number
  private readonly written = new Map(verbs.map((verb) => [verb, 0]))
  private others = 0
  private readonly notWritten = { refused: 0, unanswered: 0, theirs: 0, late: 0 }

  private today: { since: number; until: number; written: Map<string, number> }

  /** @param clock of this machine: ms since the epoch */
  constructor(clock: () => number = Date.now) {
    this.clock = clock
    const now = clock()
    this.today = { ...dayOf(now), since: now, written: new Map() }
  }

  count({ event: verb }: QueueLogFields, outcome: LineOutcome): void {
    if (outcome !== 'written') {
      this.notWritten[outcome]++
      return
    }
    const { written } = this.ofToday()
    const known = this.written.has(verb) ? verb : OTHER
    written.set(known, (written.get(known) ?? 0) + 1)
    const count = this.written.get(verb)
    if (count === undefined) this.others++
    else this.written.set(verb, count + 1)
  }

  /** Those that were written, by their verbs. */
  *byVerb(): Generator<[verb: string, count: number]> {
    yield* this.written
    yield [OTHER, this.others]
  }

  /**
   * Those that were written today, by the time zone of this machine.
   *
   * @returns their verbs, and since when they are counted: ms since the epoch
   */
  writtenToday(): { since: number; byVerb: Record<string, number> } {
    const { since, written } = this.ofToday()
    return { since, byVerb: Object.fromEntries(written) }
  }

  private ofToday(): LineCounts['today'] {
    const now = this.clock()
    const { since, until } = this.today
    if (now < since || now >= until) this.today = { ...dayOf(now), written: new Map() }
    return this.today
  }

  /** Those that were not. */
  byReason(): [reason: Exclude<LineOutcome, 'written'>, count: number][] {
    return Object.entries(this.notWritten) as [Exclude<LineOutcome, 'written'>, number][]
  }
}

/** The day of a time where this machine is. All times are ms since the epoch. */
function dayOf(at: number): { since: number; until: number } {
  const since = new Date(at).setHours(0, 0, 0, 0)
  const next = new Date(since)
  // Not by so many hours: twice a year a day has 23 or 25.
  return { since, until: next.setDate(next.getDate() + 1) }
}
