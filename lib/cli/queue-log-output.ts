import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from '../option-kinds.ts'
import { objectStage } from '../stages/object-stage.ts'
import { queueLogFile } from '../stages/sinks.ts'

export const queueLogOption = { queuelog: text('FILE') }

type Source = AsyncIterable<Buffer> | NodeJS.ReadWriteStream

/**
 * Runs a chain that ends in arrays of queue_log lines into its sink.
 *
 * @param file the file to append to; stdout if undefined or `-`
 */
export async function writeQueueLog(stages: readonly Source[], file: string | undefined): Promise<void> {
  const toText = objectStage<string[], Buffer>((lines) => Buffer.from(lines.join(''), 'utf8'))
  const sink: (Writable | NodeJS.WritableStream)[] =
    file === undefined || file === '-' ? [toText, process.stdout] : [queueLogFile(file)]
  await pipeline([...stages, ...sink] as [NodeJS.ReadableStream, NodeJS.WritableStream])
}
