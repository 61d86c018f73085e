import type { Transform } from 'node:stream'
import type { AmiMessage } from '../ami/message.ts'
import { AmiParser, type AmiParserOptions, type ParseReport } from '../ami/parser.ts'
import { Resynchroniser } from '../calls/resync/resynchroniser.ts'
import type { Batch } from '../record.ts'
import { neededEvents } from '../trackers/table.ts'
import { objectStage } from './object-stage.ts'

/** What somebody reads: a tracker, or what is to become of the lists. */
const readEvents: ReadonlySet<string> = new Set([...neededEvents, ...Resynchroniser.events])

export interface AmiParseOptions extends Pick<AmiParserOptions, 'maxMessageBytes' | 'onEvent'> {
  /** Passes every event on, not only those that a tracker reads. Default false. */
  allEvents?: boolean
  /** Told of everything that was wrong in the stream and read past. What it throws ends the stream. */
  onReport?: (report: ParseReport) => void
  /** Told of each batch as it goes on. */
  onBatch?: ((batch: Batch) => void) | undefined
  /** What went on before a restart: calls of that time may have ended meanwhile. */
  restored?: readonly AmiMessage[]
}

/**
 * The raw AMI stream in, batches of messages out. Where the stream holds the lists of a server to which the connection was
 * made anew, what follows from them stands in it as events ({@link Resynchroniser}).
 *
 * @throws AmiStreamError (as the stream's error) if the input is no AMI stream, or of an Asterisk too old
 */
export function amiParse({
  allEvents = false,
  onReport = () => {},
  onBatch,
  restored,
  ...options
}: AmiParseOptions = {}): Transform {
  let batch: Batch = []
  const resynchroniser = new Resynchroniser()
  if (restored !== undefined) resynchroniser.restore(restored)
  const passed: AmiMessage[] = []
  const parser = new AmiParser(
    { ...options, ...(allEvents ? {} : { wants: (event: string) => readEvents.has(event) }) },
    (message) => {
      resynchroniser.pass(message, passed)
      for (const one of passed) if (allEvents || one.event === '' || neededEvents.has(one.event)) batch.push(one)
      passed.length = 0
    },
    onReport,
  )
  function taken(): Batch | undefined {
    if (batch.length === 0) return undefined
    const full = batch
    batch = []
    onBatch?.(full)
    return full
  }
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
  return objectStage<Buffer, Batch>(
    (chunk) => read(() => parser.feed(chunk)),
    () => read(() => parser.end()),
  )
}
