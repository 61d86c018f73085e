import type { Duplex, Transform } from 'node:stream'
import pumpify from 'pumpify'
import { CHUNKS_HELD } from './object-stage.ts'

const Composed = pumpify.ctor({ objectMode: true, highWaterMark: CHUNKS_HELD, autoDestroy: false, destroy: false })

/** Several stages as one: written to the first, read from the last. An error in any of them is that of the whole. */
export function composed(stages: readonly Transform[]): Duplex {
  return new Composed([...stages])
}
