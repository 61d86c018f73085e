import type { Transform } from 'node:stream'
import split2 from 'split2'
import { LineReader } from '../records/ndjson.ts'
import type { Batch } from '../records/record.ts'
import { aFunction, checkValue } from '../text/expected.ts'
import { LineWriter } from '../text/line-writer.ts'
import { objectStage } from './object-stage.ts'

/** The longest line that is read: a message of 1 MiB in which every byte is escaped. */
const MAX_LINE_BYTES = 8 * 1024 * 1024
const LF = 0x0a

/**
 * Bytes of NDJSON in, batches of records out: one batch for each chunk. A line longer than 8 MiB is an error.
 *
 * @param needsHeaders which events' headers will be read: the others are only named. All, if not given
 * @throws TypeError if that is no function
 */
export function readNdjson(needsHeaders: (event: string) => boolean = () => true): Transform {
  checkValue('readNdjson', 'needsHeaders', needsHeaders, aFunction)
  const reader = new LineReader(needsHeaders)
  let batch: Batch = []
  let endsInLine = false
  // Written to and emptied chunk by chunk, so that a slow reader downstream holds the input back. It is fed byte strings:
  // split2 would decode UTF-8, and a line must go on as it came even where it is none.
  const splitter = split2(
    '\n',
    (line) => {
      batch.push(reader.read(line))
    },
    { maxLength: MAX_LINE_BYTES, decodeStrings: false },
  )
  splitter.on('error', () => {}) // looked at below, in the turn in which it happens

  function split(bytes: string): Batch | undefined {
    splitter.write(bytes)
    if (splitter.errored !== null) {
      throw new Error(`a line is longer than ${MAX_LINE_BYTES} bytes: this is not a stream of records`)
    }
    const full = batch
    batch = []
    return full.length > 0 ? full : undefined
  }

  return objectStage<Buffer, Batch>(
    (chunk) => {
      if (chunk.length > 0) endsInLine = chunk[chunk.length - 1] !== LF
      return split(chunk.toString('latin1'))
    },
    () => (endsInLine ? split('\n') : undefined),
  )
}

/** Batches of records in, NDJSON out: one buffer for each batch. */
export function writeNdjson(): Transform {
  const lines = new LineWriter()
  return objectStage<Batch, Buffer>((batch) => {
    for (const record of batch) record.writeLine(lines)
    return lines.take()
  })
}
