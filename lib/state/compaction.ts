import type { AmiMessage } from '../ami/message.ts'
import { startTimeIn } from '../calls/resync/server-lists.ts'

/** For how long, in ms, the events of a call that is over are kept: some come late, and name channels that are gone. */
const LATE_MS = 5000

const ID_HEADER = /(?:uniqueid|linkedid)$/i
/** Of several sessions, what the channels of an earlier one were is told by events alone. */
const ALWAYS_KEPT = new Set(['Shutdown'])

/**
 * Those of some events without which the state of the open calls would be another: what has to do, however remotely, with
 * a channel that has not hung up, and what was a moment ago.
 *
 * Events belong together if they name a channel or bridge in common, so nothing that is dropped ever met what is kept.
 */
export function withoutClosedCalls(messages: readonly AmiMessage[]): AmiMessage[] {
  const groups = new Groups()
  const ids = messages.map(idsOf)
  const openChannels = new Set<string>()
  const goneChannels = new Set<string>()
  for (const [index, message] of messages.entries()) {
    const [first, ...others] = ids[index] ?? []
    if (first === undefined) continue
    for (const other of others) groups.join(first, other)
    if (message.event === 'Hangup') goneChannels.add(message.get('Uniqueid') ?? '')
    for (const channel of channelsOf(message)) {
      if (goneChannels.has(channel)) openChannels.delete(channel)
      else openChannels.add(channel)
    }
  }
  const open = new Set([...openChannels].map((channel) => groups.of(channel)))
  const end = messages.reduce((latest, message) => Math.max(latest, message.timestamp ?? 0), 0)
  const start = messages.findLast((message) => startTimeIn(message) !== undefined)
  let time = 0
  return messages.filter((message, index) => {
    time = message.timestamp ?? time
    if (message === start || ALWAYS_KEPT.has(message.event) || time > end - LATE_MS) return true
    return ids[index]?.some((id) => open.has(groups.of(id)))
  })
}

function idsOf(message: AmiMessage): string[] {
  return valuesOf(message, ID_HEADER)
}

/** The channels that an event names. */
function channelsOf(message: AmiMessage): string[] {
  return valuesOf(message, /^(?!.*bridge).*uniqueid$/i)
}

function valuesOf(message: AmiMessage, names: RegExp): string[] {
  const values: string[] = []
  for (const [name, value] of message.headers()) {
    if (names.test(name)) values.push(...(typeof value === 'string' ? [value] : value))
  }
  return values.filter((value) => value !== '' && value !== '<unknown>')
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
