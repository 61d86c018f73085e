import { type QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'
import { bytesOfText, textOfBytes } from '../text/byte-string.ts'

/** The beginnings of journal entries about lines. */
const LINES = '#lines '
const SENT = '#sent '
const SETTLED = '#settled '

/**
 * How many of the last settled lines are kept, and how long, in ms. After a restart, a line that was on its way is
 * looked up in queue_log. A settled line with the same words may be there and must not be taken for it.
 */
const SETTLED_KEPT = 1000
const SETTLED_KEPT_MS = 10_000

/**
 * The lines of the trackers: which of them are on their way, and which are settled (written, refused, given up). Lines
 * are numbered in the order in which they come.
 */
export class LineBook {
  /** How many lines there have been. */
  private count = 0
  private readonly open = new Map<number, QueueLogRecord>()
  private readonly sent = new Set<number>()
  private settledLast: { record: QueueLogRecord; at: number }[] = []
  /** The time of the last line: seconds since the epoch; 0 before the first. */
  lastTime = 0

  /** The lines that are not settled. */
  get unsettled(): readonly QueueLogRecord[] {
    return [...this.open.values()]
  }

  /** The lines that were settled last. */
  get settled(): readonly QueueLogRecord[] {
    return this.settledLast.map(({ record }) => record)
  }

  /** Whether a line is on its way. */
  wasSent(number: number): boolean {
    return this.sent.has(number)
  }

  /**
   * Adds lines.
   *
   * @returns the lines with their numbers, and the journal entry about them
   */
  add(lines: readonly QueueLogFields[]): { records: QueueLogRecord[]; entry: string } {
    const first = this.count
    const records = lines.map((line) => new QueueLogRecord(line, undefined, this.count++))
    for (const record of records) this.open.set(record.number as number, record)
    this.lastTime = lines.at(-1)?.time ?? this.lastTime
    return { records, entry: entryOf(first, this.lastTime, records) }
  }

  /** @returns the entry that tells of it */
  send(number: number): string {
    this.sent.add(number)
    return `${SENT}${number}`
  }

  /** @returns the entry that tells of it */
  settle(number: number): string {
    this.sent.delete(number)
    const record = this.open.get(number)
    this.open.delete(number)
    if (record !== undefined) this.settledLast.push({ record, at: performance.now() })
    // Not for each line: a shift of a thousand is expensive.
    if (this.settledLast.length >= 2 * SETTLED_KEPT) this.settledLast = this.settledLast.slice(-SETTLED_KEPT)
    return `${SETTLED}${number}`
  }

  /** Everything that is known about lines now, for a new journal. */
  snapshot(): LinesSnapshot {
    const since = this.open.size > 0 ? 0 : performance.now() - SETTLED_KEPT_MS
    this.settledLast = this.settledLast.slice(-SETTLED_KEPT).filter(({ at }) => at > since)
    const { count, lastTime, settled } = this
    const open = this.unsettled
    const sent = new Set(this.sent)
    function* entries(): Generator<string> {
      for (const record of settled) {
        yield entryOf(record.number as number, lastTime, [record])
        yield `${SETTLED}${record.number}`
      }
      for (const record of open) {
        const number = record.number as number
        yield entryOf(number, lastTime, [record])
        if (sent.has(number)) yield `${SENT}${number}`
      }
      yield entryOf(count, lastTime, [])
    }
    return { entries: entries(), hasSettled: settled.length > 0 }
  }

  /**
   * Reads an entry of a journal.
   *
   * @returns whether the events before it have given all their lines; undefined if the entry is not about lines
   */
  restore(entry: string): boolean | undefined {
    if (entry.startsWith(LINES)) {
      const [, first = '', lastTime = ''] = entry.split(' ', 3)
      const json = entry.slice(LINES.length + first.length + lastTime.length + 2)
      const lines: QueueLogFields[] = JSON.parse(textOfBytes(json))
      for (const [n, line] of lines.entries())
        this.open.set(Number(first) + n, new QueueLogRecord(line, undefined, Number(first) + n))
      this.count = Number(first) + lines.length
      this.lastTime = Number(lastTime)
      return true
    }
    if (entry.startsWith(SENT)) this.send(Number(entry.slice(SENT.length)))
    else if (entry.startsWith(SETTLED)) this.settle(Number(entry.slice(SETTLED.length)))
    else return undefined
    return false
  }
}

/** What a new journal says about lines. */
export interface LinesSnapshot {
  entries: Iterable<string>
  /** Whether some of them are settled: a moment later they can be dropped. */
  hasSettled: boolean
}

function entryOf(first: number, lastTime: number, records: readonly QueueLogRecord[]): string {
  const lines = records.map(({ time, callid, queuename, agent, event, data }) => {
    return { time, callid, queuename, agent, event, data }
  })
  return bytesOfText(`${LINES}${first} ${lastTime} ${JSON.stringify(lines)}`)
}
