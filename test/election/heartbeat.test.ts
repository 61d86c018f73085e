import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Election } from '../../lib/election/election.ts'
import { Heartbeat } from '../../lib/election/heartbeat.ts'
import { HandmadeLink } from '../support/handmade-link.ts'
import { OwnClock } from '../support/own-clock.ts'
import { RecordingLog } from '../support/recording-log.ts'

const beat = (role: string): string =>
  `Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: AmiTrack\r\nTracker: other\r\nRole: ${role}\r\nNumber: 1\r\nPlace: b`

describe('a tracker that stood by as the connection was lost', () => {
  let clock: OwnClock
  let link: HandmadeLink
  beforeEach(() => {
    clock = new OwnClock()
  })
  afterEach(() => {
    clock.release()
    link.down()
  })

  it('knows that a server which was started since then has told nobody anything; it says so in whole seconds', () => {
    for (const [startedMs, role] of [
      [5000, 'listening'],
      [1, 'listening'],
      // It may have been started up to a second later than it says.
      [-999, 'listening'],
      [-1000, 'standby'],
      [-60_000, 'standby'],
    ] as const) {
      link = new HandmadeLink()
      const heartbeat = new Heartbeat(link, { login: 'tracker', log: new RecordingLog() })
      link.up()
      link.hear(beat('active'), 1_800_000_000_000)
      assert.equal(heartbeat.role, 'standby')
      clock.now += 1000
      link.down()
      link.serverStartedAt = clock.now + startedMs
      clock.now += 10_000
      link.up()
      link.hear(beat('standby'), 1_800_000_020_000)
      const found = heartbeat.role
      link.down()
      assert.equal(found, role, `started ${startedMs} ms after the loss`)
    }
  })
})

describe('a tracker that is told nothing by a server', () => {
  const rolesAt = (...times: number[]): string[] => {
    const election = new Election('self')
    election.connected(0)
    return times.map((now) => {
      election.due(now)
      return election.role
    })
  }
  const upTo = (end: number, from = 0): number[] => Array.from({ length: (end - from) / 500 }, (_, n) => from + n * 500)

  it('writes after 10 s', () => {
    assert.deepEqual(rolesAt(...upTo(10_000), 9999, 10_000).slice(-2), ['listening', 'active'])
  })

  it('has to wait them anew once it has woken up from a sleep: it has not read yet what came meanwhile', () => {
    assert.deepEqual(rolesAt(0, 30_000, ...upTo(39_500, 30_500), 39_999, 40_000).slice(-2), ['listening', 'active'])
    assert.equal(rolesAt(0, 30_000)[1], 'listening')
  })
})
