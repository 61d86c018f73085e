import type { QueueLogRecord } from '../queue-log/record.ts'
import { lookUp, type QueueLogTail } from '../queue-log/tail.ts'
import type { Line } from './waiting-lines.ts'

const MAX_REMEMBERED = 1000

/** What became of lines that were in doubt. */
export interface LookedUp {
  written: Line[]
  missing: Line[]
  /** Nobody can know. */
  unknown: Line[]
}

/**
 * Lines that were sent to Asterisk before the connection was lost, and that it did not answer. They may be in its
 * queue_log, or not: the queue_log shows it, if it can be read back.
 */
export class DoubtfulLines {
  private readonly tail: QueueLogTail
  private doubtful: Line[] = []
  private written: QueueLogRecord[] = []

  /** @param tail the queue_log that Asterisk writes */
  constructor(tail: QueueLogTail) {
    this.tail = tail
  }

  get records(): readonly QueueLogRecord[] {
    return this.doubtful.map(({ record }) => record)
  }

  add(line: Line): void {
    this.doubtful.push(line)
  }

  /** A line is certainly there: it must not be taken for another line with the same words. */
  remember(record: QueueLogRecord): void {
    this.written.push(record)
    if (this.written.length < 2 * MAX_REMEMBERED) return
    this.written = this.written.slice(-MAX_REMEMBERED)
  }

  /**
   * Looks up the lines that are in doubt now, and then forgets them.
   *
   * @throws Error if the queue_log cannot be read; then they stay in doubt
   */
  async lookUp(): Promise<LookedUp> {
    const { records } = this
    const isThere = await lookUp(this.tail, records, this.written)
    const found: LookedUp = { written: [], missing: [], unknown: [] }
    for (const line of this.doubtful.splice(0, records.length)) found[outcomeOf(isThere(line.record))].push(line)
    return found
  }

  /** Those of which nobody will know, as they are written. */
  giveUp(): Line[] {
    const { doubtful } = this
    this.doubtful = []
    return doubtful
  }
}

function outcomeOf(isThere: boolean | undefined): keyof LookedUp {
  if (isThere === undefined) return 'unknown'
  return isThere ? 'written' : 'missing'
}
