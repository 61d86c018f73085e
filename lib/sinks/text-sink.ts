import type { OnSettled } from '../queue-log/outcome.ts'
import { queueLogText } from './queue-log-text.ts'
import type { Sink } from './sink.ts'

/** Writes lines as text into a stream. It does not know whether somebody reads them. */
export class TextSink implements Sink {
  readonly streams: readonly NodeJS.WritableStream[]
  readonly unwritten = undefined
  readonly unanswered = undefined
  readonly problem = undefined

  constructor(output: NodeJS.WritableStream, onSettled?: OnSettled) {
    this.streams = [queueLogText(onSettled), output]
  }

  reopen(): void {}
}
