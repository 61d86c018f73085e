import type { OnSettled } from '../queue-log/outcome.ts'
import type { QueueLogRecord } from '../queue-log/record.ts'
import type { QueueLogTail } from '../queue-log/tail.ts'
import type { ErrorLog, Log } from '../text/log.ts'
import type { ActionLink } from './ami-sink.ts'
import type { Turn } from './turn.ts'

/** Where lines are written. */
export interface Sink {
  /** Arrays of queue_log records go into the first of these. */
  readonly streams: readonly NodeJS.WritableStream[]
  /** The lines that are still to be written, those aside that were sent; undefined if it cannot tell. */
  readonly unwritten: readonly string[] | undefined
  /** Those that were sent, and not answered for; undefined if nobody answers. */
  readonly unanswered: readonly string[] | undefined
  /** Why lines cannot be written just now: a sentence for a person. */
  readonly problem: string | undefined
  /** Its file may have been moved away: what follows goes into the one that has the name then. */
  reopen(): void
}

/** What a sink tells of its lines. */
export interface LineCallbacks {
  /** Told before a line is sent or written. */
  onSent?: ((record: QueueLogRecord) => void) | undefined
  onSettled?: OnSettled | undefined
}

/** What a sink needs that writes by itself. */
export interface OwnAround extends LineCallbacks {
  /** Told of each failure to write, after which the line is kept and tried again. Without it the first one ends the stream. */
  onError?: (text: string) => void
  /** It could be written again. */
  onMended?: () => void
  /** Where the lines for `-` go. */
  output: NodeJS.WritableStream
}

/** What a sink may need in a program that is connected to Asterisk. */
export interface ConnectedAround extends OwnAround {
  link: ActionLink
  login: string
  log: Log
  errors: ErrorLog
  /** Whether another tracker writes these lines; nobody else does if undefined. */
  turn?: Turn | undefined
  /** Whether a mark tells after each login which calls have ended meanwhile. */
  learnsEnds: boolean
  /** The queue_log that Asterisk writes, if it can be read. */
  tail?: QueueLogTail | undefined
}

/** A way of writing lines. */
export interface SinkKind<A = ConnectedAround> {
  /** Whether Asterisk writes the lines, into its own queue_log: it stamps them itself, and writes the ends of the calls there. */
  readonly stampsTimes: boolean
  /** Whether other trackers write into the same queue_log, so that one has to stand by. */
  readonly isShared: boolean
  /** Whether a start can find out which lines were written by the process before. */
  readonly isReadable: boolean
  /** The file that it appends to by itself; undefined if it is none. */
  readonly ownFile: string | undefined
  create(around: A): Sink
}
