import type { Transform } from 'node:stream'
import { LineWriter } from '../line-writer.ts'
import { LineReader } from '../ndjson.ts'
import type { Batch, StageRecord } from '../record.ts'
import { objectStage } from './object-stage.ts'

/** The longest line that is read: a message of 1 MiB in which every byte is escaped. */
const MAX_LINE_BYTES = 8 * 1024 * 1024
const LF = 0x0a

/**
 * Bytes of NDJSON in, batches of records out: one batch for each chunk. A line longer than {@link MAX_LINE_BYTES} is an
 * error. A record stays in the bytes in which it came, so that one which only passes is never made a text.
 *
 * @param needsHeaders which events' headers will be read; the others are only named
 */
export function readNdjson(needsHeaders: (event: string) => boolean): Transform {
  const reader = new LineReader(needsHeaders)
  /** The beginning of a line whose end is still to come: begun[0..begunBytes). It grows by doubling. */
  let begun = Buffer.alloc(0)
  let begunBytes = 0

  function begin(chunk: Buffer, start: number, end: number): void {
    const bytes = begunBytes + end - start
    checkLength(bytes)
    if (bytes > begun.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, 2 * begun.length))
      begun.copy(larger, 0, 0, begunBytes)
      begun = larger
    }
    chunk.copy(begun, begunBytes, start, end)
    begunBytes = bytes
  }

  function readBegun(): StageRecord {
    const line = Buffer.from(begun.subarray(0, begunBytes))
    begunBytes = 0
    return reader.read(line, 0, line.length)
  }

  function split(chunk: Buffer): Batch | undefined {
    const batch: Batch = []
    let start = 0
    for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
      if (begunBytes > 0) {
        begin(chunk, start, end)
        batch.push(readBegun())
      } else {
        checkLength(end - start)
        batch.push(reader.read(chunk, start, end))
      }
      start = end + 1
    }
    begin(chunk, start, chunk.length)
    return batch.length > 0 ? batch : undefined
  }

  return objectStage<Buffer, Batch>(split, () => (begunBytes > 0 ? [readBegun()] : undefined))
}

function checkLength(bytes: number): void {
  if (bytes > MAX_LINE_BYTES)
    throw new Error(`a line of more than ${MAX_LINE_BYTES} bytes: this is no stream of records`)
}

/** Batches of records in, NDJSON out: one buffer for each batch. */
export function writeNdjson(): Transform {
  const lines = new LineWriter()
  return objectStage<Batch, Buffer>((batch) => {
    for (const record of batch) record.writeLine(lines)
    return lines.take()
  })
}
