import type { Calls } from '../calls/calls.ts'
import type { Deadline } from '../calls/deadlines.ts'
import type { Member } from '../calls/queue-members.ts'
import type { QueueLogFields } from '../queue-log/record.ts'
import { memberLine } from './members.ts'
import type { OnUnwritten, OpenCall, Rules, Surroundings, Tracker } from './tracker.ts'

export interface HotdeskingOptions {
  /** Asterisk itself logs members in and out by name. If this is false, the stream may still say that Asterisk does. */
  namesAreLogged: boolean
}

/** How long, in ms, a log-in waits for the message whether Asterisk has logged the name in itself. */
const WORD_MS = 250

/** How many log-ins wait at most. Only an attacker sends more, or Asterisk when it loads a whole queues.conf. */
const MAX_WAITING = 10_000

/** A log-in that waits, and its time: ms since the epoch. */
interface Added {
  readonly member: Member
  readonly at: number
  readonly waiting: Deadline
}

/**
 * Writes log-ins under the member's name. Asterisk logs a dynamic member in by its interface, but logs its calls and
 * pauses by its name. So the log-in is taken back, and written again by name. With log_membername_as_agent, Asterisk
 * logs the name in itself, and only HOTDESKING with the interface is written.
 */
export class HotdeskingTracker implements Tracker {
  private readonly options: HotdeskingOptions
  private readonly calls: Calls
  private readonly around: Surroundings
  private readonly added = new Set<Added>()

  onUnwritten: OnUnwritten | undefined

  readonly rules: Rules = {
    'member-added': ({ member, at }) => {
      if (!this.isNamed(member)) return
      if (this.options.namesAreLogged || this.calls.members.namesLogged !== 'awaited') this.logIn(member, at)
      else this.await(member, at)
    },
    'member-removed': ({ member, at }) => {
      this.stopWaiting()
      if (!this.isNamed(member)) return
      if (this.areNamesLogged) this.logsItself(member)
      else this.around.write(memberLine(member.queue, member.name, 'REMOVEMEMBER', at))
    },
    'member-names-logged': () => this.stopWaiting(),
  }

  constructor(options: HotdeskingOptions, around: Surroundings) {
    this.options = options
    this.around = around
    this.calls = around.calls
  }

  /** A member that leaves is logged out, even if its log-in was not seen: only waiting log-ins are remembered. */
  get size(): number {
    return this.added.size
  }

  openCalls(): OpenCall[] {
    return []
  }

  private get areNamesLogged(): boolean {
    return this.options.namesAreLogged || this.calls.members.namesLogged === true
  }

  private await(member: Member, at: number): void {
    if (this.added.size >= MAX_WAITING) this.stopWaiting()
    const added: Added = { member, at, waiting: this.around.after(WORD_MS, () => this.enter(added)) }
    this.added.add(added)
  }

  private stopWaiting(): void {
    for (const added of this.added) this.enter(added)
  }

  private enter(added: Added): void {
    added.waiting.cancel()
    this.added.delete(added)
    this.logIn(added.member, added.at)
  }

  private logIn(member: Member, at: number): void {
    const { queue, name, isPaused } = member
    const interfaceTold = memberLine(queue, name, 'HOTDESKING', at, [member.interface])
    if (this.areNamesLogged) {
      this.around.write(interfaceTold)
      this.logsItself(member)
      return
    }
    this.around.write(memberLine(queue, member.interface, 'REMOVEMEMBER', at))
    this.around.write(interfaceTold)
    this.around.write(memberLine(queue, name, 'ADDMEMBER', at, isPaused ? ['PAUSED'] : []))
  }

  private logsItself({ queue, name }: Member): void {
    this.onUnwritten?.('', `Asterisk itself logs ${name} in and out of ${queue} by name`)
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
    // The first of them may have come alone, if a pipe cut the three lines apart.
    if (index === lines.length - 1 && event === 'REMOVEMEMBER' && !isOfTrackers(queuename)) yield index
    if (event !== 'HOTDESKING') continue
    const [before, after] = [lines[index - 1], lines[index + 1]]
    yield index
    if (before?.event === 'REMOVEMEMBER' && before.queuename === queuename && before.agent === data[0]) yield index - 1
    if (after?.event === 'ADDMEMBER' && after.queuename === queuename && after.agent === agent) yield index + 1
  }
}
