import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { text } from '../options/kinds.ts'
import { FileSink, type FileSinkOptions } from '../sinks/file-sink.ts'
import { queueLogText } from '../sinks/queue-log-text.ts'
import { stdoutAboveBottomRow } from './bottom-row.ts'

export const queueLogOption = { queuelog: text('FILE') }

type Source = AsyncIterable<Buffer> | NodeJS.ReadWriteStream

/**
 * Runs a chain that ends in arrays of queue_log records into its sink.
 *
 * @param file the file to append to; stdout if undefined or `-`
 */
export async function writeQueueLog(
  stages: readonly Source[],
  file: string | undefined,
  options: FileSinkOptions = {},
): Promise<void> {
  const sink: (Writable | NodeJS.WritableStream)[] =
    file === undefined || file === '-' ? [queueLogText(), stdoutAboveBottomRow()] : [new FileSink(file, options)]
  await pipeline([...stages, ...sink] as [NodeJS.ReadableStream, NodeJS.WritableStream])
}
