import type { Bridge, Channel } from './channels.ts'

/** All other channels in the channel's bridge, if the channels there hear each other. */
export function neighbours(channel: Channel): Channel[] {
  if (channel.bridge?.joins !== true) return []
  return [...channel.bridge.channels].filter((other) => other !== channel)
}

/** A channel that takes part in a hold: on the holding side, or on the side that hears the music. */
export interface HoldParty {
  /** Who it is. */
  channel: Channel
  /** On which side of the hold. */
  side: 'holding' | 'held'
}

/**
 * All channels that take part in a hold, in one bridge and beyond it through Local pairs, from the innermost of the
 * holding side to the farthest of the held side. A Local pair swaps the sides of a hold: if a phone makes `;2` hear
 * music, `;1` makes its own bridge hear it.
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

/** The given parties and the parties behind them, nearest first. */
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

/** All channels that a Local half is bridged with, also through more pairs, each with its bridge. */
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
 * The party that a channel belongs to: the channel itself, if it is a party, otherwise the party that is a Local half
 * with this channel behind it.
 */
export function partyOf(channel: Channel, isParty: (channel: Channel) => boolean): Channel | undefined {
  const visited = new Set<Channel>()
  const queue = [channel]
  for (const next of queue) {
    if (isParty(next)) return next
    const others = neighbours(next)
    // In a conference, a channel that leaves says nothing about a party that joined through a Local pair.
    const otherHalf = others.length === 1 ? others[0]?.otherHalf : undefined
    if (otherHalf !== undefined && !visited.has(otherHalf)) {
      visited.add(otherHalf)
      queue.push(otherHalf)
    }
  }
  return undefined
}

/**
 * A channel and all channels on its side of the conversation: a channel that talks through a Local pair counts as the
 * half of this pair.
 */
export function partiesWith(channel: Channel): Channel[] {
  const parties = partiesInHold([channel], neighbours(channel))
  return parties.flatMap(({ channel: party, side }) => (side === 'holding' ? [party] : []))
}

/** The Local halves through which the channels of a bridge are heard elsewhere, also through nested pairs. */
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
