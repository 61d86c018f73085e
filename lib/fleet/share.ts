import { followersOf } from './ranking.ts'

/** A PBX that others follow from now on is followed for so long, in ms: until then they are connected, and have its lists. */
const HANDOVER_MS = 8000

/** What one member of a fleet follows of all PBXs. */
export class Share {
  private readonly member: string
  /** What it follows, each with when that is over: undefined while it is its own. */
  private readonly followed = new Map<string, number | undefined>()

  constructor(member: string) {
    this.member = member
  }

  /**
   * @param pbxs all that there are
   * @param members who is there
   * @param atMs by a clock that only goes on
   * @returns the names of those that it follows now
   */
  of(pbxs: Iterable<string>, members: readonly string[], atMs: number): ReadonlySet<string> {
    const all = new Set(pbxs)
    for (const name of [...this.followed.keys()]) if (!all.has(name)) this.followed.delete(name)
    for (const name of all) {
      if (followersOf(name, members).includes(this.member)) this.followed.set(name, undefined)
      else if (this.followed.has(name)) this.handOver(name, atMs)
    }
    return new Set(this.followed.keys())
  }

  private handOver(name: string, atMs: number): void {
    const until = this.followed.get(name) ?? atMs + HANDOVER_MS
    if (until <= atMs) this.followed.delete(name)
    else this.followed.set(name, until)
  }
}
