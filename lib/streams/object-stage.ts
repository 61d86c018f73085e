import type { Transform, TransformCallback } from 'node:stream'
import { objectTransform } from 'through2'
import type { Batch, StageRecord } from '../records/record.ts'
import { aFunction, checkValue } from '../text/expected.ts'

/**
 * How many chunks a stage holds on either side. A chunk is a batch of some hundred records: the 16 that streams of
 * objects hold by default cost 60 MB in a replay, and no speed is lost without them.
 */
export const CHUNKS_HELD = 2

/**
 * A through2 object stream of plain functions. What they throw destroys the stream, and with it the pipeline.
 *
 * @param each makes what goes on of a chunk; undefined if nothing does
 * @param end makes what is left to go on when the input ends
 */
export function objectStage<In, Out>(
  each: (chunk: In) => Out | undefined,
  end: () => Out | undefined = () => undefined,
): Transform {
  function transform(chunk: In, _encoding: BufferEncoding, done: TransformCallback): void {
    let out: Out | undefined
    try {
      out = each(chunk)
    } catch (error) {
      done(error as Error)
      return
    }
    done(null, out)
  }
  function flush(this: Transform, done: TransformCallback): void {
    let out: Out | undefined
    try {
      out = end()
    } catch (error) {
      done(error as Error)
      return
    }
    done(null, out)
  }
  return objectTransform({ highWaterMark: CHUNKS_HELD }, transform, flush) as unknown as Transform
}

/**
 * A stage of records, as a stream of batches.
 *
 * @param pass puts what goes on in place of a record at the end of `out`
 * @param end puts what is left when the input ends at the end of `out`
 * @throws TypeError for what is no function
 */
export function batchStage(
  pass: (record: StageRecord, out: Batch) => void,
  end: (out: Batch) => void = () => {},
): Transform {
  checkValue('batchStage', 'pass', pass, aFunction)
  checkValue('batchStage', 'end', end, aFunction)
  return objectStage<Batch, Batch>(
    (batch) => {
      const out: Batch = []
      for (const record of batch) pass(record, out)
      return out.length > 0 ? out : undefined
    },
    () => {
      const out: Batch = []
      end(out)
      return out.length > 0 ? out : undefined
    },
  )
}
