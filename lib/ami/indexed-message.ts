import { type AskedHeaders, OTHER_CASE, TIMESTAMP_ID } from './asked-headers.ts'
import type { EventKind } from './event-kinds.ts'
import { AmiMessage } from './message.ts'

/** How many values were decoded so far, in this process: a test sees by it that no others are than those asked for. */
export const decoded = { values: 0 }

/** Headers of a message that were asked for: the match of the name, and where the value begins and ends, in turn. */
export type Marks = number[]

/** Of a message of which nothing was asked so far: most of those that pass a stage. */
const NO_MARKS: Marks = []
const NO_VALUES: undefined[] = []

/**
 * A message as it came. It is looked through once for the headers that are asked of its kind, and a
 * value is decoded when it is asked for: a tracker reads four of the twenty headers that an event has.
 *
 * It keeps alive the chunk in which it came, but no value does.
 */
export abstract class IndexedMessage extends AmiMessage {
  private readonly asked: AskedHeaders
  /** How many names had been asked for when the marks were made. */
  private markedNames = 0
  private marks: Marks = NO_MARKS
  private values: (string | undefined)[] = NO_VALUES
  private time: number | undefined
  private isTimeRead = false

  constructor(kind: Pick<EventKind, 'name' | 'asked'>) {
    super(kind.name)
    this.asked = kind.asked
  }

  /** Finds the headers that are asked for, in their order. */
  protected abstract mark(asked: AskedHeaders): Marks

  /** The value that stands between two places of a mark. */
  protected abstract valueAt(start: number, end: number): string

  /** The same, as a time: ms since the epoch; undefined if it is none. */
  protected abstract timeAt(start: number, end: number): number | undefined

  override get(name: string): string | undefined {
    const id = this.asked.idOf(name)
    if (id < 0) return super.get(name)
    const at = this.find(id)
    if (at < 0) return undefined
    const known = this.values[at / 3]
    if (known !== undefined) return known
    if (this.values === NO_VALUES) this.values = []
    decoded.values++
    const value = this.valueAt(this.marks[at + 1] as number, this.marks[at + 2] as number)
    this.values[at / 3] = value
    return value
  }

  override get timestamp(): number | undefined {
    if (!this.isTimeRead) {
      this.isTimeRead = true
      const at = this.find(TIMESTAMP_ID)
      if (at >= 0) this.time = this.timeAt(this.marks[at + 1] as number, this.marks[at + 2] as number)
    }
    return this.time
  }

  /** Makes the marks; anew if a name was asked for since. */
  protected look(): void {
    this.markedNames = this.asked.count
    this.marks = this.mark(this.asked)
    this.values = NO_VALUES
  }

  /** Where the mark of a header is: the first of its exact name, else the first in any case; -1 if there is none. */
  private find(id: number): number {
    if (id >= this.markedNames) this.look()
    const { marks } = this
    let inOtherCase = -1
    for (let at = 0; at < marks.length; at += 3) {
      const match = marks[at] as number
      if (match === 2 * id) return at
      if (match === 2 * id + OTHER_CASE && inOtherCase < 0) inOtherCase = at
    }
    return inOtherCase
  }
}
