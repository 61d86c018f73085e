import type { Transform } from 'node:stream'
import { wireOf } from '../ami/message.ts'
import { AmiParser, type ParseReport } from '../ami/parser.ts'
import { Anonymizer, sharedEvents } from '../explain/anonymize.ts'
import { objectStage } from './object-stage.ts'

/** Neither an event nor a response: what is read past in the one dump is to be read past in the other. */
const UNREADABLE = 'Unreadable: left out\r\n'
const EMPTY_LINE = '\r\n'

/**
 * The raw AMI stream in, one out that can be shown to others, and gives the same lines but for who is in them.
 *
 * @param onReport told of everything that was wrong in the stream and read past
 */
export function anonymizeStage(onReport: (report: ParseReport) => void, anonymizer = new Anonymizer()): Transform {
  const out: Buffer[] = []
  let isAtEnd = false
  const parser = new AmiParser(
    { wants: (event) => sharedEvents.has(event) },
    (message) => out.push(wireOf(anonymizer.anonymized(message))),
    (report) => {
      if (['not a message', 'oversize', 'unfinished'].includes(report.kind)) {
        out.push(Buffer.from(UNREADABLE + (isAtEnd ? '' : EMPTY_LINE)))
      }
      onReport(report)
    },
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
      isAtEnd = true
      parser.end()
      return taken()
    },
  )
}
