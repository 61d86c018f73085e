import type { ExplainedCall, Moment, Span } from './call.ts'

/** In which rows of a ladder something is: its event is that of the first row, and of the last. */
export interface Presence {
  /** -1 if it was there before the first event. */
  readonly first: number
  /** Infinity if the dump does not tell its end. */
  readonly last: number
}

/** A part of a channel's life line: before it is up, and behind that. */
export interface LifePart {
  readonly kind: 'ringing' | 'up'
  readonly presence: Presence
}

export interface PlannedSpan {
  readonly span: Span
  readonly column: number
  readonly presence: Presence
  /** What it looks like: a class, of a bridge one that is unlike that of the bridges before it. */
  readonly looks: string
  /** Of a bridge: `A`, `B`; '' for others. */
  readonly letter: string
}

/** So many bridges look unlike each other; of more than that only the letters differ. */
export const BRIDGE_LOOKS = 6

/** Where everything of a call stands in its ladder: rows are its events, columns its channels. */
export class LadderPlan {
  /** The columns of channels, by their Uniqueids. */
  readonly columns: ReadonlyMap<string, number>
  readonly lives: readonly (readonly LifePart[])[]
  readonly spans: readonly PlannedSpan[]
  /** The letters of bridges by their BridgeUniqueids, in the order in which they were entered. */
  readonly letters: ReadonlyMap<string, string>
  private readonly rows = new Map<number, number>()
  private readonly numbers: readonly number[]
  private readonly letterByEvent = new Map<number, string>()

  constructor({ channels, events, spans }: ExplainedCall) {
    this.numbers = events.map(({ number }) => number)
    for (const [row, number] of this.numbers.entries()) this.rows.set(number, row)
    this.columns = new Map(channels.map(({ uniqueid }, column) => [uniqueid, column]))
    this.letters = lettersOf(spans)
    this.lives = channels.map(({ begin, up, end }) => {
      const [first, last] = [this.firstRow(begin), this.lastRow(end)]
      // Of a channel that was there before, it is not known since when it is up.
      const answered = begin === undefined ? first : up === undefined ? last : this.firstRow(up)
      return [
        { kind: 'ringing' as const, presence: { first, last: Math.min(answered, last) } },
        { kind: 'up' as const, presence: { first: answered, last } },
      ].filter(({ presence }) => presence.last > presence.first)
    })
    this.spans = spans.flatMap((span) => {
      const column = this.columns.get(span.uniqueid)
      if (column === undefined) return []
      const presence = { first: this.firstRow(span.begin), last: this.lastRow(span.end) }
      const letter = span.kind === 'bridge' ? (this.letters.get(span.place) ?? '') : ''
      if (letter !== '') {
        this.letterByEvent.set(span.begin.number, letter)
        if (span.end !== undefined) this.letterByEvent.set(span.end.number, letter)
      }
      const looks = letter === '' ? span.kind : `bridge b${[...this.letters.keys()].indexOf(span.place) % BRIDGE_LOOKS}`
      return [{ span, column, presence, looks, letter }]
    })
  }

  /** The letter of the bridge that somebody enters or leaves by an event; '' if none. */
  letterAt(number: number): string {
    return this.letterByEvent.get(number) ?? ''
  }

  /** Whether there is a bar of music beside a channel's life line in a row. */
  hasMusic(column: number, row: number): boolean {
    return this.hasBar(column, row, ['held', 'waiting'])
  }

  hasHold(column: number, row: number): boolean {
    return this.hasBar(column, row, ['hold'])
  }

  private hasBar(column: number, row: number, kinds: readonly string[]): boolean {
    return this.spans.some(
      ({ span, column: of, presence }) =>
        of === column && kinds.includes(span.kind) && row >= presence.first && row <= presence.last,
    )
  }

  private firstRow(moment: Moment | undefined): number {
    return moment === undefined ? -1 : this.rowOf(moment)
  }

  private lastRow(moment: Moment | undefined): number {
    return moment === undefined ? Number.POSITIVE_INFINITY : this.rowOf(moment)
  }

  /** The row of an event, or of the one behind it where it is not shown. */
  private rowOf({ number }: Moment): number {
    return this.rows.get(number) ?? this.numbers.filter((shown) => shown < number).length
  }
}

/** The letters of bridges: A to Z, then A2 and so on. */
export function lettersOf(spans: readonly Span[]): Map<string, string> {
  const letters = new Map<string, string>()
  for (const { kind, place } of spans) {
    if (kind !== 'bridge' || letters.has(place)) continue
    const n = letters.size
    letters.set(place, String.fromCharCode(65 + (n % 26)) + (n < 26 ? '' : String(Math.floor(n / 26) + 1)))
  }
  return letters
}
