import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { QUEUE_LOG_ACTION } from '../ami/privileges.ts'
import { FileTail } from '../queue-log/file-tail.ts'
import { queueLogAction } from '../queue-log/queue-log-action.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { type FoundLines, type QueueLogTail, TailProblem } from '../queue-log/tail.ts'
import { type Configuration, fileOf, LINE_MS, type LineFacts, MISSING, type Purpose, TEST_EVENT } from './facts.ts'
import type { Manager } from './manager.ts'

/** How often it is looked for, in ms. */
const LOOK_EVERY_MS = 50

interface TestLineOptions {
  readonly purpose: Purpose
  readonly configuration: Configuration | undefined
  /** Whether a line is sent at all. */
  readonly isTried: boolean
}

/** Sends a line that no report counts, and looks for it where Asterisk writes its queue_log. */
export async function sendTestLine(manager: Manager, options: TestLineOptions): Promise<LineFacts> {
  const { purpose, configuration, isTried } = options
  const tail = tailOf(purpose, configuration)
  const unreadable = tail === undefined ? undefined : await unreadableBecause(tail)
  const facts = {
    place: tail?.name,
    ...(unreadable === undefined ? {} : { unreadable }),
    isTaken: undefined,
    isInTail: undefined,
    isInTable: undefined,
  }
  if (!isTried) return facts
  const token = `ami-track-doctor-${randomBytes(6).toString('hex')}`
  const line = { time: 0, callid: 'NONE', queuename: 'NONE', agent: 'NONE', event: TEST_EVENT, data: [token] }
  const { response } = await manager.ask(QUEUE_LOG_ACTION.name, queueLogAction(line).headers)
  if (response?.get('Response') !== 'Success') {
    return { ...facts, isTaken: false, refusal: response?.get('Message') ?? 'it did not answer' }
  }
  const isInTail = async (): Promise<boolean> => {
    try {
      return tail !== undefined && (await endOf(tail, line)).take(line) === true
    } catch {
      // The file is just being rotated.
      return false
    }
  }
  const isInTable = async (): Promise<boolean> =>
    (await manager.variable(`REALTIME(queue_log,data1,${token})`))?.includes(token) === true
  // A fresh 13 makes the file with its first line.
  const canRead = tail !== undefined && (unreadable === undefined || unreadable.reason === MISSING)
  const hasTable = configuration !== undefined && configuration.realtime !== ''
  if (!canRead && !hasTable) return { ...facts, isTaken: true }
  const end = performance.now() + LINE_MS
  for (;;) {
    const found = {
      isInTail: canRead ? await isInTail() : undefined,
      isInTable: hasTable ? await isInTable() : undefined,
    }
    const isFound = found.isInTail === true || found.isInTable === true
    if (found.isInTail === true) return { place: facts.place, isTaken: true, ...found }
    if (isFound || performance.now() >= end) return { ...facts, isTaken: true, ...found }
    await sleep(LOOK_EVERY_MS)
  }
}

/** The queue_log to look into: the one that is named, or on the PBX itself the file that its configuration names. */
function tailOf({ tail, isSameMachine }: Purpose, configuration: Configuration | undefined): QueueLogTail | undefined {
  if (tail !== undefined || !isSameMachine) return tail
  const path = configuration === undefined ? '/var/log/asterisk/queue_log' : fileOf(configuration)
  return new FileTail(path, { isStampedByAsterisk: true })
}

async function unreadableBecause(tail: QueueLogTail): Promise<LineFacts['unreadable']> {
  try {
    await endOf(tail)
    return undefined
  } catch (error) {
    if (error instanceof TailProblem) return error
    return { reason: (error as NodeJS.ErrnoException).code ?? (error as Error).message, remedy: undefined }
  }
}

/** Only the end: the line has just been written, by a clock that is not known. */
function endOf(tail: QueueLogTail, ...wanted: QueueLogFields[]): Promise<FoundLines> {
  return tail.read({ wanted, since: Number.POSITIVE_INFINITY })
}
