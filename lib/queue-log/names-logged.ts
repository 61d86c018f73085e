import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { TECHNOLOGY } from '../ami/technology.ts'
import { answerOf } from './file-tail.ts'

/** So much of the end of a queue_log tells how members were logged in, in bytes: some ten thousand lines. */
export const AT_START_BYTES = 1024 * 1024

/** A log-in of a queue's member, as a queue_log has it. */
export interface LogIn {
  readonly queue: string
  readonly name: string
  readonly interface: string
}

/**
 * Whether Asterisk itself logs members in by their names (log_membername_as_agent in queues.conf), as a queue_log shows: by
 * the last line that shows it.
 *
 * Its own ADDMEMBER has a name then. Otherwise it has an interface, and lines of ours behind it, for that alone may also be
 * a member that has no name.
 *
 * @param isOfTrackers whether a queue is one that trackers have made
 * @returns undefined if no line shows it
 */
export function namesLogged(lines: Iterable<string>, isOfTrackers: (queue: string) => boolean): boolean | undefined {
  let areLogged: boolean | undefined
  const ofQueues = new Map<string, LastLines>()
  for (const line of lines) {
    const [, , queue = '', agent = '', event, data = ''] = line.split('|')
    if (!isMemberEvent(event) || queue === '' || isOfTrackers(queue)) continue
    const last = ofQueues.get(queue) ?? { added: new Set(), removed: undefined, told: undefined }
    ofQueues.set(queue, last)
    const isOurs = event === 'ADDMEMBER' && last.told === agent
    if (event === 'HOTDESKING') {
      if (last.removed === data && last.added.has(data)) areLogged = false
      last.told = last.removed === data ? agent : undefined
    } else last.told = undefined
    last.removed = event === 'REMOVEMEMBER' ? agent : undefined
    if (event !== 'ADDMEMBER' || isOurs) continue
    if (TECHNOLOGY.test(agent)) last.added.add(agent)
    else areLogged = true
  }
  return areLogged
}

/** What the last lines of a queue say that are of its members. */
interface LastLines {
  /** The interfaces that Asterisk has logged in. */
  readonly added: Set<string>
  /** Whom the line before logged out. */
  removed: string | undefined
  /** Whose log-in is to follow: of three lines of ours, the first two were read. */
  told: string | undefined
}

function isMemberEvent(event: string | undefined): boolean {
  return event === 'ADDMEMBER' || event === 'REMOVEMEMBER' || event === 'HOTDESKING'
}

/**
 * How Asterisk has logged a member in.
 *
 * @param since seconds since the epoch: a line before that is of another log-in
 * @returns undefined if it has not yet
 */
export function isLoggedByName(
  lines: Iterable<string>,
  { queue, name, ...logIn }: LogIn,
  since: number,
): boolean | undefined {
  let byName: boolean | undefined
  for (const line of lines) {
    const [time, , ofQueue, agent, event] = line.split('|')
    if (event !== 'ADDMEMBER' || ofQueue !== queue || Number(time) < since) continue
    if (agent === name) byName ??= true
    else if (agent === logIn.interface) byName = false
  }
  return byName
}

/**
 * The last lines of a queue_log.
 *
 * @param ofBytes how much of its end they are in
 * @throws Error if the file cannot be read, or does not answer
 */
export async function lastLines(path: string, ofBytes: number): Promise<string[]> {
  const file = await answerOf(path, open(path, constants.O_RDONLY | constants.O_NONBLOCK))
  try {
    const stats = await answerOf(path, file.stat())
    if (!stats.isFile()) throw new Error('it is not a regular file')
    const start = Math.max(0, stats.size - ofBytes)
    const bytes = Buffer.alloc(stats.size - start)
    const { bytesRead } = await answerOf(path, file.read(bytes, 0, bytes.length, start))
    const lines = bytes.toString('utf8', 0, bytesRead).split('\n')
    return start === 0 ? lines : lines.slice(1)
  } finally {
    await answerOf(path, file.close())
  }
}
