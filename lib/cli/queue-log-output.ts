import { pipeline } from 'node:stream/promises'
import { FILES } from '../files/uses.ts'
import { file } from '../options/kinds.ts'
import type { OwnAround } from '../sinks/sink.ts'
import { sinkFor } from '../sinks/table.ts'
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
  told: Omit<OwnAround, 'output'> = {},
): Promise<void> {
  const { streams } = sinkFor(path ?? '-').create({ ...told, output: stdoutAboveBottomRow() })
  await pipeline([...stages, ...streams] as unknown as [NodeJS.ReadableStream, NodeJS.WritableStream])
}
