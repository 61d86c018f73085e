import type { Transform } from 'node:stream'
import split2 from 'split2'
import { LineReader } from '../records/ndjson.ts'
import type { Batch } from '../records/record.ts'
import { aFunction, checkValue } from '../text/expected.ts'
import { LineWriter } from '../text/line-writer.ts'
import { objectStage } from './object-stage.ts'

/** The longest line that is read: a message of 1 MiB in which every byte is escaped. */
const MAX_LINE_BYTES = 8 * 1024 * 1024

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
  let chunk: Buffer = Buffer.alloc(0)
  /** Where in the chunk the line at hand begins; below 0 if in an earlier one. */
  let lineStart = 0
  // Written to and emptied chunk by chunk, so that a slow reader downstream holds the input back. It is fed byte strings:
  // split2 would decode UTF-8, and a line must go on as it came even where it is none.
  const splitter = split2(
    '\n',
    (line) => {
      batch.push(lineStart < 0 ? reader.read(line) : reader.readPlaced(line, chunk, lineStart))
      lineStart += line.length + 1
    },
    { maxLength: MAX_LINE_BYTES, decodeStrings: false },
  )
  splitter.on('error', () => {}) // looked at below, in the turn in which it happens

  function split(bytes: Buffer): Batch | undefined {
    chunk = bytes
    splitter.write(bytes.toString('latin1'))
    if (splitter.errored !== null) {
      throw new Error(`a line is longer than ${MAX_LINE_BYTES} bytes: this is not a stream of records`)
    }
    lineStart -= bytes.length
    const full = batch
    batch = []
    return full.length > 0 ? full : undefined
  }

  return objectStage<Buffer, Batch>(split, () => (lineStart < 0 ? split(Buffer.from('\n')) : undefined))
}

/** Batches of records in, NDJSON out: one buffer for each batch. */
export function writeNdjson(): Transform {
  const lines = new LineWriter()
  return objectStage<Batch, Buffer>((batch) => {
    for (const record of batch) record.writeLine(lines)
    return lines.take()
  })
}
