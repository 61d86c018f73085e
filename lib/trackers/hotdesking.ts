import type { Member } from '../calls/queue-members.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { memberLine } from './members.ts'
import type { OnUnwritten, OpenCall, Rules, Surroundings, Tracker } from './tracker.ts'

/**
 * Writes log-ins under the member's name. Asterisk logs a dynamic member in by its interface, but its calls and pauses by
 * its name: the log-in is taken back, and made again by name.
 */
export class HotdeskingTracker implements Tracker {
  private readonly write: Surroundings['write']

  onUnwritten: OnUnwritten | undefined

  /** It remembers nothing: a member that leaves is logged out whether or not its log-in was seen. */
  readonly size = 0

  readonly rules: Rules = {
    'member-added': ({ member, at }) => {
      const { queue, name, isPaused } = member
      if (!this.isNamed(member)) return
      this.write(memberLine(queue, member.interface, 'REMOVEMEMBER', at))
      this.write(memberLine(queue, name, 'HOTDESKING', at, [member.interface]))
      this.write(memberLine(queue, name, 'ADDMEMBER', at, isPaused ? ['PAUSED'] : []))
    },
    'member-removed': ({ member, at }) => {
      if (this.isNamed(member)) this.write(memberLine(member.queue, member.name, 'REMOVEMEMBER', at))
    },
  }

  constructor({ write }: Pick<Surroundings, 'write'>) {
    this.write = write
  }

  openCalls(): OpenCall[] {
    return []
  }

  private isNamed({ queue, name, interface: memberInterface }: Member): boolean {
    if (queue !== '' && name !== '' && name !== memberInterface) return true
    const reason = `no hotdesking: the member of ${queue} has no name besides its interface ${memberInterface}`
    this.onUnwritten?.('', reason)
    return false
  }
}

/**
 * Which of some lines that came together are a log-in by name: the log-out of the interface, HOTDESKING, and the log-in
 * of the name. QueueMemberAdded is sent before Asterisk writes its own ADDMEMBER.
 */
export function* loginsByName(
  lines: readonly QueueLogFields[],
  isOfTrackers: (queuename: string) => boolean,
): Generator<number> {
  for (const [index, { event, queuename, agent, data }] of lines.entries()) {
    // The first of them may have come alone, where the three were cut apart on their way through a pipe.
    if (index === lines.length - 1 && event === 'REMOVEMEMBER' && !isOfTrackers(queuename)) yield index
    if (event !== 'HOTDESKING') continue
    const [before, after] = [lines[index - 1], lines[index + 1]]
    yield index
    if (before?.event === 'REMOVEMEMBER' && before.queuename === queuename && before.agent === data[0]) yield index - 1
    if (after?.event === 'ADDMEMBER' && after.queuename === queuename && after.agent === agent) yield index + 1
  }
}
