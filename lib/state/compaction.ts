import type { AmiMessage } from '../ami/message.ts'
import { ChannelTable } from '../calls/channels.ts'
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
 * Of events that never name a channel, only the last of each kind is kept, and those of a moment ago.
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
  /** The kinds of events of which some name a channel. */
  private readonly kindsOfCalls = new Set<string>()

  /** Takes in the next event. */
  read(message: AmiMessage): void {
    this.clock.observe(message)
    const { channels, locals } = namedIn(message)
    for (const channel of channels) this.open.seen(channel)
    this.open.apply(message, this.clock.now)
    const [first, ...others] = [...channels, ...locals]
    for (const other of others) this.groups.join(first as string, other)
    this.ids.push(first ?? message.event)
    this.isOfNoCall.push(first === undefined)
    if (first !== undefined) this.kindsOfCalls.add(message.event)
    this.times.push(this.clock.now)
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
    return {
      hasClosed: [...late].some((group) => !open.has(group)),
      keeps: (n) => {
        const id = ids[n] as string
        if (isOfNoCall[n]) return lastOfKind.get(id) === n || (times[n] as number) > lateFrom
        const group = groups.of(id)
        return open.has(group) || late.has(group)
      },
    }
  }
}

/** Which events are kept. */
export interface Selection {
  /** Whether there are calls among them that are over: a moment later they need not be kept. */
  readonly hasClosed: boolean
  /** @param n which of the events that were read, from 0 on */
  readonly keeps: (n: number) => boolean
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
