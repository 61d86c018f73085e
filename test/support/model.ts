import type { AmiMessage } from '../../lib/ami/message.ts'
import { Calls } from '../../lib/calls/calls.ts'
import type { Change, Followed } from '../../lib/calls/change.ts'
import type { Channel } from '../../lib/calls/channels.ts'
import { Deadlines } from '../../lib/calls/deadlines.ts'
import { type Scene, T0 } from './scene.ts'

/** The model of calls with the events of a scene, as a tracker sees it: for tests of what it says, and what it keeps. */
export class Model {
  readonly deadlines = new Deadlines()
  readonly calls: Calls
  private readonly kinds: ReadonlySet<Change['kind']>
  private readonly told: string[] = []

  /** @param kinds those that a test looks at */
  constructor(followed: readonly Followed[], kinds: readonly Change['kind'][]) {
    this.calls = new Calls(followed, this.deadlines)
    this.kinds = new Set(kinds)
  }

  /** Plays the events of a scene, and what is due up to the last of them. */
  play(scene: Scene): this {
    for (const record of scene.records) {
      const message = record as AmiMessage
      const at = message.timestamp as number
      this.deadlines.pass(at, () => this.take())
      this.calls.apply(message, at)
      this.take()
    }
    return this
  }

  /** The stream is at its end. */
  end(): this {
    this.calls.end()
    this.take()
    this.deadlines.end(() => this.take())
    return this
  }

  /** What it has said since the last call: the second of the scene, what happened, to whom. */
  said(): string[] {
    return this.told.splice(0)
  }

  private take(): void {
    for (const change of this.calls.take()) if (this.kinds.has(change.kind)) this.told.push(textOf(change))
  }
}

/** Seconds of the scene. */
const secondOf = (at: number): number => Math.round(at - T0 * 1000) / 1000
const namesOf = (channels: Iterable<Channel>): string => [...channels].map(({ name }) => name).join(', ')

function textOf(change: Change): string {
  const details = detailsOf(change)
  return `${secondOf(change.at)} ${change.kind}${details === '' ? '' : ` ${details}`}`
}

function detailsOf(change: Change): string {
  switch (change.kind) {
    case 'dialled': {
      const { dialler, agentChannel, legs, beginning } = change.dial
      const by = agentChannel === dialler ? dialler.name : `${dialler.name} for ${agentChannel.name}`
      return `${beginning.number()} by ${by}: ${namesOf(legs.keys())}`
    }
    case 'dial-silent':
      return `by ${change.dial.dialler.name}: ${change.reason}`
    case 'dial-over':
      return `by ${change.dial.dialler.name}, waited until ${secondOf(change.waitedUntil)}`
    case 'connected': {
      const { origin, agentChannel, other } = change.conversation
      const rang = origin.kind === 'dial' ? ` from ${secondOf(origin.rang.from)} to ${secondOf(origin.rang.to)}` : ''
      return `${agentChannel.name} and ${other.name} by ${origin.kind}${rang}`
    }
    case 'parted': {
      const { end, conversation } = change
      const where = end.destination.length === 0 ? '' : ` to ${end.destination.join(' ')}`
      return `${conversation.agentChannel.name} and ${conversation.other.name}: ${end.how} by ${end.by}${where}`
    }
    case 'queue-connected':
    case 'queue-completed': {
      const { queuename, member, caller, agentChannel, isAdopted } = change.call
      return `${queuename} ${member}: ${caller.name} and ${agentChannel.name}${isAdopted ? ', adopted' : ''}`
    }
    case 'parked':
    case 'parking-swapped':
    case 'parking-over': {
      const { lot, space, channel, number, parkedAt, isAdopted } = change.parking
      const how = change.kind === 'parking-over' ? `: ${change.how}` : ''
      const adopted = isAdopted ? `, adopted, since ${secondOf(parkedAt)}` : ''
      return `${channel.name} (${number}) in ${lot} ${space}${adopted}${how}`
    }
    case 'hold-begun':
    case 'hold-ended': {
      const { named, parties } = change.hold
      const sides = parties.map(({ channel, side }) => `${channel.name} ${side}`)
      return `by ${named.channel.name} ${named.side}: ${sides.join(', ')}`
    }
    case 'hangup-requested':
      return namesOf(change.parties)
    case 'joined':
      return namesOf(change.halves)
    case 'member-added':
    case 'member-removed':
      return `${change.member.queue} ${change.member.name} at ${change.member.interface}`
    case 'member-names-logged':
      return change.areLogged ? 'yes' : 'no'
    case 'replaced':
      return `${change.half.name} by ${change.by.name}`
    case 'gone':
      return change.channel.name
    case 'passed-over':
      return change.reason
    case 'gap':
    case 'gap-known':
      return ''
  }
}
