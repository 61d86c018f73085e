import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { tickAt } from '../../lib/ami/own-events.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { formatQueueLogLine } from '../../lib/queue-log/record.ts'
import type { Batch } from '../../lib/records/record.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures } from '../support/fixtures.ts'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const messagesOf = (recording: Buffer): AmiMessage[] => {
  const messages: AmiMessage[] = []
  const parser = new AmiParser(
    {},
    (message) => messages.push(message),
    () => {},
  )
  parser.feed(recording)
  parser.end()
  return messages
}

/** The lines that some records give, each with its own time, and in their order. */
function linesOf(records: Batch): string[] {
  const tracking = new Tracking(trackers)
  const out = [...tracking.pass(records), ...tracking.end()]
  return out.flatMap((record) => (record.kind === 'queue_log' ? [formatQueueLogLine(record).trimEnd()] : []))
}

/** The same records with ticks between them wherever time passes. */
function withTicks(messages: readonly AmiMessage[], stepMs: number): Batch {
  let last: number | undefined
  return messages.flatMap((message) => {
    const at = message.timestamp
    const ticks: Batch = []
    if (at !== undefined && last !== undefined) {
      for (let time = last + stepMs; time < at && ticks.length < 200; time += stepMs) ticks.push(tickAt(time))
    }
    last = at ?? last
    return [...ticks, message]
  })
}

describe('whatever falls due between two events is written in the order of its due time over all trackers', () => {
  it('so that a dump without ticks gives the lines of one with ticks, for any recording and any ticks', () => {
    const recordings = allFixtures().map(({ name, amiFile }) => ({ name, messages: messagesOf(readFileSync(amiFile)) }))
    const expected = recordings.map(({ messages }) => linesOf(messages))
    fc.assert(
      fc.property(fc.nat({ max: recordings.length - 1 }), fc.integer({ min: 1, max: 3000 }), (place, stepMs) => {
        const { name, messages = [] } = recordings[place] ?? {}
        assert.deepEqual(linesOf(withTicks(messages, stepMs)), expected[place], `${name}, ticks of ${stepMs} ms`)
      }),
      { numRuns: 150 },
    )
  })

  const ticks = (scene: Scene, from: number, to: number): Scene => {
    for (let time = from; time < to; time += 0.02) scene.at(Number(time.toFixed(3))).event('Tick')
    return scene
  }

  for (const dense of [true, false]) {
    const how = dense ? 'with ticks' : 'without ticks'

    it(`within a tracker, ${how}: the end of a call that enters a queue before a later dial is announced`, async () => {
      const scene = new Scene().at(0).create('PJSIP/1001').dial('PJSIP/1001', 'PJSIP/trunk')
      scene.at(2).answered('PJSIP/1001', 'PJSIP/trunk')
      scene.at(4.7).create('PJSIP/1002').dial('PJSIP/1002', 'PJSIP/trunk2').at(4.8).queueCallerJoin('PJSIP/trunk')
      if (dense) ticks(scene, 4.82, 5.1)
      await assertLines(() => trackingOf('track-outbound'), scene.at(6).event('Tick'), [
        '0|MANAGER|q-outbound|PJSIP/1001|ADDMEMBER|',
        '0|:<PJSIP/1001>|q-outbound|PJSIP/1001|CALLOUTBOUND||5550001',
        '2|:<PJSIP/1001>|q-outbound|PJSIP/1001|CONNECT|2|<PJSIP/trunk>|2',
        '4|:<PJSIP/1001>|q-outbound|PJSIP/1001|COMPLETEAGENT|2|2|1',
        '4|MANAGER|q-outbound|PJSIP/1001|REMOVEMEMBER|',
        '5|MANAGER|q-outbound|PJSIP/1002|ADDMEMBER|',
        '5|:<PJSIP/1002>|q-outbound|PJSIP/1002|CALLOUTBOUND||5550001',
      ])
    })

    it(`across trackers, ${how}: an end of a hold that waited before a later announcement`, async () => {
      const scene = new Scene().at(0).connected('caller', 'PJSIP/1001').at(1).hold('PJSIP/1001')
      scene.at(4.2).hangupRequest('PJSIP/1001').unhold('PJSIP/1001')
      scene.at(4.4).create('PJSIP/1002').dial('PJSIP/1002', 'PJSIP/trunk2')
      scene.at(4.75).create('PJSIP/1003').dial('PJSIP/1003', 'PJSIP/trunk3')
      if (dense) ticks(scene, 4.8, 6)
      const create = (): Tracking => new Tracking(trackers, { outboundthreshold: 600 })
      await assertLines(create, scene.at(7).event('Tick'), [
        '1|<caller>|support|PJSIP/1001|CALLERONHOLD|',
        '5|MANAGER|q-outbound|PJSIP/1002|ADDMEMBER|',
        '5|:<PJSIP/1002>|q-outbound|PJSIP/1002|CALLOUTBOUND||5550001',
        '5|<caller>|support|PJSIP/1001|CALLEROFFHOLD|',
        '5|MANAGER|q-outbound|PJSIP/1003|ADDMEMBER|',
        '5|:<PJSIP/1003>|q-outbound|PJSIP/1003|CALLOUTBOUND||5550001',
      ])
    })
  }

  it('also between two programs of a pipe: the first says what time it was', () => {
    const scene = new Scene().at(0).connected('caller', 'PJSIP/1001').at(1).hold('PJSIP/1001')
    scene.at(4.2).hangupRequest('PJSIP/1001').unhold('PJSIP/1001')
    scene.at(4.75).create('PJSIP/1003').dial('PJSIP/1003', 'PJSIP/trunk3').at(7).event('Tick')
    const outbound = trackers.filter(({ option }) => option === 'outboundcalls')
    const moh = trackers.filter(({ option }) => option === 'moh')
    const [first, second] = [outbound, moh].map(
      (some) => new Tracking(some, { outboundthreshold: 600 }, { isInPipe: true }),
    )
    const out = second?.pass(first?.pass(scene.records) ?? []) ?? []
    const verbs = out.flatMap((record) => (record.kind === 'queue_log' ? [record.event] : []))
    assert.deepEqual(verbs, ['CALLERONHOLD', 'CALLEROFFHOLD', 'ADDMEMBER', 'CALLOUTBOUND'])
  })
})

describe('a server’s clock that was set back by more than 60 s', () => {
  it('takes the lines with it, and what waits then does not wait for the old time to come again', async () => {
    const call = (scene: Scene, at: number, caller: string, agent: string): Scene =>
      scene
        .at(at)
        .connected(caller, agent)
        .at(at + 1)
        .hold(agent)
        .at(at + 3)
        .hangupRequest(agent)
        .unhold(agent)
    const scene = call(call(new Scene(), 86_400, 'one', 'PJSIP/1001').at(86_405).event('Tick'), 10, 'two', 'PJSIP/1002')
    await assertLines(() => trackingOf('track-moh'), scene.at(15).event('Tick'), [
      '86401|<one>|support|PJSIP/1001|CALLERONHOLD|',
      '86403|<one>|support|PJSIP/1001|CALLEROFFHOLD|',
      '11|<two>|support|PJSIP/1002|CALLERONHOLD|',
      '13|<two>|support|PJSIP/1002|CALLEROFFHOLD|',
    ])
  })

  it('by less leaves lines at the time of the line before', async () => {
    const scene = new Scene().at(100).connected('caller', 'PJSIP/1001').at(110).hold('PJSIP/1001').at(90)
    await assertLines(() => trackingOf('track-moh'), scene.unhold('PJSIP/1001'), [
      '110|<caller>|support|PJSIP/1001|CALLERONHOLD|',
      '110|<caller>|support|PJSIP/1001|CALLEROFFHOLD|',
    ])
  })
})
