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
 * Lines that were sent to Asterisk, and the connection was lost before it answered: they may stand in its queue_log, or
 * not. That tells, where it can be read back.
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

  /** A line stands there for certain: it is not to be taken for another one of the same words. */
  remember(record: QueueLogRecord): void {
    this.written.push(record)
    if (this.written.length < 2 * MAX_REMEMBERED) return
    this.written = this.written.slice(-MAX_REMEMBERED)
  }

  /**
   * Looks up those that are in doubt now, and forgets them then.
   *
   * @throws Error if the queue_log cannot be read; they are in doubt still
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
