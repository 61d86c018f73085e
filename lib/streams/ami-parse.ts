import type { Transform } from 'node:stream'
import { EventKinds } from '../ami/event-kinds.ts'
import { GAP, RESYNC_BEGIN, RESYNC_END } from '../ami/own-events.ts'
import { AmiParser, type ParseReport, parserOptions } from '../ami/parser.ts'
import { ServerLists } from '../calls/resync/server-lists.ts'
import type { Batch } from '../records/record.ts'
import { aFlag, aFunction, anObjectWith, checkOptions } from '../text/expected.ts'
import { neededEvents } from '../trackers/table.ts'
import { objectStage } from './object-stage.ts'

/** What somebody reads: a tracker, or what is to become of the lists. */
const readEvents: ReadonlySet<string> = new Set([...neededEvents, ...ServerLists.events, RESYNC_BEGIN, RESYNC_END, GAP])

const isRead = (event: string): boolean => readEvents.has(event)
/** One for all streams of a process. What they read is known before any of them may fill it with names of its own. */
const kinds = new EventKinds(isRead)
for (const event of readEvents) kinds.know(event)

/** Events that are passed on besides, for as long as somebody wants to see them. */
export interface MoreEvents {
  readonly events: ReadonlySet<string>
  /** Asked at each chunk. */
  isWanted(): boolean
}

/** Options of {@link amiParse}. */
export interface AmiParseOptions {
  /**
   * Passes every event on, not only those that a tracker reads.
   *
   * @defaultValue false
   */
  allEvents?: boolean | undefined
  /**
   * The greatest message that is read, in bytes.
   *
   * @defaultValue 1048576
   */
  maxMessageBytes?: number | undefined
  /** Told of each event by its name as the stream holds it, passed on or not. */
  onEvent?: ((event: string) => void) | undefined
  /** Told of everything that was wrong in the stream and read past. What it throws ends the stream. */
  onReport?: ((report: ParseReport) => void) | undefined
  /** @internal */
  more?: MoreEvents | undefined
  /**
   * Told of each batch as it goes on.
   *
   * @internal
   */
  onBatch?: ((batch: Batch) => void) | undefined
}

const { maxMessageBytes, onEvent } = parserOptions

/** What the options of a reader have to be. */
export const readerOptions = { maxMessageBytes, onEvent, onReport: aFunction, allEvents: aFlag }

/** Reads the raw AMI stream, without a stream of its own. */
export interface AmiReader {
  /** @throws AmiStreamError for what is no AMI stream; what was read before it is handed out first, and the error next time */
  feed(chunk: Uint8Array): Batch | undefined
  /** What is left at the end. */
  end(): Batch | undefined
}

/**
 * The raw AMI stream in, batches of messages out: those that a tracker reads, and the lists that a live server gave.
 *
 * @throws TypeError for an option that does not exist, or a value of a wrong type
 * @throws AmiStreamError (as the stream's error) if the input is not an AMI stream, or of an Asterisk too old
 */
export function amiParse(options: AmiParseOptions = {}): Transform {
  const more = anObjectWith(['events', 'isWanted'])
  checkOptions('amiParse', options, { ...readerOptions, more, onBatch: aFunction })
  const reader = amiReader(options)
  return objectStage<Uint8Array, Batch>(
    (chunk) => reader.feed(chunk),
    () => reader.end(),
  )
}

/** What that stage does, without the stream. */
export function amiReader(options: AmiParseOptions = {}): AmiReader {
  const { allEvents = false, more, onReport, onBatch, onEvent, maxMessageBytes } = options
  let batch: Batch = []
  const parser = new AmiParser(
    { onEvent, maxMessageBytes, tellsGaps: true, ...(allEvents ? {} : { wants: isRead, kinds }) },
    (message) => batch.push(message),
    onReport,
  )
  function taken(): Batch | undefined {
    if (batch.length === 0) return undefined
    const full = batch
    batch = []
    onBatch?.(full)
    return full
  }
  const look = allEvents || more === undefined ? () => {} : watch(parser, more)
  let failure: { error: unknown } | undefined
  /** What was read before an error goes on first; then the stream ends with the error. */
  function read(step: () => void): Batch | undefined {
    if (failure !== undefined) throw failure.error
    try {
      step()
    } catch (error) {
      if (batch.length === 0) throw error
      failure = { error }
    }
    return taken()
  }
  return {
    feed: (chunk) => {
      look()
      return read(() => parser.feed(chunk))
    },
    end: () => read(() => parser.end()),
  }
}

/** Has a parser pass on more while that is wanted. @returns to be called before each chunk */
function watch(parser: AmiParser, more: MoreEvents): () => void {
  let isMore = false
  return () => {
    if (more.isWanted() === isMore) return
    isMore = !isMore
    parser.want(isMore ? new EventKinds((event) => isRead(event) || more.events.has(event)) : kinds)
  }
}
