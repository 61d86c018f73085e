import type { Transform } from 'node:stream'
import { wireOf } from '../ami/message.ts'
import { AmiParser } from '../ami/parser.ts'
import { anonymized, sharedEvents } from '../explain/anonymize.ts'
import { Pseudonyms } from '../explain/pseudonyms.ts'
import { dumpBegin } from '../files/own-beginnings.ts'
import type { AmiParseOptions } from './ami-parse.ts'
import { objectStage } from './object-stage.ts'

/**
 * The raw AMI stream in, one out that can be shown to others, and gives the same lines but for who is in them.
 *
 * @param options told of each event, and of everything that was wrong in the stream and read past
 */
export function anonymizeStage(
  { onReport, onEvent }: Required<Pick<AmiParseOptions, 'onReport'>> & Pick<AmiParseOptions, 'onEvent'>,
  pseudonyms = new Pseudonyms(),
): Transform {
  // So the next run may overwrite it, as a file of our own.
  let beginning = dumpBegin('anonymize')
  const out: Buffer[] = []
  const parser = new AmiParser(
    { wants: (event) => sharedEvents.has(event), onEvent },
    (message) => out.push(wireOf(anonymized(message, pseudonyms))),
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
