import type { Transform } from 'node:stream'
import { wireOf } from '../ami/message.ts'
import { GAP } from '../ami/own-events.ts'
import { AmiParser, type ParseReport } from '../ami/parser.ts'
import { objectStage } from '../streams/object-stage.ts'
import { Anonymizer, sharedEvents } from './anonymize.ts'

/** Neither an event nor a response: the one dump has a gap where the other has. */
const UNREADABLE = Buffer.from('Unreadable: left out\r\n\r\n')

/**
 * The raw AMI stream in, one out that can be shown to others, and gives the same lines but for who is in them.
 *
 * @param onReport told of everything that was wrong in the stream and read past
 */
export function anonymizeStage(onReport: (report: ParseReport) => void, anonymizer = new Anonymizer()): Transform {
  const out: Buffer[] = []
  const parser = new AmiParser(
    { wants: (event) => sharedEvents.has(event), tellsGaps: true },
    (message) => out.push(message.event === GAP ? UNREADABLE : wireOf(anonymizer.anonymized(message))),
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
