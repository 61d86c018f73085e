import { createHash } from 'node:crypto'

/** So many members follow a PBX: one writes, the other stands by. */
const FOLLOWERS = 2

/**
 * Which members follow a PBX: those that rendezvous hashing ranks first. Each member comes to the same answer by itself;
 * when one comes or goes, only the PBXs move that it follows.
 *
 * A name is hashed once, not with each name of the other kind: a member of twenty with 5,000 PBXs had 100,000 digests to make.
 */
export class Ranking {
  private readonly members: readonly { readonly name: string; readonly hash: number }[]

  /** @param members their names, in any order */
  constructor(members: readonly string[]) {
    this.members = members.map((name) => ({ name, hash: hashOf(name) }))
  }

  followersOf(pbx: string): readonly string[] {
    const hash = hashOf(pbx)
    const first: Ranked[] = []
    for (const { name, hash: ofMember } of this.members) {
      const rank = mixed(hash ^ ofMember)
      let at = first.length
      while (at > 0 && isBefore(rank, name, first[at - 1] as Ranked)) at--
      if (at === FOLLOWERS) continue
      first.splice(at, 0, { name, rank })
      if (first.length > FOLLOWERS) first.pop()
    }
    return first.map(({ name }) => name)
  }
}

interface Ranked {
  readonly name: string
  readonly rank: number
}

function isBefore(rank: number, name: string, other: Ranked): boolean {
  return rank === other.rank ? name < other.name : rank > other.rank
}

/** 32 bits of a name. */
function hashOf(name: string): number {
  return createHash('sha256').update(name).digest().readInt32LE(0)
}

/** Another number for each number: each bit of it depends on all bits (the finalizer of MurmurHash3, 32 bits). */
function mixed(number: number): number {
  let bits = number
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
