import { aFunction, checkOptions, checkValue, type Expected } from '../text/expected.ts'
import type { AmiMessage } from './message.ts'
import { AmiParser, type AmiParserOptions, type ParseReport, parserOptions } from './parser.ts'

/** Options of {@link readMessages}. */
export interface ReadMessagesOptions extends AmiParserOptions {
  /** Told of everything that was wrong in the stream and read past. What it throws ends the reading. */
  onReport?: ((report: ParseReport) => void) | undefined
}

const aSource: Expected = {
  what: 'an iterable of bytes, such as a stream',
  fits: (value) =>
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value),
}

/**
 * Reads the messages of an AMI stream: `for await (const message of readMessages(createReadStream('dump.ami')))`.
 *
 * @param source chunks of bytes, cut anywhere
 * @throws TypeError at once for an option that does not exist, or a value of a wrong kind
 * @throws AmiStreamError (when it is read) if this is no AMI stream, or one of an Asterisk too old
 */
export function readMessages(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadMessagesOptions = {},
): AsyncGenerator<AmiMessage> {
  checkValue('readMessages', 'source', source, aSource)
  checkOptions('readMessages', options, { ...parserOptions, onReport: aFunction })
  return messagesOf(source, options)
}

async function* messagesOf(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { onReport, ...options }: ReadMessagesOptions,
): AsyncGenerator<AmiMessage> {
  const messages: AmiMessage[] = []
  const parser = new AmiParser(options, (message) => messages.push(message), onReport)
  for await (const chunk of source) {
    parser.feed(chunk)
    yield* messages.splice(0)
  }
  parser.end()
  yield* messages.splice(0)
}
