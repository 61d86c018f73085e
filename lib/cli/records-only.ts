import type { Transform } from 'node:stream'
import { objectStage } from '../streams/object-stage.ts'
import { Failure } from '../text/exit.ts'
import { contentOf, isTelling } from './content.ts'

/**
 * A stage that passes all bytes on, unless they begin as something that holds no records for certain, such as a raw AMI
 * stream: who forgot ami-parse would wonder where the lines are.
 *
 * @param program which reads the records, for the message
 * @throws Failure (as the stream's error) that says what it is and what to do
 */
export function recordsOnly(program: string): Transform {
  let held: Buffer | undefined = Buffer.alloc(0)
  function check(beginning: Buffer): Buffer {
    const content = contentOf(beginning)
    if (content === undefined || content.kind === 'json') return beginning
    const advice =
      content.kind === 'ami' ? `put ami-parse before it: ami-parse < FILE | ${program}` : content.advice('FILE')
    throw new Failure(`this is not a stream of records: it contains ${content.what}; ${advice}`)
  }
  return objectStage<Buffer, Buffer>(
    (chunk) => {
      if (held === undefined) return chunk
      held = Buffer.concat([held, chunk])
      if (!isTelling(held)) return undefined
      const beginning = held
      held = undefined
      return check(beginning)
    },
    () => (held === undefined || held.length === 0 ? undefined : check(held)),
  )
}
