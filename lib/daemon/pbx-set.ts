import type { FlowEnd } from './stage-flow.ts'
import { type AskedPbx, type SupervisedAround, SupervisedPbx } from './supervised-pbx.ts'

/** So many names stand in a sentence; of more, the number. */
const NAMES_TOLD = 10

/** What became of the PBXs when others were asked for: their names. */
export interface SetChange {
  readonly came: readonly string[]
  readonly changed: readonly string[]
  readonly gone: readonly string[]
}

/** The PBXs that are followed in a process, by their names: what happens to one touches no other. */
export class PbxSet {
  private readonly aroundOf: (name: string) => SupervisedAround
  private readonly kept = new Map<string, SupervisedPbx>()
  /** Those that are asked for no more and not yet at their end. */
  private readonly leaving = new Map<string, SupervisedPbx>()

  constructor(aroundOf: (name: string) => SupervisedAround) {
    this.aroundOf = aroundOf
  }

  /** In the order of their names. */
  get all(): readonly SupervisedPbx[] {
    return [...this.kept.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
  }

  get(name: string): SupervisedPbx | undefined {
    return this.kept.get(name)
  }

  /** Follows these, and no others. Of those that are followed already only what has other settings is touched. */
  ask(asked: readonly AskedPbx[]): SetChange {
    const names = new Set(asked.map(({ name }) => name))
    const gone = [...this.kept.keys()].filter((name) => !names.has(name))
    for (const name of gone) this.drop(name)
    const came: string[] = []
    const changed: string[] = []
    for (const one of asked) {
      const known = this.kept.get(one.name)
      if (known === undefined) {
        came.push(one.name)
        this.take(one)
      } else if (known.print !== one.print) {
        changed.push(one.name)
        known.ask(one)
      }
    }
    return { came, changed, gone }
  }

  /** Tries again what is not followed just now, with what is asked of it. */
  retry(asked: readonly AskedPbx[]): void {
    for (const one of asked) {
      const known = this.kept.get(one.name)
      if (known?.followed === undefined && known?.print === one.print) known.ask(one)
    }
  }

  async reopen(): Promise<void> {
    await Promise.all(this.all.map((pbx) => pbx.reopen()))
  }

  /** Ends all. @returns how, all together */
  async stop(): Promise<FlowEnd> {
    for (const name of [...this.kept.keys()]) this.drop(name)
    const ends = await Promise.all([...this.leaving.values()].map(({ ended }) => ended))
    return {
      failure: undefined,
      isDrained: ends.every(({ isDrained }) => isDrained),
      isLost: ends.some(({ isLost }) => isLost),
    }
  }

  /** How they are, in a sentence: `follows 200 PBXs, 2 of them with a problem: north, south` */
  get summary(): string {
    const { all } = this
    const troubled = all.filter(({ trouble }) => trouble !== undefined).map(({ name }) => name)
    const many = `follows ${all.length} PBX${all.length === 1 ? '' : 's'}`
    return troubled.length === 0 ? many : `${many}, ${troubled.length} of them with a problem: ${namesIn(troubled)}`
  }

  private take(asked: AskedPbx): void {
    const { name } = asked
    // One that still ends has its state open: it goes on.
    const leaving = this.leaving.get(name)
    this.leaving.delete(name)
    if (leaving === undefined || leaving.isOver) this.kept.set(name, new SupervisedPbx(asked, this.aroundOf(name)))
    else {
      leaving.ask(asked)
      this.kept.set(name, leaving)
    }
  }

  private drop(name: string): void {
    const pbx = this.kept.get(name)
    if (pbx === undefined) return
    this.kept.delete(name)
    this.leaving.set(name, pbx)
    pbx.end()
    void pbx.ended.then(() => {
      if (this.leaving.get(name) === pbx) this.leaving.delete(name)
    })
  }
}

/** Some names, of which the first stand in a sentence. */
export function namesIn(names: readonly string[]): string {
  const more = names.length - NAMES_TOLD
  return names.slice(0, NAMES_TOLD).join(', ') + (more > 0 ? ` and ${more} more` : '')
}
