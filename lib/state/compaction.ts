import type { AmiMessage } from '../ami/message.ts'
import { RESYNC_END } from '../ami/own-events.ts'
import { ChannelTable } from '../calls/channels.ts'
import { asListed, type Member, type MemberNote, QueueMembers } from '../calls/queue-members.ts'
import { StreamClock } from '../calls/stream-clock.ts'

/** For how long, in ms, the events of a call that is over are kept: some come late, and name channels that are gone. */
const LATE_MS = 2000

/**
 * Finds those of some events without which what is known of the open calls would be another.
 *
 * Events belong together if they name a channel in common; two halves of a Local channel are one. What belongs to a channel
 * that has not hung up is kept, and what was a moment ago. A bridge ties nobody together, nor does a Linkedid, which
 * spreads in bridges: a parking lot has one bridge for ever, and so has a conference that is never empty. Who is in a
 * bridge has not hung up, and the events that say so are kept for that.
 *
 * Of events that never name a channel, only the last of each kind is kept, and those of a moment ago. Those that tell of
 * the members of queues are kept as far as open calls, or later ones, may ask for them. Of a member that only the call of
 * another told of (AgentConnect), that is said in other words.
 */
export class OpenCallEvents {
  private readonly groups = new Groups()
  private readonly clock = new StreamClock()
  /** The channels that have not hung up, by what the model of calls makes of the events. */
  private readonly open = new ChannelTable()
  /** Of each event: a channel that it names, or the name of its kind; and when it was, by the stream's clock. */
  private readonly ids: string[] = []
  private readonly times: number[] = []
  private readonly isOfNoCall: boolean[] = []
  private readonly members = new QueueMembers(
    () => {},
    (note) => this.note(note),
  )
  /** What was told of each member, and by which event. */
  private readonly memberEvents = new Map<string, MemberEvent[]>()
  /** The kinds of events of which some name a channel. */
  private readonly kindsOfCalls = new Set<string>()

  /** Takes in the next event. */
  read(message: AmiMessage): void {
    this.clock.observe(message)
    const { channels, locals } = namedIn(message)
    for (const channel of channels) this.open.seen(channel)
    this.open.apply(message, this.clock.now)
    this.members.apply(message, this.clock.now)
    const [first, ...others] = [...channels, ...locals]
    for (const other of others) this.groups.join(first as string, other)
    this.ids.push(first ?? message.event)
    this.isOfNoCall.push(first === undefined)
    if (first !== undefined) this.kindsOfCalls.add(message.event)
    this.times.push(this.clock.now)
  }

  private note({ key, member, isNew }: MemberNote): void {
    const events = this.memberEvents.get(key) ?? []
    this.memberEvents.set(key, events)
    const last = events.at(-1)
    // Of two that tell the same the later one counts as well: a list forgets whom it does not name.
    if (last !== undefined && !isNew && !last.isNew) events.pop()
    events.push({ n: this.ids.length, member, isNew })
  }

  /** What is kept of the events that were read. */
  selection(): Selection {
    const { groups, ids, times, isOfNoCall, kindsOfCalls } = this
    const lateFrom = this.clock.now - LATE_MS
    const open = new Set([...this.open].map(({ uniqueid }) => groups.of(uniqueid)))
    const late = new Set<string>()
    const lastOfKind = new Map<string, number>()
    for (const [n, id] of ids.entries()) {
      if (isOfNoCall[n]) {
        // An AgentComplete without channels is of a call that is over, or of one that nobody can tell.
        if (!kindsOfCalls.has(id)) lastOfKind.set(id, n)
      } else if ((times[n] as number) > lateFrom) late.add(groups.of(id))
    }
    const isOfCall = (n: number): boolean => {
      if (isOfNoCall[n]) return false
      const group = groups.of(ids[n] as string)
      return open.has(group) || late.has(group)
    }
    const members = this.membersBetween(ids.flatMap((_, n) => (isOfCall(n) ? n : [])))
    return {
      hasClosed: [...late].some((group) => !open.has(group)),
      kept: (n) => {
        const isRecent = (times[n] as number) > lateFrom
        if (isOfCall(n) || (isOfNoCall[n] && isRecent)) return 'as it is'
        // A list that forgets a member does so again: the last one is kept.
        if (members.has(n) && ids[n] !== RESYNC_END) {
          const member = members.get(n)
          return isOfNoCall[n] || member === undefined ? 'as it is' : asListed(member)
        }
        return isOfNoCall[n] && lastOfKind.get(ids[n] as string) === n ? 'as it is' : undefined
      },
    }
  }

  /**
   * The events that tell of members as they were whenever something of an open call happened, and as they are now: of two
   * changes with nothing of a call between them the second is enough.
   *
   * @param ofCalls the events of open calls, in their order
   */
  private membersBetween(ofCalls: readonly number[]): ReadonlyMap<number, Member | undefined> {
    const events = new Map<number, Member | undefined>()
    for (const ofMember of this.memberEvents.values()) {
      const changes = ofMember.filter(({ isNew }) => isNew)
      let isKnown = false
      for (const [index, { n, member }] of changes.entries()) {
        const next = changes[index + 1]?.n
        const isAsked = next === undefined || firstBehind(ofCalls, n) < next
        if (!isAsked || (member === undefined && !isKnown)) continue
        events.set(n, member)
        isKnown = member !== undefined
      }
      const last = ofMember.at(-1)
      if (last?.member !== undefined) events.set(last.n, last.member)
    }
    return events
  }
}

/** The first of some ascending numbers that is greater than a number; infinity if none is. */
function firstBehind(numbers: readonly number[], than: number): number {
  let [from, to] = [0, numbers.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if ((numbers[middle] as number) > than) to = middle
    else from = middle + 1
  }
  return numbers[from] ?? Number.POSITIVE_INFINITY
}

/** What an event told of a member. */
interface MemberEvent {
  /** Which event: from 0 on. */
  readonly n: number
  /** What was known of it then; undefined if it was none any more. */
  readonly member: Member | undefined
  readonly isNew: boolean
}

/** Which events are kept. */
export interface Selection {
  /** Whether there are calls among them that are over: a moment later they need not be kept. */
  readonly hasClosed: boolean
  /**
   * What is kept of an event: itself, or a message in its place, or nothing.
   *
   * @param n which of the events that were read, from 0 on
   */
  readonly kept: (n: number) => 'as it is' | AmiMessage | undefined
}

const LOCAL_HALF = /^(Local\/.*);[12]$/s

/** The channels that an event names, by their Uniqueids, and the Local pairs of which it names a half. */
function namedIn(message: AmiMessage): { channels: string[]; locals: string[] } {
  const channels: string[] = []
  const locals: string[] = []
  for (const [name, value] of message.headers()) {
    const kind = kindOfHeader(name)
    if (kind === 'other') continue
    for (const one of typeof value === 'string' ? [value] : value) {
      if (kind === 'name') {
        const pair = one.startsWith('Local/') ? LOCAL_HALF.exec(one)?.[1] : undefined
        if (pair !== undefined) locals.push(pair)
      } else if (one !== '' && one !== '<unknown>') channels.push(one)
    }
  }
  return { channels, locals }
}

type HeaderKind = 'uniqueid' | 'name' | 'other'

const kindsOfHeaders = new Map<string, HeaderKind>()
/** Asterisk has some hundred names of headers; only somebody hostile has more. */
const MAX_NAMES = 4096

function kindOfHeader(name: string): HeaderKind {
  let kind = kindsOfHeaders.get(name)
  if (kind === undefined) {
    const isUniqueid = /uniqueid$/i.test(name) && !/bridge/i.test(name)
    kind = isUniqueid ? 'uniqueid' : /channel$/i.test(name) ? 'name' : 'other'
    if (kindsOfHeaders.size < MAX_NAMES) kindsOfHeaders.set(name, kind)
  }
  return kind
}

/** Which ids belong together. */
class Groups {
  private readonly parents = new Map<string, string>()

  of(id: string): string {
    let root = id
    for (let parent = this.parents.get(root); parent !== undefined; parent = this.parents.get(root)) root = parent
    // What was looked up stands directly below its root from now on.
    for (let at = id; at !== root; ) {
      const parent = this.parents.get(at) ?? root
      this.parents.set(at, root)
      at = parent
    }
    return root
  }

  join(one: string, other: string): void {
    const [first, second] = [this.of(one), this.of(other)]
    if (first !== second) this.parents.set(second, first)
  }
}
