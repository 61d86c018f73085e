import type { QueueLogRecord } from '../queue-log/record.ts'
import { QueueLogTail } from '../queue-log/tail.ts'

/** Longer than a line takes to be written, in s: what is older stands in the file before any line that is looked for. */
const REMEMBERED_S = 30
const MAX_REMEMBERED = 1000

/**
 * Lines that were sent to Asterisk, and the connection was lost before it answered: they may stand in its queue_log, or
 * not. The file tells, where it can be read.
 */
export class DoubtfulLines {
  private readonly file: string
  private doubtful: QueueLogRecord[] = []
  private written: QueueLogRecord[] = []

  /** @param file the queue_log that Asterisk writes */
  constructor(file: string) {
    this.file = file
  }

  get records(): readonly QueueLogRecord[] {
    return this.doubtful
  }

  add(record: QueueLogRecord): void {
    this.doubtful.push(record)
  }

  /** A line stands there for certain: it is not to be taken for another one of the same words. */
  remember(record: QueueLogRecord): void {
    this.written.push(record)
    if (this.written.length < 2 * MAX_REMEMBERED) return
    this.written = this.written.slice(-MAX_REMEMBERED)
  }

  /**
   * Looks them up, and forgets them.
   *
   * @throws Error if the file cannot be read
   */
  lookUp(): { written: QueueLogRecord[]; missing: QueueLogRecord[] } {
    if (this.doubtful.length === 0) return { written: [], missing: [] }
    const oldest = Math.min(...this.doubtful.map(({ time }) => time)) - REMEMBERED_S
    const tail = new QueueLogTail(this.file, true)
    for (const record of this.written) if (record.time >= oldest) tail.take(record)
    const written: QueueLogRecord[] = []
    const missing: QueueLogRecord[] = []
    for (const record of this.doubtful) (tail.take(record) ? written : missing).push(record)
    this.doubtful = []
    return { written, missing }
  }

  /** Those of which nobody will know, as they are written. */
  giveUp(): QueueLogRecord[] {
    const { doubtful } = this
    this.doubtful = []
    return doubtful
  }
}
