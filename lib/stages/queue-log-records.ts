import type { Transform } from 'node:stream'
import { textOfBytes } from '../byte-string.ts'
import { formatQueueLogLine } from '../queue-log.ts'
import type { Batch } from '../record.ts'
import { objectStage } from './object-stage.ts'

export interface QueueLogLinesOptions {
  /** Told of each line of input that was no sound record. What it throws ends the stream. */
  onReport?: (text: string) => void
}

/**
 * Batches of records in, the lines of queue_log out, an array for each batch; everything else is dropped.
 *
 * The lines never run backwards: one that had waited in a stage carries the time of the line before it if that is later.
 */
export function queueLogLines({ onReport = () => {} }: QueueLogLinesOptions = {}): Transform {
  let lastTime = 0
  return objectStage<Batch, string[]>((batch) => {
    const lines: string[] = []
    for (const record of batch) {
      if (record.kind === 'queue_log') {
        lastTime = Math.max(lastTime, Math.floor(record.time))
        lines.push(formatQueueLogLine(lastTime, record))
      } else if (record.kind === 'foreign' && record.problem !== undefined) {
        onReport(`${record.problem}: ${shown(record.toLine())}`)
      }
    }
    return lines.length > 0 ? lines : undefined
  })
}

/** The beginning of a line, fit for one line of a log. */
function shown(line: string): string {
  return JSON.stringify(textOfBytes(line.length > 60 ? `${line.slice(0, 60)}...` : line))
}
