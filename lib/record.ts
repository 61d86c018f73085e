import type { AmiMessage } from './ami/message.ts'
import type { LineWriter } from './line-writer.ts'
import type { QueueLogRecord } from './queue-log.ts'

/** A line of NDJSON that is neither an AMI message nor a queue_log record. Every stage passes it on as it came. */
export class ForeignLine {
  readonly kind = 'foreign'
  private readonly line: Buffer
  /** What is wrong with the line; undefined if it is sound JSON that is simply none of ours. */
  readonly problem: string | undefined

  /** @param line without its line end */
  constructor(line: Buffer, problem?: string) {
    this.line = line
    this.problem = problem
  }

  toLine(): string {
    return this.line.toString('latin1')
  }

  writeLine(out: LineWriter): void {
    out.addBytes(this.line, 0, this.line.length)
  }
}

/** What flows between the stages. */
export type StageRecord = AmiMessage | QueueLogRecord | ForeignLine

/**
 * What one chunk of a stage's object stream holds: as many records as one read of the input gave. A stream object for
 * every single record would cost more than tracking it.
 */
export type Batch = StageRecord[]
