import { strict as assert } from 'node:assert'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { LastSeen } from '../../lib/fleet/last-seen.ts'
import { folderOfEachTest } from '../support/each-test.ts'

const SEEN = {
  settings: { defaults: 'AMIUSER=tracker\n', pbxs: new Map([['north', 'AMIHOST=192.0.2.1\n']]), misnamed: [] },
  members: ['a', 'b'],
}

describe('what a member has seen last of its fleet', () => {
  const file = folderOfEachTest('last-seen')

  it('is what the next process finds, of the same bus; nobody else may read it', () => {
    new LastSeen(file('@fleet'), 'PBXS').keep(SEEN)
    assert.deepEqual(new LastSeen(file('@fleet'), 'PBXS').read(), SEEN)
    assert.equal(new LastSeen(file('@fleet'), 'OTHERS').read(), undefined)
    assert.equal(statSync(file('@fleet')).mode & 0o777, 0o600)
  })

  it('is nothing where no file is there, or one is damaged', () => {
    assert.equal(new LastSeen(file('@fleet'), 'PBXS').read(), undefined)
    new LastSeen(file('@fleet'), 'PBXS').keep(SEEN)
    const text = readFileSync(file('@fleet'), 'utf8')
    for (const damaged of [
      text.slice(0, -9),
      text.replace('["a","b"]', '[1]'),
      text.replace('"AMIHOST', '{"x":"'),
      '{}',
    ]) {
      writeFileSync(file('@fleet'), damaged)
      assert.equal(new LastSeen(file('@fleet'), 'PBXS').read(), undefined, damaged)
    }
  })

  it('leaves a file that another program has made', () => {
    writeFileSync(file('@fleet'), 'mine\n')
    assert.throws(() => new LastSeen(file('@fleet'), 'PBXS').keep(SEEN), /is not a file of ami-track/)
    assert.equal(readFileSync(file('@fleet'), 'utf8'), 'mine\n')
  })
})
