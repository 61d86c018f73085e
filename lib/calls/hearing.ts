import type { Bridge, Channel } from './channels.ts'

/** Everyone else in the channel's bridge, if those in it hear each other. */
export function neighbours(channel: Channel): Channel[] {
  if (channel.bridge?.joins !== true) return []
  return [...channel.bridge.channels].filter((other) => other !== channel)
}

/** A channel that takes part in a hold: on the side that puts the other on music, or on the side that hears it. */
export interface HoldParty {
  channel: Channel
  side: 'holding' | 'held'
}

/**
 * All who take part in a hold in one bridge, and beyond it through Local pairs, from the innermost of the holding side
 * to the farthest of the held side. Seen from a hold, a Local pair swaps the sides: music that a phone makes `;2` hear
 * is what `;1` makes its own bridge hear.
 *
 * @param holding the channels of a bridge on the holding side
 * @param held the channels of the same bridge on the side that hears the music
 */
export function partiesInHold(holding: Channel[], held: Channel[]): HoldParty[] {
  const visited = new Set<Channel>([...holding, ...held])
  const inner = beyond(
    holding.map((channel) => ({ channel, side: 'holding' as const })),
    visited,
  )
  const outer = beyond(
    held.map((channel) => ({ channel, side: 'held' as const })),
    visited,
  )
  return [...inner.reverse(), ...outer]
}

/** Those given and those behind them, nearest first. */
function beyond(parties: HoldParty[], visited: Set<Channel>): HoldParty[] {
  const found = [...parties]
  for (const { channel, side } of found) {
    const half = channel.otherHalf
    if (half === undefined || visited.has(half)) continue
    visited.add(half)
    found.push({ channel: half, side: side === 'holding' ? 'held' : 'holding' })
    for (const neighbour of neighbours(half)) {
      if (visited.has(neighbour)) continue
      visited.add(neighbour)
      found.push({ channel: neighbour, side })
    }
  }
  return found
}

/** Whether the two hear each other: in one bridge, or in bridges that Local pairs join. */
export function areConnected(one: Channel, other: Channel): boolean {
  const nearOne = neighbours(one)
  if (nearOne.includes(other)) return true
  return partiesInHold([one], nearOne).some(({ channel }) => channel === other)
}

/** Everyone whom a Local half is bridged with, also through further pairs, each with the bridge that it is in. */
export function beyondHalf(half: Channel): { channel: Channel; bridge: Bridge }[] {
  const found: { channel: Channel; bridge: Bridge }[] = []
  const seen = new Set([half])
  const halves = [half]
  for (const one of halves) {
    const { bridge } = one
    if (bridge === undefined) continue
    for (const channel of neighbours(one)) {
      found.push({ channel, bridge })
      const next = channel.otherHalf
      if (next === undefined || seen.has(next)) continue
      seen.add(next)
      halves.push(next)
    }
  }
  return found
}

/**
 * Whose side a channel is on: itself if it is one of the parties, else the party that is a Local half with this channel
 * behind it.
 */
export function partyOf(channel: Channel, isParty: (channel: Channel) => boolean): Channel | undefined {
  const visited = new Set<Channel>()
  const queue = [channel]
  for (const next of queue) {
    if (isParty(next)) return next
    const others = neighbours(next)
    // In a conference, one that leaves says nothing of the party that joined it through a Local pair.
    const otherHalf = others.length === 1 ? others[0]?.otherHalf : undefined
    if (otherHalf !== undefined && !visited.has(otherHalf)) {
      visited.add(otherHalf)
      queue.push(otherHalf)
    }
  }
  return undefined
}

/** A channel and all on its side of the conversation: whoever talks through a Local pair is as that pair's half. */
export function partiesWith(channel: Channel): Channel[] {
  const parties = partiesInHold([channel], neighbours(channel))
  return parties.flatMap(({ channel: party, side }) => (side === 'holding' ? [party] : []))
}

/** The Local halves through which those in a bridge are heard elsewhere, through pairs within pairs as well. */
export function halvesBehind(bridge: Bridge): Channel[] {
  const found = new Set<Channel>()
  const bridges = new Set([bridge])
  for (const one of bridges) {
    if (!one.joins) continue
    for (const { otherHalf } of one.channels) {
      if (otherHalf === undefined || found.has(otherHalf)) continue
      found.add(otherHalf)
      if (otherHalf.bridge !== undefined) bridges.add(otherHalf.bridge)
    }
  }
  return [...found]
}
