import type { AmiMessage } from '../../lib/ami/message.ts'
import { Calls } from '../../lib/calls/calls.ts'
import type { Change, Followed } from '../../lib/calls/change.ts'
import { Deadlines } from '../../lib/calls/deadlines.ts'
import { type Scene, T0 } from './scene.ts'

/** The model of calls with the events of a scene, as a tracker sees it: for tests of what it says, and what it keeps. */
export class Model {
  readonly deadlines = new Deadlines()
  readonly calls: Calls
  /** Those that a test looks at. */
  private readonly kinds: ReadonlySet<Change['kind']>
  private readonly told: string[] = []

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

  /** What it has said since the last call: the second of the scene, what happened, to whom. */
  said(): string[] {
    return this.told.splice(0)
  }

  private take(): void {
    for (const change of this.calls.take()) if (this.kinds.has(change.kind)) this.told.push(textOf(change))
  }
}

function textOf(change: Change): string {
  return `${(change.at - T0 * 1000) / 1000} ${change.kind}${detailsOf(change)}`
}

function detailsOf(change: Change): string {
  switch (change.kind) {
    case 'hold-begun':
    case 'hold-ended': {
      const { named, parties } = change.hold
      const sides = parties.map(({ channel, side }) => `${channel.name} ${side}`)
      return ` by ${named.channel.name} ${named.side}: ${sides.join(', ')}`
    }
    case 'passed-over':
      return `: ${change.reason}`
    default:
      return ''
  }
}
