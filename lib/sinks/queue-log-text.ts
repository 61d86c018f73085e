import type { Transform } from 'node:stream'
import type { OnSettled } from '../queue-log/outcome.ts'
import { bytesOfLine, type WrittenLine } from '../queue-log/record.ts'
import { objectStage } from '../streams/object-stage.ts'
import { bufferOfBytes } from '../text/byte-string.ts'
import { aFunction, checkValue } from '../text/expected.ts'

/**
 * Arrays of queue_log records in, their lines out, for a stream of bytes.
 *
 * @param onSettled called for each line that goes out: nobody knows whether it arrives
 * @throws TypeError if that is no function
 */
export function queueLogText(onSettled?: OnSettled): Transform {
  if (onSettled !== undefined) checkValue('queueLogText', 'onSettled', onSettled, aFunction)
  return objectStage<WrittenLine[], Buffer>((lines) => {
    if (onSettled !== undefined) for (const line of lines) if (line.kind === 'queue_log') onSettled(line, 'written')
    return bufferOfBytes(lines.map(bytesOfLine).join(''))
  })
}
