import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { HeaderMessage } from '../../lib/ami/message.ts'
import type { StageRecord } from '../../lib/records/record.ts'
import { State } from '../../lib/state/state.ts'
import type { OpenCall } from '../../lib/trackers/tracker.ts'
import { folderOfEachTest } from '../support/each-test.ts'
import { RecordingLog } from '../support/recording-log.ts'
import { Scene, T0 } from '../support/scene.ts'
import { TrackingRun } from './busy-pbx.ts'

/** Nothing is compacted in these tests but by their own `tidy`. */
const UNTIDIED = { tidyMs: 1e6 }
const NEVER_SETTLED = 1000

/** An answer of the server to CoreStatus. */
const started = (date: string): StageRecord =>
  new HeaderMessage(
    new Map([
      ['Response', 'Success'],
      ['CoreStartupDate', date],
      ['CoreStartupTime', '08:00:00'],
    ]),
  )

const callOver = (scene: Scene, caller: string, agent: string): Scene =>
  scene.agentComplete(caller, agent).leave('queue', agent).leave('queue', caller).hangup(caller, agent)

describe('a state', () => {
  const file = folderOfEachTest('state')
  const run = (settledAfter = NEVER_SETTLED, log = new RecordingLog()): Promise<TrackingRun> =>
    TrackingRun.start(file('state'), settledAfter, { ...UNTIDIED, log })
  const again = (): State => State.open(file('state'), new RecordingLog(), UNTIDIED)
  const eventsIn = (state: State): string[] => state.events.map((message) => message.event)

  it('keeps what trackers read, and when the server started; no other answer, no item of a list, nothing else', async () => {
    const scene = new Scene().at(0).create('PJSIP/1001').event('VarSet', { Variable: 'x' })
    scene.parking('ParkedCall', 'parkee', { ActionID: 'ami-track-1' }).event('Shutdown', { Shutdown: 'Cleanly' })
    const { state, feed } = await run()
    await feed([...scene.records, started('2027-01-15'), new HeaderMessage(new Map([['Response', 'Success']]))])
    state.close()
    const reopened = again()
    assert.deepEqual(eventsIn(reopened), ['Newchannel', 'Shutdown', ''])
    assert.equal(reopened.events[2]?.get('CoreStartupDate'), '2027-01-15')
    reopened.close()
  })

  it('keeps Shutdown, and of the starts of the server the last, through a compaction that leaves no call', async () => {
    const scene = new Scene().at(0).create('PJSIP/1001').event('Shutdown', { Shutdown: 'Cleanly' }).at(60)
    const { state, feed } = await run()
    await feed([started('2027-01-14'), started('2027-01-15'), ...scene.event('Tick').records])
    assert.equal(await state.tidy(), true)
    state.close()
    const reopened = again()
    assert.deepEqual(eventsIn(reopened), ['', 'Shutdown', 'Tick'])
    assert.equal(reopened.events[0]?.get('CoreStartupDate'), '2027-01-15')
    reopened.close()
  })

  it('knows after a compaction which lines wait, which are on their way, which were settled, and their numbers', async () => {
    const scene = new Scene().at(0).connected('caller', 'PJSIP/1001').at(1).hold('PJSIP/1001').at(2)
    scene.unhold('PJSIP/1001').at(3).hold('PJSIP/1001').at(4)
    const { state, feed, lines } = await run()
    await feed(callOver(scene, 'caller', 'PJSIP/1001').at(60).event('Tick').records)
    const [first, second, third] = lines
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    for (const line of [first, second]) state.markSent(line)
    state.markSettled(first)
    const before = state.bytes
    assert.equal(await state.tidy(), true)
    assert.ok(state.bytes < before)
    state.close()
    const reopened = again()
    assert.deepEqual(eventsIn(reopened), ['Tick'])
    assert.equal(reopened.accountedEvents, 1, 'its lines are known: they are not written anew')
    assert.deepEqual(
      reopened.unsettled.map(({ number, time, event }) => [number, time, event]),
      [
        [1, T0 + 2, 'CALLEROFFHOLD'],
        [2, T0 + 3, 'CALLERONHOLD'],
      ],
    )
    assert.deepEqual(
      [second, third].map((line) => reopened.wasSent(line)),
      [true, false],
    )
    assert.deepEqual(
      reopened.settled.map(({ number, event }) => [number, event]),
      [[0, 'CALLERONHOLD']],
    )
    assert.equal(reopened.lastTime, T0 + 3)
    assert.deepEqual(
      reopened.keepLines([first]).map(({ number }) => number),
      [3],
    )
    reopened.close()
  })

  it('has the time of the last line after a compaction that left no line, so that lines never run backwards', async () => {
    const scene = new Scene().at(0).connected('caller', 'PJSIP/1001').at(1).hold('PJSIP/1001').at(2)
    const { state, feed } = await run(0)
    await feed(callOver(scene, 'caller', 'PJSIP/1001').at(60).event('Tick').records)
    assert.equal(await state.tidy(), true)
    state.close()
    const reopened = again()
    assert.equal(reopened.unsettled.length, 0)
    assert.equal(reopened.lastTime, T0 + 1)
    reopened.close()
  })

  it('is not compacted where what is left gives other open calls: a long journal is better than a wrong one', async () => {
    const log = new RecordingLog()
    const state = State.open(file('state'), log, UNTIDIED)
    const call: OpenCall = {
      callid: '1.1',
      queuename: 'q',
      agent: 'a',
      number: '',
      space: '',
      state: 'connected',
      since: 1,
    }
    const replayed = { pass: () => {}, openCalls: () => [[call], []] }
    let open: OpenCall[][] = [[call], [call]]
    state.follow({ openCalls: () => open, replay: () => replayed })
    state.keep(new Scene().create('PJSIP/1001').hangup('PJSIP/1001').at(60).event('Tick').records)
    const before = readFileSync(file('state/journal'))
    assert.equal(await state.tidy(), false)
    assert.deepEqual(readFileSync(file('state/journal')), before)
    assert.match(log.lines.join('\n'), /debug: the journal is not compacted: what would be left is not the same/)
    state.close()
    open = [[call], []]
    const other = State.open(file('state'), log, UNTIDIED)
    other.follow({ openCalls: () => open, replay: () => replayed })
    assert.equal(await other.tidy(), true)
    assert.ok(readFileSync(file('state/journal')).length < before.length)
    other.close()
  })

  it('is compacted before the next events where it has become long, and not again before it is much longer', async () => {
    const state = State.open(file('state'), new RecordingLog(), { ...UNTIDIED, compactedFromBytes: 2000 })
    state.follow({ openCalls: () => [], replay: () => ({ pass: () => {}, openCalls: () => [] }) })
    const hours = (from: number, to: number): StageRecord[] => {
      const scene = new Scene()
      for (let hour = from; hour < to; hour++)
        scene
          .at(hour * 3600)
          .create(`PJSIP/${hour}`)
          .hangup(`PJSIP/${hour}`)
      return scene.records
    }
    state.keep(hours(0, 4))
    state.compactIfLong()
    assert.equal(state.isCompacting, false, 'it is short')
    state.keep(hours(4, 20))
    state.compactIfLong()
    assert.equal(state.isCompacting, true)
    assert.equal(await state.tidy(), true, 'the one that has begun')
    assert.equal(state.isCompacting, false)
    state.compactIfLong()
    assert.equal(state.isCompacting, false, 'it is short again')
    state.close()
  })

  it('gives the lines anew of events behind which none were written down before the process ended', async () => {
    const scene = new Scene().at(0).connected('caller', 'PJSIP/1001')
    const killed = State.open(file('state'), new RecordingLog(), UNTIDIED)
    killed.keep([...scene.records])
    killed.keep(scene.at(1).hold('PJSIP/1001').records.slice(-1))
    killed.close()
    const reopened = again()
    assert.equal(reopened.events.length, 4)
    assert.equal(reopened.accountedEvents, 3, 'the next events tell that those before gave no lines')
    reopened.close()
    const { lines, state, feed } = await run()
    await feed(scene.at(2).event('Tick').records.slice(-1))
    assert.deepEqual(
      lines.map(({ event, number }) => [event, number]),
      [['CALLERONHOLD', 0]],
    )
    state.close()
  })

  it('is compacted again where the last left something of a call that was just over, and not for ticks alone', async () => {
    const state = State.open(file('state'), new RecordingLog(), { tidyMs: 0 })
    state.follow({ openCalls: () => [], replay: () => ({ pass: () => {}, openCalls: () => [] }) })
    state.keep(new Scene().create('one').hangup('one').at(1).event('Tick').records)
    assert.equal(await state.tidy(), true)
    assert.equal(await state.tidy(), true, 'what was kept for 2 s')
    state.keep(new Scene().at(60).event('Tick').records)
    assert.equal(await state.tidy(), true)
    state.keep(new Scene().at(61).event('Tick').records)
    assert.equal(await state.tidy(), false, 'nothing has ended')
    state.keep(new Scene().at(62).event('QueueMemberAdded').records)
    assert.equal(await state.tidy(), true)
    state.close()
  })

  it('is compacted again where a line was settled', async () => {
    const state = State.open(file('state'), new RecordingLog(), { tidyMs: 0 })
    state.follow({ openCalls: () => [], replay: () => ({ pass: () => {}, openCalls: () => [] }) })
    const [first] = state.keepLines([{ time: 1, callid: '1', queuename: 'q', agent: 'a', event: 'X', data: [] }])
    assert.equal(await state.tidy(), true)
    assert.equal(await state.tidy(), false)
    assert.ok(first !== undefined)
    state.markSettled(first)
    assert.equal(await state.tidy(), true)
    state.close()
  })

  it('is not compacted while nobody follows it', async () => {
    const state = State.open(file('state'), new RecordingLog(), UNTIDIED)
    state.keep(new Scene().create('one').hangup('one').at(60).event('Tick').records)
    assert.equal(await state.tidy(), false)
    state.close()
    assert.equal(await state.tidy(), false)
  })

  it('forgets what it cannot read, says so, and keeps what comes then', async () => {
    const log = new RecordingLog()
    const { state, feed } = await run()
    await feed(new Scene().create('one').records)
    state.close()
    const bytes = readFileSync(file('state/journal'))
    writeFileSync(file('state/journal'), bytes.fill(0x78, bytes.length - 5, bytes.length - 1))
    const other = State.open(file('state'), log, UNTIDIED)
    assert.deepEqual(eventsIn(other), [])
    assert.match(log.lines.join('\n'), /^error: the journal .* is damaged in line \d+: it is now .*corrupt/)
    other.keep(new Scene().create('two').records)
    other.close()
    const reopened = again()
    assert.deepEqual(eventsIn(reopened), ['Newchannel'])
    reopened.close()
  })

  it('keeps nothing once it is closed', async () => {
    const { state, feed } = await run()
    state.close()
    await feed(new Scene().create('PJSIP/1001').records)
    const reopened = again()
    assert.deepEqual(eventsIn(reopened), [])
    reopened.close()
  })
})
