import type { AmiMessage } from '../ami/message.ts'
import type { QueueLogFields } from '../queue-log.ts'
import { memberLine } from './members.ts'
import type { OnUnwritten, OpenCall, Tracker } from './tracker.ts'

/**
 * Writes log-ins under the member's name. Asterisk logs a dynamic member in by its interface, but its calls and pauses by
 * its name: the log-in is taken back, and made again by name.
 */
export class HotdeskingTracker implements Tracker {
  readonly events: ReadonlySet<string> = new Set(['QueueMemberAdded', 'QueueMemberRemoved'])

  onUnwritten: OnUnwritten | undefined

  /** It remembers nothing: a member that leaves is logged out whether or not its log-in was seen. */
  readonly size = 0

  afterTime(): QueueLogFields[] {
    return []
  }

  openCalls(): OpenCall[] {
    return []
  }

  afterMessage(message: AmiMessage, at: number): QueueLogFields[] {
    const queue = message.get('Queue') ?? ''
    const name = message.get('MemberName') ?? ''
    const memberInterface = message.get('Interface') ?? ''
    if (queue === '' || name === '' || name === memberInterface) {
      this.onUnwritten?.(
        '',
        `no hotdesking: the member of ${queue} has no name besides its interface ${memberInterface}`,
      )
      return []
    }
    if (message.event === 'QueueMemberRemoved') return [memberLine(queue, name, 'REMOVEMEMBER', at)]
    return [
      memberLine(queue, memberInterface, 'REMOVEMEMBER', at),
      memberLine(queue, name, 'HOTDESKING', at, [memberInterface]),
      memberLine(queue, name, 'ADDMEMBER', at),
    ]
  }
}
