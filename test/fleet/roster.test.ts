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

describe('the share of a member', () => {
  it('is all PBXs where it is alone, and nothing that is not there any more', () => {
    const share = new Share('a')
    assert.deepEqual([...share.of(['north', 'south'], ['a'], 0)], ['north', 'south'])
    assert.deepEqual([...share.of(['south'], ['a'], 0)], ['south'])
  })

  it('has a PBX that others follow from now on for 8 s more, and is its own again where they go', () => {
    const share = new Share('a')
    const pbxs = Array.from({ length: 20 }, (_, n) => `pbx-${n}`)
    share.of(pbxs, ['a'], 0)
    assert.equal(share.of(pbxs, ['a', 'b', 'c'], 1000).size, 20)
    assert.equal(share.of(pbxs, ['a', 'b', 'c'], 8900).size, 20)
    const own = share.of(pbxs, ['a', 'b', 'c'], 9100)
    assert.ok(own.size > 0 && own.size < 20, `it follows ${own.size}`)
    assert.equal(share.of(pbxs, ['a', 'b'], 9200).size, 20)
    assert.deepEqual([...share.of(pbxs, ['a', 'b', 'c'], 9300)].sort(), pbxs.toSorted())
    assert.equal(share.of(pbxs, ['a', 'b', 'c'], 17_400).size, own.size)
  })
})
