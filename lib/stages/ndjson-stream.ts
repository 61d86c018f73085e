import type { Duplex, Transform, TransformCallback } from 'node:stream'
import split2 from 'split2'
import { objectTransform, transform } from 'through2'
import { bufferOfBytes } from '../byte-string.ts'
import { readLine } from '../ndjson.ts'
import type { Batch } from '../record.ts'
import { CHUNKS_HELD, composed, objectStage } from './object-stage.ts'

/** The longest line that is read: a message of 1 MiB in which every byte is escaped. */
const MAX_LINE_BYTES = 8 * 1024 * 1024

/** How many lines are gathered into one batch at the most. */
const BATCH_LINES = 512

/**
 * Bytes of NDJSON in, batches of records out. A line longer than {@link MAX_LINE_BYTES} is an error.
 *
 * @param needsHeaders which events' headers will be read; the others are only named, not parsed
 */
export function readNdjson(needsHeaders: (event: string) => boolean): Duplex {
  // As byte strings: split2 would decode UTF-8, and a line must go on as it came even where it is none.
  const asByteStrings = transform({ encoding: 'latin1' })
  const lines = split2('\n', { maxLength: MAX_LINE_BYTES, decodeStrings: false })
  return composed([asByteStrings as unknown as Transform, lines, gatherLines(needsHeaders)])
}

/** Gathers the lines of one chunk of input into a batch; a lone line goes on in the same turn of the event loop. */
function gatherLines(needsHeaders: (event: string) => boolean): Transform {
  let batch: Batch = []
  let flushing: NodeJS.Immediate | undefined
  function gather(this: Transform, line: string, _encoding: BufferEncoding, done: TransformCallback): void {
    batch.push(readLine(line, needsHeaders))
    if (batch.length >= BATCH_LINES) pushBatch(this)
    else flushing ??= setImmediate(() => pushBatch(this))
    done()
  }
  function flush(this: Transform, done: TransformCallback): void {
    pushBatch(this)
    done()
  }
  function pushBatch(stream: Transform): void {
    clearImmediate(flushing)
    flushing = undefined
    if (batch.length === 0 || stream.destroyed) return
    const full = batch
    batch = []
    stream.push(full)
  }
  return objectTransform(
    { readableHighWaterMark: CHUNKS_HELD, writableHighWaterMark: BATCH_LINES },
    gather,
    flush,
  ) as unknown as Transform
}

/** Batches of records in, NDJSON out: one buffer for each batch. */
export function writeNdjson(): Transform {
  return objectStage<Batch, Buffer>((batch) => {
    let lines = ''
    for (const record of batch) lines += `${record.toLine()}\n`
    return bufferOfBytes(lines)
  })
}
