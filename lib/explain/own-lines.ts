import type { CallEvent, ExplainedCall } from './call.ts'

/** Greatest number of callids of which lines are held. Those that no call asks for are dropped, the oldest first. */
const MAX_CALLIDS = 20_000

/** Of the lines that are of no call, as many are held. */
const MAX_OTHERS = 5_000

/** Asterisk writes its line up to so long before or after its event, in s; its time is cut to whole ones. */
const NEAR_S = 2

/** By which events Asterisk shows on AMI what it writes a line about. */
const EVENTS_OF_LINE: Readonly<Record<string, readonly string[]>> = {
  ENTERQUEUE: ['QueueCallerJoin'],
  CONNECT: ['AgentConnect'],
  COMPLETEAGENT: ['AgentComplete'],
  COMPLETECALLER: ['AgentComplete'],
  BLINDTRANSFER: ['AgentComplete', 'BlindTransfer'],
  ATTENDEDTRANSFER: ['AgentComplete', 'AttendedTransfer'],
  TRANSFER: ['AgentComplete'],
  ABANDON: ['QueueCallerAbandon', 'QueueCallerLeave'],
  EXITWITHTIMEOUT: ['QueueCallerLeave'],
  EXITWITHKEY: ['QueueCallerLeave'],
  EXITEMPTY: ['QueueCallerLeave'],
  RINGNOANSWER: ['AgentRingNoAnswer'],
  ADDMEMBER: ['QueueMemberAdded'],
  REMOVEMEMBER: ['QueueMemberRemoved'],
}

interface OwnLine {
  readonly time: number
  readonly event: string
  readonly queue: string
  /** The line without its time. */
  readonly rest: string
  readonly text: string
}

/**
 * The lines of Asterisk's own queue_log, read along with the dump: no further than the dump has come, and held no longer
 * than the call that they are of.
 */
export class OwnLines {
  private readonly lines: Iterator<string>
  private readonly byCallid = new Map<string, OwnLine[]>()
  private others: OwnLine[] = []
  private next: OwnLine | undefined
  private isAtEnd = false

  /** @param lines of the file, in order */
  constructor(lines: Iterable<string>) {
    this.lines = lines[Symbol.iterator]()
  }

  /**
   * Reads the lines up to a time.
   *
   * @param begin of the dump, and `until`: seconds since the epoch
   */
  readTo(begin: number, until: number): void {
    for (;;) {
      this.next ??= this.read()
      if (this.next === undefined || this.next.time > until) return
      if (this.next.time >= begin - NEAR_S) this.keep(this.next)
      this.next = undefined
    }
  }

  /** Puts the lines of a call under its events; those are held no more. `id` is '' for the members of queues. */
  mergeInto(call: ExplainedCall): void {
    const lines =
      call.id === ''
        ? this.others.splice(0)
        : call.channels.flatMap(({ uniqueid }) => this.byCallid.get(uniqueid) ?? [])
    const ours = new Set<string>()
    for (const { notes } of call.events) {
      for (const { kind, text } of notes) if (kind === 'line') ours.add(text)
    }
    for (const line of lines) if (!isOurs(line, ours)) putUnder(line, call.events)
    this.forget(call.channels.map(({ uniqueid }) => uniqueid))
  }

  /** A call that nobody asks for is over. */
  forget(uniqueids: Iterable<string>): void {
    for (const uniqueid of uniqueids) this.byCallid.delete(uniqueid)
  }

  private read(): OwnLine | undefined {
    while (!this.isAtEnd) {
      const { value: text, done } = this.lines.next()
      this.isAtEnd = done === true
      if (done === true) break
      const [time = '', , queue = '', , event = ''] = text.split('|')
      if (/^\d{1,11}$/.test(time)) return { time: Number(time), event, queue, rest: text.slice(time.length), text }
    }
    return undefined
  }

  private keep(line: OwnLine): void {
    const [, callid = ''] = line.text.split('|')
    if (callid === 'MANAGER' || callid === 'NONE' || callid === 'REALTIME') {
      if (this.others.length < MAX_OTHERS) this.others.push(line)
      return
    }
    const lines = this.byCallid.get(callid) ?? []
    if (lines.length < MAX_OTHERS) lines.push(line)
    this.byCallid.set(callid, lines)
    if (this.byCallid.size <= MAX_CALLIDS) return
    const [oldest] = this.byCallid.keys()
    if (oldest !== undefined) this.byCallid.delete(oldest)
  }
}

/** Whether a daemon of ours has written this line into the same file. */
function isOurs({ time, rest }: OwnLine, ours: ReadonlySet<string>): boolean {
  for (let near = time - NEAR_S; near <= time + NEAR_S; near++) if (ours.has(`${near}${rest}`)) return true
  return false
}

/** Puts a line under the event that it is about, or else under the last one of its second. */
function putUnder(line: OwnLine, events: readonly CallEvent[]): void {
  const names = EVENTS_OF_LINE[line.event] ?? []
  const isFree = ({ notes }: CallEvent): boolean =>
    notes.every(({ kind, text }) => kind !== 'asterisk' || text.split('|')[4] !== line.event)
  const distance = ({ at }: CallEvent): number => Math.abs(Math.floor(at / 1000) - line.time)
  const about = events
    .filter(
      (one) => names.includes(one.event) && one.text.includes(line.queue) && distance(one) <= NEAR_S && isFree(one),
    )
    .sort((one, other) => distance(one) - distance(other))[0]
  const event = about ?? events.findLast(({ at }) => Math.floor(at / 1000) <= line.time) ?? events[0]
  event?.notes.push({ kind: 'asterisk', text: line.text })
}
