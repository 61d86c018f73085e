import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { Roster } from '../../lib/fleet/roster.ts'
import { Share } from '../../lib/fleet/share.ts'

describe('the members of a fleet', () => {
  it('are those that are seen; one is gone that is missing for 1.2 s of looks', () => {
    const roster = new Roster()
    assert.equal(roster.see(['b', 'a'], 0), true)
    assert.deepEqual(roster.members, ['a', 'b'])
    assert.equal(roster.see(['a'], 400), false)
    assert.equal(roster.see(['a'], 1200), false)
    assert.equal(roster.see(['a'], 1600), true)
    assert.deepEqual(roster.members, ['a'])
  })

  it('are all there again after the bus was away, however they come back', () => {
    const roster = new Roster()
    roster.see(['a', 'b', 'c'], 0)
    // The bus says nothing for a minute; then all entries have passed away.
    assert.equal(roster.see(['a'], 60_000), false)
    assert.equal(roster.see(['a', 'c'], 60_400), false)
    assert.equal(roster.see(['a', 'b', 'c'], 60_800), false)
    assert.deepEqual(roster.members, ['a', 'b', 'c'])
  })
})

const pbxsOf = (...names: string[]): Map<string, string> => new Map(names.map((name) => [name, '']))
const twenty = Array.from({ length: 20 }, (_, n) => `pbx-${n}`)

describe('the share of a member', () => {
  it('is all PBXs where it is alone, and nothing that is not there any more', () => {
    const share = new Share('a')
    assert.deepEqual([...share.of(pbxsOf('north', 'south'), ['a'], 0)], ['north', 'south'])
    assert.deepEqual([...share.of(pbxsOf('south'), ['a'], 0)], ['south'])
  })

  it('has a PBX that others follow from now on for 8 s more, and is its own again where they go', () => {
    const share = new Share('a')
    const pbxs = pbxsOf(...twenty)
    share.of(pbxs, ['a'], 0)
    assert.equal(share.of(pbxs, ['a', 'b', 'c'], 1000).size, 20)
    assert.equal(share.of(pbxs, ['a', 'b', 'c'], 8900).size, 20)
    const own = share.of(pbxs, ['a', 'b', 'c'], 9100)
    assert.ok(own.size > 0 && own.size < 20, `it follows ${own.size}`)
    assert.equal(share.of(pbxs, ['a', 'b'], 9200).size, 20)
    assert.deepEqual([...share.of(pbxs, ['a', 'b', 'c'], 9300)].sort(), twenty.toSorted())
    assert.equal(share.of(pbxs, ['a', 'b', 'c'], 17_400).size, own.size)
  })

  it('is ranked anew where PBXs or members change, and in no other beat', () => {
    let rankings = 0
    class Counting extends Map<string, string> {
      override keys(): MapIterator<string> {
        rankings++
        return super.keys()
      }
    }
    const share = new Share('a')
    const pbxs = new Counting(pbxsOf(...twenty))
    const own = share.of(pbxs, ['a', 'b', 'c'], 0)
    for (let at = 400; at < 20_000; at += 400) assert.equal(share.of(pbxs, ['a', 'b', 'c'], at), own)
    assert.equal(rankings, 1)
    share.of(pbxs, ['a', 'b'], 20_000)
    share.of(new Counting(pbxs), ['a', 'b'], 20_400)
    assert.equal(rankings, 3)
  })

  it('of 5,000 PBXs among 20 members has about as many for each, and every PBX is that of two', () => {
    const pbxs = pbxsOf(...Array.from({ length: 5000 }, (_, n) => `pbx-${n}`))
    const members = Array.from({ length: 20 }, (_, n) => `member-${n}`)
    const counts = members.map((member) => new Share(member).of(pbxs, members, 0).size)
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      10_000,
    )
    for (const count of counts) assert.ok(count > 400 && count < 600, String(counts))
  })
})
