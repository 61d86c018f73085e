import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatTimestamp } from '../../lib/ami/timestamp.ts'
import { ArrivalClock } from '../../lib/connection/arrival-clock.ts'
import { BackOff } from '../../lib/connection/back-off.ts'
import { Stamper, tickMessage } from '../../lib/connection/stamping.ts'
import { parse } from '../support/parsing.ts'

/** A clock of which a test moves the hands: ours is an hour ahead of the server's. */
function clocks(): { clock: ArrivalClock; pass: (ms: number) => void; wall: () => number } {
  let steady = 0
  const wall = (): number => 1_800_003_600_000 + steady
  const pass = (ms: number): void => {
    steady += ms
  }
  return { clock: new ArrivalClock(wall, () => steady), pass, wall }
}

const STAMP = 1_800_000_000_000

describe('the clock of a connection', () => {
  it('is that of the server where it stamps its events, a little behind, as other threads stamp them', () => {
    const { clock, pass } = clocks()
    clock.stamped(STAMP)
    pass(30)
    assert.equal(clock.tick(clock.now()), STAMP + 20)
    assert.equal(clock.tick(clock.now()), undefined)
  })

  it('has come as far as the last event, whatever comes after', () => {
    const { clock, pass } = clocks()
    clock.stamped(STAMP)
    pass(5)
    assert.equal(clock.tick(clock.now()), STAMP)
    clock.stamped(STAMP + 3)
    assert.equal(clock.tick(clock.now()), STAMP + 3)
  })

  it('is that of this machine where the server does not stamp its events', () => {
    const { clock, pass, wall } = clocks()
    assert.equal(clock.arrived(), wall())
    pass(20)
    assert.equal(clock.tick(clock.now()), wall())
  })

  it('knows of an event that it comes late, whatever the time of this machine is', () => {
    const { clock, pass } = clocks()
    assert.equal(clock.isBehind, false)
    clock.stamped(STAMP)
    pass(1000)
    clock.stamped(STAMP + 900)
    assert.equal(clock.isBehind, false)
    pass(1000)
    clock.stamped(STAMP + 901)
    assert.equal(clock.isBehind, true)
    clock.stamped(STAMP + 1990)
    assert.equal(clock.isBehind, false)
  })

  it('takes events for late for a minute at most where the clock of the server was set back', () => {
    const { clock, pass } = clocks()
    clock.stamped(STAMP)
    for (let second = 1; second <= 62; second++) {
      pass(1000)
      clock.stamped(STAMP + second * 1000 - 5000)
      if (second === 1) assert.equal(clock.isBehind, true)
    }
    assert.equal(clock.isBehind, false)
    pass(1000)
    clock.stamped(STAMP + 60_000)
    clock.reset()
    assert.equal(clock.isBehind, false)
  })

  it('says nothing before the first event, of a new session too', () => {
    const { clock } = clocks()
    assert.equal(clock.tick(clock.now()), undefined)
    clock.stamped(STAMP)
    clock.reset()
    assert.equal(clock.tick(clock.now()), undefined)
  })

  it('follows a server whose clock is set', () => {
    const { clock, pass } = clocks()
    clock.stamped(STAMP)
    pass(1000)
    clock.stamped(STAMP - 500_000)
    pass(100)
    assert.equal(clock.tick(clock.now()), STAMP - 500_000 + 90)
  })

  it('gives stamps that are read back as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (microseconds) => {
        const text = formatTimestamp(microseconds / 1000)
        assert.equal(Number(text.replace('.', '')), microseconds)
        assert.match(text, /^\d+\.\d{6}$/)
      }),
    )
  })
})

/** A message as it goes on. */
function stamp(message: Buffer): Buffer {
  const stamper = new Stamper(clocks().clock)
  stamper.add(message, 0, message.length)
  return stamper.take()
}

describe('a message that is stamped', () => {
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z()]{0,9}$/).filter((text) => !/^(event|timestamp)$/i.test(text))
  const value = fc.stringMatching(/^[ -~\n]{0,20}$/)
  const event = fc.record({ hasPrivilege: fc.boolean(), headers: fc.array(fc.tuple(name, value), { maxLength: 5 }) })

  it('has one Timestamp, all that it had before, and another one added by nobody', () => {
    fc.assert(
      fc.property(event, ({ hasPrivilege, headers }) => {
        const privilege = hasPrivilege ? [['Privilege', 'call,all']] : []
        const lines = [['Event', 'Hold'], ...privilege, ...headers].map(([header, text]) => `${header}: ${text}`)
        const before = Buffer.from(lines.join('\r\n'))
        const once = stamp(before)
        assert.equal(once.toString().replace(/Timestamp: 1800003600\.000000\r\n/, ''), `${before}\r\n\r\n`)
        assert.equal(stamp(once.subarray(0, -4)).toString(), once.toString())
        const { reports, lines: parsed } = parse([once])
        assert.deepEqual(reports, [])
        assert.equal(JSON.parse(parsed[0] ?? '').Timestamp, '1800003600.000000')
      }),
    )
  })

  it('keeps a header Timestamp that is not of Asterisk behind its own, and the clock knows nothing of it', () => {
    const event = Buffer.from('Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: x\r\nTimestamp: 12345')
    assert.equal(
      stamp(event).toString(),
      'Event: UserEvent\r\nPrivilege: user,all\r\nTimestamp: 1800003600.000000\r\nUserEvent: x\r\nTimestamp: 12345\r\n\r\n',
    )
  })

  it('is left as it is if it is no event', () => {
    const response = Buffer.from('Response: Success\r\nMessage: fine')
    assert.equal(stamp(response).toString(), `${response}\r\n\r\n`)
  })

  it('is an event for every reader where it is a tick', () => {
    const { lines, reports } = parse([tickMessage(STAMP)])
    assert.deepEqual(reports, [])
    assert.deepEqual(JSON.parse(lines[0] ?? ''), { Event: 'Tick', Privilege: '', Timestamp: '1800000000.000000' })
  })
})

describe('the time until the next try', () => {
  it('doubles from half a second to half a minute, by chance between the half and the whole of that', () => {
    for (const [random, expected] of [
      [() => 0, [500, 1000, 2000, 4000, 8000, 15_000, 15_000]],
      [() => 1, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]],
    ] as const) {
      const backOff = new BackOff(random)
      assert.deepEqual(
        expected.map(() => backOff.next()),
        expected,
      )
    }
  })

  it('is a short one again after a session that lasted, but not after one that was cut soon', () => {
    const backOff = new BackOff(() => 0)
    for (let n = 0; n < 3; n++) backOff.next()
    backOff.sessionEnded(29_000)
    assert.equal(backOff.next(), 4000)
    backOff.sessionEnded(30_000)
    assert.equal(backOff.next(), 500)
  })
})
