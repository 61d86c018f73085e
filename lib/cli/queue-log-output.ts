import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FILES } from '../files/uses.ts'
import { file } from '../options/kinds.ts'
import { FileSink, type FileSinkOptions } from '../sinks/file-sink.ts'
import { queueLogText } from '../sinks/queue-log-text.ts'
import { stdoutAboveBottomRow } from '../text/bottom-row.ts'

export const queueLogOption = { queuelog: file(FILES.queueLog) }

type Source = AsyncIterable<Buffer> | NodeJS.ReadWriteStream

/**
 * Runs a chain that ends in arrays of queue_log records into its sink.
 *
 * @param path the file to append to; stdout if undefined or `-`
 */
export async function writeQueueLog(
  stages: readonly Source[],
  path: string | undefined,
  options: FileSinkOptions = {},
): Promise<void> {
  const sink: (Writable | NodeJS.WritableStream)[] =
    path === undefined || path === '-' ? [queueLogText(), stdoutAboveBottomRow()] : [new FileSink(path, options)]
  await pipeline([...stages, ...sink] as [NodeJS.ReadableStream, NodeJS.WritableStream])
}
