import type { AmiMessage } from '../ami/message.ts'
import { RESYNC_END } from '../ami/own-events.ts'
import { ChannelTable } from '../calls/channels.ts'
import { asListed, type Member, type MemberNote, QueueMembers } from '../calls/queue-members.ts'
import { StreamClock } from '../calls/stream-clock.ts'

/**
 * How long, in ms, the events of a call that is over are kept: some events come late, and name channels that are gone.
 */
const LATE_MS = 2000

/**
 * Finds the events that are needed for the model of the open calls.
 *
 * Events belong together if they name the same channel; the two halves of a Local channel count as one. Events of a
 * channel that has not hung up are kept, and so are events of the last moment. A bridge does not join channels, and a
 * Linkedid, which spreads in bridges, does not either: a parking lot has one bridge forever, and so has a conference
 * that is never empty. A channel in a bridge has not hung up, so its own events are kept anyway.
 *
 * Of the events that never name a channel, only the last one of each kind is kept, and those of the last moment. Events
 * about queue members are kept if open calls, or later calls, may need them. If only a call that is over showed a
 * member (AgentConnect), another message in its place says the same.
 */
export class OpenCallEvents {
  private readonly groups = new Groups()
  private readonly clock = new StreamClock()
  /** The channels that have not hung up, as the model of calls sees it. */
  private readonly open = new ChannelTable()
  /** For each event: a channel that it names, or its event name; and its time, by the stream's clock. */
  private readonly ids: string[] = []
  private readonly times: number[] = []
  private readonly isOfNoCall: boolean[] = []
  private readonly members = new QueueMembers(
    () => {},
    (note) => this.note(note),
  )
  /** What was said about each member, and by which event. */
  private readonly memberEvents = new Map<string, MemberEvent[]>()
  /** The event names of which some events name a channel. */
  private readonly kindsOfCalls = new Set<string>()

  /** Reads the next event. */
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
    // If two events say the same, the later one counts, too: a list forgets members that it does not name.
    if (last !== undefined && !isNew && !last.isNew) events.pop()
    events.push({ n: this.ids.length, member, isNew })
  }

  /** Which of the events are kept. */
  selection(): Selection {
    const { groups, ids, times, isOfNoCall, kindsOfCalls } = this
    const lateFrom = this.clock.now - LATE_MS
    const open = new Set([...this.open].map(({ uniqueid }) => groups.of(uniqueid)))
    const late = new Set<string>()
    const lastOfKind = new Map<string, number>()
    for (const [n, id] of ids.entries()) {
      if (isOfNoCall[n]) {
        // An AgentComplete without channels belongs to a call that is over, or to an unknown call.
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
   * The events that show the members at each event of an open call, and now. Of two changes without an event of a call
   * between them, the second one is enough.
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

/** What an event said about a member. */
interface MemberEvent {
  /** Which event: from 0 on. */
  readonly n: number
  /** The member as it was then; undefined if it was no member any more. */
  readonly member: Member | undefined
  readonly isNew: boolean
}

/** Which events are kept. */
export interface Selection {
  /** Whether some of them belong to calls that are over: a moment later they can be dropped. */
  readonly hasClosed: boolean
  /**
   * What is kept for an event: the event itself, another message in its place, or nothing.
   *
   * @param n which of the events that were read, from 0 on
   */
  readonly kept: (n: number) => 'as it is' | AmiMessage | undefined
}

const LOCAL_HALF = /^(Local\/.*);[12]$/s

/** The Uniqueids of the channels that an event names, and the Local pairs of which it names a half. */
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
/** Asterisk has some hundred header names; only an attacker has more. */
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
    // From now on the looked-up id is directly below its root.
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
