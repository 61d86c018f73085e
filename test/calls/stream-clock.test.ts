import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { HeaderMessage } from '../../lib/ami/message.ts'
import { StreamClock } from '../../lib/calls/stream-clock.ts'

const message = (headers: Record<string, string>): HeaderMessage => new HeaderMessage(new Map(Object.entries(headers)))

describe('the clock of a stream', () => {
  it('is the greatest Timestamp seen, while each event keeps its own', () => {
    const clock = new StreamClock()
    assert.equal(clock.observe(message({ Event: 'A', Timestamp: '1795373360.635933' })), 1795373360635.933)
    assert.equal(clock.observe(message({ Event: 'B', Timestamp: '1795373360.634000' })), 1795373360634)
    assert.equal(clock.now, 1795373360635.933)
  })

  it('goes on where the server’s clock is set back, while each event keeps its own time', () => {
    const clock = new StreamClock()
    clock.observe(message({ Event: 'A', Timestamp: '5000.0' }))
    assert.equal(clock.observe(message({ Event: 'B', Timestamp: '1400.0' })), 1400_000)
    assert.equal(clock.now, 5000_000)
    clock.observe(message({ Event: 'C', Timestamp: '1400.25' }))
    assert.equal(clock.now, 5000_250)
  })

  it('tells two stamps that are 300 ms apart to be just that, whatever their microseconds', () => {
    for (let microseconds = 0; microseconds < 700_000; microseconds += 997) {
      const clock = new StreamClock()
      const at = (us: number): number =>
        clock.observe(message({ Event: 'A', Timestamp: `1795373360.${String(us).padStart(6, '0')}` }))
      assert.equal(at(microseconds + 300_000) - at(microseconds), 300, `${microseconds} µs`)
    }
  })

  it('gives an event without a Timestamp, and one whose Timestamp is none, the time of the event before', () => {
    const clock = new StreamClock()
    clock.observe(message({ Event: 'A', Timestamp: '5.5' }))
    assert.equal(clock.observe(message({ Event: 'B' })), 5500)
    for (const none of ['', 'x', '-1', '1e9', '5.5.5', '99999999999999999999']) {
      assert.equal(clock.observe(message({ Event: 'B', Timestamp: none })), 5500, none)
    }
  })

  it('is moved by the Uniqueids of new channels in a stream without Timestamps, with a systemname too', () => {
    const clock = new StreamClock()
    assert.equal(clock.observe(message({ Event: 'Newchannel', Uniqueid: '1795373360.2' })), 1795373360000)
    assert.equal(clock.observe(message({ Event: 'Hold', Uniqueid: '1795373365.3' })), 1795373360000)
    assert.equal(clock.observe(message({ Event: 'Newchannel', Uniqueid: 'pbx-1-1795373361.9' })), 1795373361000)
    assert.equal(clock.observe(message({ Event: 'Newchannel', Uniqueid: '1795373350.4' })), 1795373361000)
    assert.equal(clock.observe(message({ Event: 'Newchannel', Uniqueid: 'chosen-by-a-client' })), 1795373361000)
  })

  it('is not moved by Uniqueids once there was a Timestamp, nor by responses', () => {
    const clock = new StreamClock()
    clock.observe(message({ Event: 'A', Timestamp: '5.0' }))
    clock.observe(message({ Event: 'Newchannel', Uniqueid: '1795373360.2' }))
    clock.observe(message({ Response: 'Success', Timestamp: '9.0' }))
    assert.equal(clock.now, 5000)
  })
})
