import { UsageError } from '../options/kinds.ts'
import { FileTail } from '../queue-log/file-tail.ts'
import { TableTail } from '../queue-log/table-tail.ts'
import type { QueueLogTail } from '../queue-log/tail.ts'
import type { Log } from '../text/log.ts'
import { certificatesOf, type PbxSecrets, secretFrom } from './connect-options.ts'
import { TAIL_SECRET, type TailValues, tailFaults } from './tail-options.ts'

/**
 * The queue_log that Asterisk writes, where it can be read back; undefined if it is not named. This is the one place in which
 * it is chosen what that is.
 *
 * @param log is warned of a password that others can read
 * @throws UsageError if the options contradict themselves
 * @throws FileProblem if a file that is named cannot be read, or has nothing of use in it
 */
export function asterisksQueueLog(values: TailValues, log: Log, secrets: PbxSecrets): QueueLogTail | undefined {
  for (const fault of tailFaults(values)) throw new UsageError(fault)
  const { 'queuelog-tail': tail, 'queuelog-tail-secret-file': secretFile } = values
  if (tail === undefined) return undefined
  if (typeof tail === 'string') return new FileTail(tail, { isStampedByAsterisk: true })
  const password = secretFrom(secretFile, secrets[TAIL_SECRET], log)
  const { ca } = tail.tls ?? {}
  return new TableTail({ place: tail, password, ca: ca === undefined ? undefined : certificatesOf(ca) })
}

/**
 * Tries to read a queue_log back, once.
 *
 * @returns why that is not possible, and what to do about it; undefined if it is
 */
export async function unreadable(tail: QueueLogTail): Promise<string | undefined> {
  try {
    await tail.read({ wanted: [], since: Number.POSITIVE_INFINITY })
    return undefined
  } catch (error) {
    return `cannot read the queue_log ${tail.name}: ${(error as Error).message}`
  }
}
