import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { QUEUE_LOG_ACTION } from '../ami/privileges.ts'
import { queueLogAction } from '../queue-log/queue-log-action.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { QueueLogTail } from '../queue-log/tail.ts'
import { type Configuration, fileOf, LINE_MS, type LineFacts, type Purpose, TEST_EVENT } from './facts.ts'
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
  const path = pathOf(purpose, configuration)
  const unreadable = path === undefined ? undefined : await unreadableBecause(path)
  const facts = {
    path,
    ...(unreadable === undefined ? {} : { unreadable }),
    isTaken: undefined,
    isInFile: undefined,
    isInTable: undefined,
  }
  if (!isTried) return facts
  const token = `ami-track-doctor-${randomBytes(6).toString('hex')}`
  const line = { time: 0, callid: 'NONE', queuename: 'NONE', agent: 'NONE', event: TEST_EVENT, data: [token] }
  const { response } = await manager.ask(QUEUE_LOG_ACTION.name, queueLogAction(line).headers)
  if (response?.get('Response') !== 'Success') {
    return { ...facts, isTaken: false, refusal: response?.get('Message') ?? 'it did not answer' }
  }
  const isInFile = async (): Promise<boolean> => {
    try {
      return path !== undefined && (await endOf(path, line)).take(line) === true
    } catch {
      // It is just being rotated.
      return false
    }
  }
  const isInTable = async (): Promise<boolean> =>
    (await manager.variable(`REALTIME(queue_log,data1,${token})`))?.includes(token) === true
  const canRead = path !== undefined && unreadable === undefined
  const hasTable = configuration !== undefined && configuration.realtime !== ''
  if (!canRead && !hasTable) return { ...facts, isTaken: true }
  const end = performance.now() + LINE_MS
  for (;;) {
    const found = {
      isInFile: canRead ? await isInFile() : undefined,
      isInTable: hasTable ? await isInTable() : undefined,
    }
    const isFound = found.isInFile === true || found.isInTable === true
    if (isFound || performance.now() >= end) return { ...facts, isTaken: true, ...found }
    await sleep(LOOK_EVERY_MS)
  }
}

/** The queue_log to look into: the one that is named, or on the PBX itself the one that its configuration names. */
function pathOf({ tail, isSameMachine }: Purpose, configuration: Configuration | undefined): string | undefined {
  if (tail !== undefined) return tail
  if (!isSameMachine) return undefined
  return configuration === undefined ? '/var/log/asterisk/queue_log' : fileOf(configuration)
}

async function unreadableBecause(path: string): Promise<string | undefined> {
  try {
    await endOf(path)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message
  }
}

/** Only the end of the file: the line has just been written, by a clock that is not known. */
function endOf(path: string, ...wanted: QueueLogFields[]): Promise<QueueLogTail> {
  return QueueLogTail.read(path, { wanted, isStampedByAsterisk: true, since: Number.POSITIVE_INFINITY })
}
