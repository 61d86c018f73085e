import type { Transform } from 'node:stream'
import { wireOf } from '../ami/message.ts'
import { GAP } from '../ami/own-events.ts'
import { AmiParser } from '../ami/parser.ts'
import { dumpBegin } from '../files/own-beginnings.ts'
import type { AmiParseOptions } from '../streams/ami-parse.ts'
import { objectStage } from '../streams/object-stage.ts'
import { Anonymizer, sharedEvents } from './anonymize.ts'

/** Neither an event nor a response: the one dump has a gap where the other has. */
const UNREADABLE = Buffer.from('Unreadable: left out\r\n\r\n')

/**
 * The raw AMI stream in, one out that can be shown to others, and gives the same lines but for who is in them.
 *
 * @param options told of each event, and of everything that was wrong in the stream and read past
 */
export function anonymizeStage(
  { onReport, onEvent }: Required<Pick<AmiParseOptions, 'onReport'>> & Pick<AmiParseOptions, 'onEvent'>,
  anonymizer = new Anonymizer(),
): Transform {
  // So the next run may overwrite it, as a file of our own.
  let beginning = dumpBegin('anonymize')
  const out: Buffer[] = []
  const parser = new AmiParser(
    { wants: (event) => sharedEvents.has(event), onEvent, tellsGaps: true },
    (message) => out.push(message.event === GAP ? UNREADABLE : wireOf(anonymizer.anonymized(message))),
    onReport,
  )
  function taken(): Buffer | undefined {
    if (out.length === 0) return undefined
    const begun = Buffer.from(beginning)
    beginning = ''
    return Buffer.concat([begun, ...out.splice(0)])
  }
  return objectStage<Buffer, Buffer>(
    (chunk) => {
      parser.feed(chunk)
      return taken()
    },
    () => {
      parser.end()
      return taken()
    },
  )
}
