import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { Role } from '../../lib/election/beat.ts'
import { Election, GRACE_MS } from '../../lib/election/election.ts'
import { Heartbeat } from '../../lib/election/heartbeat.ts'
import { HandmadeLink } from '../support/handmade-link.ts'
import { OwnClock } from '../support/own-clock.ts'
import { RecordingLog } from '../support/recording-log.ts'

const STARTED = 1_800_000_000_000

/** A tracker that has written since 0, and reads all of its beats a millisecond after it sent them. */
class LoneTracker {
  readonly election = new Election('self', STARTED - 10)
  now = 0
  readonly sentAt: number[] = []

  constructor() {
    this.election.connected(0)
  }

  /** The times at which it gives a beat up to a time, in steps of 100 ms. */
  beatsUntil(end: number): number[] {
    this.sentAt.length = 0
    for (; this.now < end; this.now += 100) this.step()
    return [...this.sentAt]
  }

  step(): void {
    for (let beat = this.election.due(this.now); beat !== undefined; beat = this.election.due(this.now)) {
      this.sentAt.push(this.now)
      this.election.heard({ ...beat, place: '' }, this.now + 1, STARTED + this.now)
    }
  }

  ownerNow(): string {
    return this.election.ownerOf(STARTED + this.now, this.now)
  }

  hear(role: Role): void {
    this.election.heard({ tracker: 'other', role, number: 1, place: '' }, this.now, STARTED + this.now)
  }
}

const steps = (times: readonly number[]): number[] => times.slice(1).map((time, n) => time - (times[n] as number))

describe('a tracker that is alone on a server', () => {
  let tracker: LoneTracker
  beforeEach(() => {
    tracker = new LoneTracker()
    tracker.beatsUntil(1000)
    assert.equal(tracker.election.role, 'active')
    assert.equal(tracker.ownerNow(), 'ours')
  })

  it('gives a beat every 0.4 s until it has had no line to write for 5 s, then every 30 s', () => {
    assert.deepEqual(new Set(steps(tracker.beatsUntil(5000))), new Set([400]))
    tracker.beatsUntil(6500)
    assert.deepEqual(new Set(steps(tracker.beatsUntil(200_000))), new Set([30_000]))
  })

  it('proves by a beat at once that a line is its own, and gives them every 0.4 s again', () => {
    tracker.beatsUntil(20_000)
    assert.equal(tracker.ownerNow(), 'undecided')
    tracker.step()
    assert.equal(tracker.ownerNow(), 'ours')
    assert.deepEqual(new Set(steps(tracker.beatsUntil(24_000))), new Set([400]))
  })

  it('answers who comes at once, and gives beats every 0.4 s as long as that one is there', () => {
    tracker.beatsUntil(20_000)
    tracker.hear('listening')
    assert.deepEqual(tracker.beatsUntil(20_100), [20_000])
    for (; tracker.now < 40_000; ) {
      tracker.hear('standby')
      assert.ok(tracker.beatsUntil(tracker.now + 500).length > 0)
    }
    tracker.beatsUntil(46_000)
    assert.deepEqual(new Set(steps(tracker.beatsUntil(200_000))), new Set([30_000]))
  })

  it('gives way to a claim that was made while it could not answer', () => {
    tracker.beatsUntil(20_000)
    tracker.now += GRACE_MS
    tracker.hear('claiming')
    assert.equal(tracker.election.role, 'listening')
  })
})

describe('the heartbeat of a tracker at rest', () => {
  let clock: OwnClock
  let link: HandmadeLink
  beforeEach(() => {
    clock = new OwnClock()
    link = new HandmadeLink()
  })
  afterEach(() => {
    clock.release()
    link.down()
  })

  it('sends a beat as soon as it is asked whose a line is, and tells when that is known', async () => {
    const heartbeat = new Heartbeat(link, { login: 'tracker', log: new RecordingLog() })
    const hearAgain = (): void => {
      for (const sent of link.beats.splice(0)) link.hear(sent, STARTED + clock.now)
    }
    link.up()
    for (let n = 0; n < 200; n++) {
      clock.now += 100
      if (heartbeat.dueAt <= clock.now) heartbeat.step()
      hearAgain()
    }
    assert.equal(heartbeat.role, 'active')
    clock.now += 2000
    let changes = 0
    heartbeat.onChange(() => changes++)
    const owner = (): string => heartbeat.ownerOf(STARTED + clock.now, clock.now)
    assert.deepEqual([owner(), owner(), link.beats.length], ['undecided', 'undecided', 0])
    await undefined
    assert.equal(link.beats.length, 1, 'one beat, however often it was asked')
    changes = 0
    hearAgain()
    assert.equal(owner(), 'ours')
    assert.ok(changes > 0)
  })
})
