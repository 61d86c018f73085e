import { Ranking } from './ranking.ts'

/** A PBX that others follow from now on is followed for so long, in ms: until then they are connected, and have its lists. */
const HANDOVER_MS = 8000

/** What one member of a fleet follows of all PBXs. */
export class Share {
  private readonly member: string
  private pbxs: ReadonlyMap<string, unknown> = new Map()
  private members: readonly string[] = []
  /** Those of which it is one of the followers. */
  private readonly own = new Set<string>()
  /** Those that others follow from now on, each with when it stops to follow it: by the clock of {@link of}. */
  private readonly handedOver = new Map<string, number>()
  private followed: ReadonlySet<string> = new Set()

  /** @param member its name */
  constructor(member: string) {
    this.member = member
  }

  /**
   * What does not change is not ranked anew: this is asked in each beat.
   *
   * @param pbxs all that there are; another map if they are others
   * @param members who is there
   * @param atMs by a clock that only goes on
   * @returns the names of those that it follows now: the same set as before if they are the same
   */
  of(pbxs: ReadonlyMap<string, unknown>, members: readonly string[], atMs: number): ReadonlySet<string> {
    const isChanged = pbxs !== this.pbxs || members.join('\n') !== this.members.join('\n')
    const over = [...this.handedOver].filter(([, until]) => until <= atMs)
    if (!isChanged && over.length === 0) return this.followed
    for (const [name] of over) this.handedOver.delete(name)
    if (isChanged) this.rank(pbxs, members, atMs)
    const followed = new Set([...this.own, ...this.handedOver.keys()])
    if (!isSame(followed, this.followed)) this.followed = followed
    return this.followed
  }

  private rank(pbxs: ReadonlyMap<string, unknown>, members: readonly string[], atMs: number): void {
    this.pbxs = pbxs
    this.members = members
    const ranking = new Ranking(members)
    for (const names of [this.own, this.handedOver]) {
      for (const name of names.keys()) if (!pbxs.has(name)) names.delete(name)
    }
    for (const name of pbxs.keys()) {
      if (ranking.followersOf(name).includes(this.member)) {
        this.own.add(name)
        this.handedOver.delete(name)
      } else if (this.own.delete(name)) this.handedOver.set(name, atMs + HANDOVER_MS)
    }
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((name) => other.has(name))
}
