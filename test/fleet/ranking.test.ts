import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Ranking } from '../../lib/fleet/ranking.ts'

const pbxs = Array.from({ length: 300 }, (_, n) => `pbx-${n}`)
const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 8 })

const followersOf = (pbx: string, members: readonly string[]): readonly string[] =>
  new Ranking(members).followersOf(pbx)

describe('the members that follow a PBX', () => {
  it('are two different ones, or the only one, whatever the order in which members are named', () => {
    fc.assert(
      fc.property(names, fc.string(), (members, pbx) => {
        const followers = followersOf(pbx, members)
        assert.equal(followers.length, Math.min(2, members.length))
        assert.equal(new Set(followers).size, followers.length)
        assert.deepEqual(followersOf(pbx, members.toReversed()), followers)
      }),
    )
  })

  it('change only where one of them goes', () => {
    fc.assert(
      fc.property(names, fc.string(), (members, pbx) => {
        const before = followersOf(pbx, members)
        for (const gone of members) {
          const after = followersOf(
            pbx,
            members.filter((member) => member !== gone),
          )
          if (!before.includes(gone)) assert.deepEqual(after, before)
          else for (const stays of before) if (stays !== gone) assert.ok(after.includes(stays))
        }
      }),
    )
  })

  it('have about as many PBXs each', () => {
    const counts = new Map<string, number>()
    for (const pbx of pbxs) {
      for (const member of followersOf(pbx, ['a', 'b', 'c'])) counts.set(member, (counts.get(member) ?? 0) + 1)
    }
    for (const [member, count] of counts) assert.ok(count > 150 && count < 250, `${member} follows ${count} of 300`)
  })
})
