import { createHash } from 'node:crypto'

/** So many members follow a PBX: one writes, the other stands by. */
const FOLLOWERS = 2

/**
 * The members that follow a PBX: those that rendezvous hashing ranks first. Each member comes to the same answer by itself;
 * when one comes or goes, only the PBXs move that it follows.
 */
export function followersOf(pbx: string, members: readonly string[]): readonly string[] {
  const ranked = members.map((member) => ({ member, rank: rankOf(pbx, member) }))
  // Two equal ranks have two equal names.
  ranked.sort((one, other) => (one.rank < other.rank ? 1 : -1))
  return ranked.slice(0, FOLLOWERS).map(({ member }) => member)
}

function rankOf(pbx: string, member: string): string {
  return createHash('sha256').update(`${member}\n${pbx}`).digest('hex')
}
