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
  /** The lines that wait, without the lines that were sent; undefined if it does not know. */
  readonly unwritten: readonly string[] | undefined
  /** The lines that were sent and have no answer; undefined if there are no answers. */
  readonly unanswered: readonly string[] | undefined
  /** Why lines cannot be written now: a sentence for people. */
  readonly problem: string | undefined
  /** Its file may have been moved away: the next lines go into the file that has the name then. */
  reopen(): void
}

/** Callbacks about lines. */
export interface LineCallbacks {
  /** Called before a line is sent or written. */
  onSent?: ((record: QueueLogRecord) => void) | undefined
  /** Told what became of it. */
  onSettled?: OnSettled | undefined
}

/** Options of a sink that writes itself. */
export interface OwnAround extends LineCallbacks {
  /**
   * Called for each failure to write; the line is kept and tried again. Without this callback the first failure ends
   * the stream.
   */
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
  /** Whether another tracker writes these lines; if undefined, nobody else does. */
  turn?: Turn | undefined
  /** Whether a mark comes after each login when it is known which calls have ended. */
  learnsEnds: boolean
  /** The queue_log that Asterisk writes, if it can be read. */
  tail?: QueueLogTail | undefined
}

/** A way of writing lines. */
export interface SinkKind<A = ConnectedAround> {
  /**
   * Whether Asterisk writes the lines into its own queue_log: it sets their times itself, and writes the ends of the
   * calls there.
   */
  readonly stampsTimes: boolean
  /** Whether other trackers write into the same queue_log, so that all but one must stand by. */
  readonly isShared: boolean
  /** Whether a start can find out which lines were written by the process before. */
  readonly isReadable: boolean
  /** The file that it appends to; undefined if there is none. */
  readonly ownFile: string | undefined
  create(around: A): Sink
}

/** What a sink says of what is no line. */
export function notWritable(sink: string): TypeError {
  return new TypeError(
    `${sink} takes records of queue_log, as track() and queueLogRecord() give them, and nothing else`,
  )
}
