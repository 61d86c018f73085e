import type { AmiMessage } from '../ami/message.ts'
import type { QueueLogRecord } from '../queue-log/record.ts'
import type { LineWriter } from '../text/line-writer.ts'

/** A line of NDJSON that is neither an AMI message nor a queue_log record. Every stage passes it on as it came. */
export class ForeignLine {
  /** Tells it from the other records of a stage. */
  readonly kind = 'foreign'
  private readonly line: string
  /** What is wrong with the line; undefined if it is sound JSON that is simply none of ours. */
  readonly problem: string | undefined

  /**
   * @param line without its line end, as a byte string
   * @internal
   */
  constructor(line: string, problem?: string) {
    this.line = line
    this.problem = problem
  }

  /** The line without its line end, as a byte string. */
  toLine(): string {
    return this.line
  }

  /** @internal */
  writeLine(out: LineWriter): void {
    out.addLine(this.line)
  }
}

/** What flows between the stages. */
export type StageRecord = AmiMessage | QueueLogRecord | ForeignLine

/**
 * What one chunk of a stage's object stream holds: as many records as one read of the input gave. A stream object for
 * every single record would cost more than tracking it.
 */
export type Batch = StageRecord[]
