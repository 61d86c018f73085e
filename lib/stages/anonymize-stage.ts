import type { Transform } from 'node:stream'
import { wireOf } from '../ami/message.ts'
import { AmiParser, type ParseReport } from '../ami/parser.ts'
import { anonymized, sharedEvents } from '../explain/anonymize.ts'
import { Pseudonyms } from '../explain/pseudonyms.ts'
import { dumpBegin } from '../files/own-beginnings.ts'
import { objectStage } from './object-stage.ts'

/**
 * The raw AMI stream in, one out that can be shown to others, and gives the same lines but for who is in them.
 *
 * @param onReport told of everything that was wrong in the stream and read past
 */
export function anonymizeStage(onReport: (report: ParseReport) => void, pseudonyms = new Pseudonyms()): Transform {
  // So it may be overwritten by the next run, as a file of our own.
  const out: Buffer[] = [Buffer.from(dumpBegin('anonymize'))]
  const parser = new AmiParser(
    { wants: (event) => sharedEvents.has(event) },
    (message) => out.push(wireOf(anonymized(message, pseudonyms))),
    onReport,
  )
  function taken(): Buffer | undefined {
    return out.length === 0 ? undefined : Buffer.concat(out.splice(0))
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
