import { setTimeout as sleep } from 'node:timers/promises'
import type { AmiMessage } from '../ami/message.ts'
import type { NamesLogged } from '../ami/own-events.ts'
import { AT_START_BYTES, isLoggedByName, type LogIn, lastLines, namesLogged } from '../queue-log/names-logged.ts'
import type { Batch } from '../records/record.ts'
import type { Log } from '../text/log.ts'
import { isOfTrackers } from '../trackers/table.ts'

/** How much of the end of queue_log is looked at for a member that was just added, in bytes. */
const FOR_MEMBER_BYTES = 64 * 1024
/**
 * When, in ms after QueueMemberAdded, the file is looked at for the line of the member. The event is sent before the line is
 * written; track-hotdesking waits for 250 ms.
 */
const LOOKS_MS = [20, 60, 120, 220]
/** How many members are looked for at once: more are added only where a whole queues.conf is loaded, and one of them suffices. */
const MAX_MEMBERS = 100
/** Clocks differ a little, and the time of a line is cut to whole seconds: s. */
const CLOCKS_DIFFER_S = 2

/** Looks into the queue_log that Asterisk writes whether it logs members in by their names, and tells what it finds. */
export class MemberNamesWatch {
  private readonly path: string
  private readonly tell: (value: NamesLogged) => void
  private readonly log: Log
  private readonly isAsterisks: boolean
  private value: NamesLogged | undefined
  private added: { readonly logIn: LogIn; readonly since: number }[] = []

  /**
   * @param isAsterisks whether Asterisk certainly writes this file: log-ins wait for its line then. Else it is ours, and may be
   * Asterisk's as well
   * @param tell told at the start, and whenever it turns out to be otherwise
   */
  constructor(
    { path, isAsterisks }: { path: string; isAsterisks: boolean },
    tell: (value: NamesLogged) => void,
    log: Log,
  ) {
    this.path = path
    this.isAsterisks = isAsterisks
    this.tell = tell
    this.log = log
  }

  /** Looks at what is there already. */
  async start(): Promise<void> {
    const areLogged = namesLogged(await this.lines(AT_START_BYTES), isOfTrackers)
    if (areLogged !== undefined) this.learn(areLogged ? 'yes' : 'no')
    else if (this.isAsterisks) this.learn('awaited')
  }

  /** Looks for the lines of those who are added in a batch. */
  note(batch: Batch): void {
    for (const record of batch) {
      if (record.kind === 'ami' && record.event === 'QueueMemberAdded') this.await(record)
    }
  }

  private await(message: AmiMessage): void {
    const [queue = '', name = '', own = ''] = ['Queue', 'MemberName', 'Interface'].map((header) => message.get(header))
    if (name === '' || name === own || this.added.length >= MAX_MEMBERS) return
    const time = (message.timestamp ?? Date.now()) / 1000
    this.added.push({ logIn: { queue, name, interface: own }, since: Math.floor(time) - CLOCKS_DIFFER_S })
    if (this.added.length === 1) void this.look()
  }

  private async look(): Promise<void> {
    const began = performance.now()
    for (const ms of LOOKS_MS) {
      await sleep(Math.max(0, began + ms - performance.now()), undefined, { ref: false })
      const lines = await this.lines(FOR_MEMBER_BYTES)
      const found = this.added.flatMap(({ logIn, since }) => isLoggedByName(lines, logIn, since) ?? [])
      const [byName] = found
      if (byName === undefined) continue
      this.learn(byName ? 'yes' : 'no')
      break
    }
    this.added = []
  }

  private async lines(ofBytes: number): Promise<string[]> {
    try {
      return await lastLines(this.path, ofBytes)
    } catch (error) {
      this.log.debug(`hotdesking: ${this.path} cannot be read: ${(error as Error).message}`)
      return []
    }
  }

  private learn(value: NamesLogged): void {
    if (value === this.value) return
    this.value = value
    this.tell(value)
    if (value === 'awaited') return
    const how = value === 'yes' ? 'names (log_membername_as_agent): ami-track writes only HOTDESKING' : 'interfaces'
    this.log.info(`hotdesking: ${this.path} shows that Asterisk logs in members by their ${how}`)
  }
}
