import type { QueueLogFields } from '../queue-log/record.ts'

/** Where one is in a source: how a sink keeps it, beside what it has. */
export interface Position {
  /** Which file or stream: the first line of a file, `nats STREAM`. */
  readonly stream: string
  /** Which one of that name: the inode of a file, the birth of a stream. */
  readonly part: string
  /** Behind which byte of the file, or behind which message of the stream one goes on. */
  readonly place: number
}

/** A line on its way. */
export interface ShippedLine {
  /** Of which PBX. */
  readonly pbx: string
  /** As it stands in the file, with its line end if it has one. */
  readonly bytes: Buffer
  /** undefined if it is no line of a queue_log. */
  readonly fields: QueueLogFields | undefined
  /** The file in which it stands, and where it begins there. */
  readonly file: string
  readonly byte: number
}

/** Lines that stand behind each other: a sink takes all of them, or none. */
export interface Batch {
  readonly lines: readonly ShippedLine[]
  /** Before them. */
  readonly from: Position
  /** Behind them. */
  readonly to: Position
  /** What is left in the source: bytes of a file, messages of a stream. */
  readonly unread: number
}

/** All that there is has been read. */
export const CAUGHT_UP = 'caught up'

/** Where lines come from. */
export interface Source {
  /** As messages call it. */
  readonly name: string
  /** What {@link Batch.unread} counts. */
  readonly unit: 'bytes' | 'messages'
  /**
   * The batches behind a position, each once the one before is acknowledged.
   *
   * @param after undefined: from where a source begins by itself
   * @param signal ends it
   * @throws Error if it cannot be read just now; {@link Hopeless} if it never can
   */
  read(after: Position | undefined, signal: AbortSignal): AsyncIterable<Batch | typeof CAUGHT_UP>
  /** Told once a sink has a batch for good. */
  acknowledge(batch: Batch): Promise<void>
}

/** Where lines go. */
export interface Sink {
  /** As messages call it. */
  readonly name: string
  /**
   * Connects, and finds out where it is. After any error it is closed and opened again: then it alone knows which batch it has.
   *
   * @returns behind which position to go on; undefined if it has nothing yet
   * @throws Error if that is not possible just now; {@link Hopeless} if it never is; {@link StandBy} while another one fills it
   */
  open(): Promise<Position | undefined>
  /**
   * Finds out the same and changes nothing, neither there nor here: nothing can be written then.
   *
   * @throws Error as {@link open}
   */
  look(): Promise<Position | undefined>
  /** Takes a batch; when it resolves, the batch and its position are there for good. */
  write(batch: Batch): Promise<void>
  close(): Promise<void>
}

/** Another shipper does this work. */
export class StandBy extends Error {
  /** Where the other one is, if that is known. */
  readonly position: Position | undefined

  constructor(text: string, position?: Position) {
    super(text)
    this.name = 'StandBy'
    this.position = position
  }
}

export function isSamePosition(one: Position | undefined, other: Position | undefined): boolean {
  return one?.stream === other?.stream && one?.part === other?.part && one?.place === other?.place
}
