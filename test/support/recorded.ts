import { readFileSync } from 'node:fs'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { AmiParser } from '../../lib/ami/parser.ts'

/** The messages of a recording, as trackers read them. */
export function messagesOf(file: string): AmiMessage[] {
  const messages: AmiMessage[] = []
  const parser = new AmiParser(
    { tellsGaps: true },
    (message) => messages.push(message),
    () => {},
  )
  parser.feed(readFileSync(file))
  parser.end()
  return messages
}
