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
  for (const { event, agent, isTakenBack } of memberLines(lines, isOfTrackers)) {
    if (event === 'HOTDESKING' && isTakenBack) areLogged = false
    if (event === 'ADDMEMBER' && !TECHNOLOGY.test(agent)) areLogged = true
  }
  return areLogged
}

/** A line that tells of a member, but for those of ours that log a name in. */
interface MemberLine {
  /** Seconds since the epoch. */
  readonly time: number
  readonly queue: string
  readonly event: string
  readonly agent: string
  /** Whether it is of a log-in by name, of an interface that Asterisk had logged in. */
  readonly isTakenBack: boolean
}

/** What is known of the members of a queue by its lines. */
interface KnownOfQueue {
  /** The interfaces that Asterisk has logged in. */
  readonly added: Set<string>
  /** Those that are logged out: of the three lines of a log-in by name, the first was read. */
  readonly removed: Set<string>
  /** The names whose log-in is to follow: the first two were read. Those of several members may stand between each other. */
  readonly told: Set<string>
}

function* memberLines(lines: Iterable<string>, isOfTrackers: (queue: string) => boolean): Generator<MemberLine> {
  const ofQueues = new Map<string, KnownOfQueue>()
  for (const line of lines) {
    const [time, , queue = '', agent = '', event = '', data = ''] = line.split('|')
    if (!MEMBER_EVENTS.has(event) || queue === '' || isOfTrackers(queue)) continue
    const known = ofQueues.get(queue) ?? { added: new Set(), removed: new Set(), told: new Set() }
    ofQueues.set(queue, known)
    // Ours, behind two others of ours.
    if (event === 'ADDMEMBER' && known.told.delete(agent)) continue
    const isOurs = event === 'HOTDESKING' && known.removed.delete(data)
    if (isOurs) known.told.add(agent)
    if (event === 'REMOVEMEMBER') known.removed.add(agent)
    if (event === 'ADDMEMBER') known.added.add(agent)
    yield { time: Number(time), queue, event, agent, isTakenBack: isOurs && known.added.has(data) }
  }
}

const MEMBER_EVENTS: ReadonlySet<string> = new Set(['ADDMEMBER', 'REMOVEMEMBER', 'HOTDESKING'])

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
  for (const { time, event, agent, ...line } of memberLines(lines, () => false)) {
    if (event !== 'ADDMEMBER' || line.queue !== queue || time < since) continue
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
