import { strict as assert } from 'node:assert'
import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { Feed } from '../../lib/live/feed.ts'
import { LiveLines } from '../../lib/live/live-lines.ts'
import { RecordingLog } from '../support/recording-log.ts'

describe('who looks at a PBX on which nothing happens', () => {
  it('is told each 15 s that the daemon is there, and what time it has', (t) => {
    t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'], now: 1_800_000_000_000 })
    const feed = new Feed({ lines: new LiveLines(), log: new RecordingLog(), pbxs: () => [] }, undefined)
    const looker = new PassThrough({ encoding: 'utf8' })
    feed.add(looker as unknown as ServerResponse, [])
    looker.read()
    t.mock.timers.tick(14_999)
    assert.equal(looker.read(), null)
    t.mock.timers.tick(1)
    assert.equal(looker.read(), 'event: alive\ndata: {"now":1800000015000}\n\n')
    t.mock.timers.tick(15_000)
    assert.equal(looker.read(), 'event: alive\ndata: {"now":1800000030000}\n\n')
    feed.end()
    assert.ok(looker.destroyed)
  })
})
