import { type AmiMessage, HeaderMessage, type HeaderValue } from '../ami/message.ts'
import { ServerLists } from '../calls/resync/server-lists.ts'
import { neededEvents } from '../trackers/table.ts'
import { AnonymousValues } from './anonymous-values.ts'
import { describedEvents } from './describe.ts'
import { sharedHeader } from './shared-headers.ts'

/** The events that stay in a dump that is to be shared: those of which something is written or shown. */
export const sharedEvents: ReadonlySet<string> = new Set([...neededEvents, ...ServerLists.events, ...describedEvents])

/**
 * Makes a dump that can be shown to others, message by message: it holds the headers of which something is written or
 * shown, with everybody in them replaced by somebody else, always the same one.
 */
export class Anonymizer {
  /** What it makes of a value: for whoever compares the lines of both dumps. */
  readonly values = new AnonymousValues()

  /** @param message an event of {@link sharedEvents}, or a response */
  anonymized(message: AmiMessage): AmiMessage {
    // The time of the dump tells a Uniqueid from a number, wherever in the message its own time stands.
    this.values.timestamp(message.get('Timestamp') ?? '')
    const headers = new Map<string, HeaderValue>()
    if (message.event !== '') headers.set('Event', message.event)
    for (const [spelling, value] of message.headers()) {
      const known = sharedHeader(spelling)
      if (known === undefined) continue
      const { name, share, isRepeated } = known
      // In the same spelling, or else the first in any: that is the one that is read.
      if (headers.has(name) && spelling !== name) continue
      const all = typeof value === 'string' ? [value] : value
      const shared = (isRepeated ? all : all.slice(0, 1)).flatMap((one) => share(one, this.values, message) ?? [])
      const [first] = shared
      if (first !== undefined) headers.set(name, shared.length === 1 ? first : shared)
    }
    return new HeaderMessage(headers, message.event)
  }
}
