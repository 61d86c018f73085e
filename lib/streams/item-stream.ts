import type { Duplex, TransformCallback } from 'node:stream'
import { objectTransform } from 'through2'
import { CHUNKS_HELD } from './object-stage.ts'

/** A stream: bytes are written into it, and one `Item` after the other is read from it. */
export type ItemStream<Item> = AsyncIterable<Item> & Duplex

/**
 * A stream of plain functions, for a reader who wants one thing at a time. What they throw is the stream's error.
 *
 * @param each what comes of a chunk
 * @param end what is left when the input ends
 */
export function itemStream<Item>(
  each: (chunk: Uint8Array) => readonly Item[],
  end: () => readonly Item[],
): ItemStream<Item> {
  function put(stream: Duplex, make: () => readonly Item[], done: TransformCallback): void {
    try {
      for (const item of make()) stream.push(item)
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  }
  return objectTransform(
    { highWaterMark: CHUNKS_HELD },
    function (this: Duplex, chunk: Uint8Array, _encoding: BufferEncoding, done: TransformCallback) {
      put(this, () => each(chunk), done)
    },
    function (this: Duplex, done: TransformCallback) {
      put(this, end, done)
    },
  ) as unknown as ItemStream<Item>
}
