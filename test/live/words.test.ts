import { strict as assert } from 'node:assert'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { clockTime as clockOfTerminal } from '../../lib/look/words.ts'
import { length as lengthOfTerminal } from '../../lib/text/length.ts'
import { root } from '../support/package.ts'

const page = await import(pathToFileURL(join(root, 'live-page/words.js')).href)

describe('the page of the open calls', () => {
  it('says times and lengths as ami-track top does', () => {
    for (const ms of [-5, 0, 999, 1000, 59_999, 60_000, 3_599_000, 3_600_000, 360_000_000]) {
      assert.equal(page.length(ms), lengthOfTerminal(ms), String(ms))
    }
    for (const at of [0, 1_795_373_416_205, 1_803_000_000_000]) assert.equal(page.clockTime(at), clockOfTerminal(at))
  })

  it('names a lot without the prefix of its queue, and one thing in the singular', () => {
    assert.equal(page.lotOf('pk-default'), 'default')
    assert.equal(page.lotOf('sales'), 'sales')
    assert.equal(page.counted(1, 'call'), '1 call')
    assert.equal(page.counted(2, 'call'), '2 calls')
  })
})
