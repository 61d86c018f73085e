import { FollowedLog, type LogChunk, CAUGHT_UP as READ_ALL } from '../queue-log/followed-log.ts'
import { readQueueLogLine } from '../queue-log/line.ts'
import { Hopeless } from '../text/exit.ts'
import { type Batch, CAUGHT_UP, type Position, type ShippedLine, type Source } from './flow.ts'
import { STREAM_PREFIX } from './place.ts'

/** A batch has no more lines: what is on its way is small, and a transaction is worth its while. */
export const BATCH_LINES = 2000

export interface LogSourceOptions {
  readonly pbx: string
  readonly follow: boolean
  /** Whether one begins at the end of the file, where no position is known. */
  readonly atEnd: boolean
  /** Told where lines may be missing, and of what is no line. */
  readonly onProblem: (kind: string, text: string) => void
}

/** A queue_log that is followed through its rotations. It is the buffer: what is not shipped yet stays there. */
export class LogSource implements Source {
  readonly name: string
  readonly unit = 'bytes'
  private readonly options: LogSourceOptions

  constructor(path: string, options: LogSourceOptions) {
    this.name = path
    this.options = options
  }

  async *read(after: Position | undefined, signal: AbortSignal): AsyncGenerator<Batch | typeof CAUGHT_UP> {
    if (after?.stream.startsWith(STREAM_PREFIX)) {
      throw new Hopeless(`the last shipped line came from ${after.stream}, not from a file: choose another --pbx`)
    }
    const { follow, atEnd, onProblem } = this.options
    const place = after && { head: after.stream, inode: after.part, byte: after.place }
    const log = new FollowedLog(this.name, {
      after: place,
      atEnd,
      follow,
      signal,
      onProblem: (text) => onProblem('rotation', text),
    })
    for await (const chunk of log) {
      if (chunk === READ_ALL) yield CAUGHT_UP
      else yield* this.batchesOf(chunk)
    }
  }

  /** The file itself needs to be told nothing: the position is in the sink. */
  async acknowledge(): Promise<void> {}

  private *batchesOf({ lines, file, unread, end, path }: LogChunk): Generator<Batch> {
    for (let at = 0; at < lines.length; at += BATCH_LINES) {
      const part = lines.slice(at, at + BATCH_LINES)
      const [first, last] = [part[0], part.at(-1)]
      const place = last === undefined ? end.byte : last.byte + last.bytes.length
      yield {
        lines: part.map(({ bytes, byte, isPart }) => this.lineOf(bytes, byte, isPart, file.head, path)),
        from: { stream: file.head, part: file.inode, place: first?.byte ?? end.byte },
        to: { stream: file.head, part: file.inode, place },
        unread: unread + end.byte - place,
      }
    }
  }

  private lineOf(bytes: Buffer, byte: number, isPart: boolean, file: string, path: string): ShippedLine {
    const { pbx, onProblem } = this.options
    const fields = isPart ? 'a line is longer than 65536 bytes' : readQueueLogLine(bytes)
    if (typeof fields === 'string') onProblem('malformed line', `${path}, byte ${byte}: ${fields}`)
    return { pbx, bytes, fields: typeof fields === 'string' ? undefined : fields, file, byte }
  }
}
