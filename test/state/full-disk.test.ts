import { strict as assert } from 'node:assert'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { formatQueueLogLine } from '../../lib/queue-log/record.ts'
import type { Batch } from '../../lib/records/record.ts'
import { readEntries } from '../../lib/state/entries.ts'
import type { StateOptions } from '../../lib/state/state.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { heldCall } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'
import { RecordingLog } from '../support/recording-log.ts'
import { sampledIt } from '../support/sample.ts'
import { scrapeUntil, urlOf } from '../support/scrape.ts'
import { NO_MOUNT, SmallDisk } from '../support/small-disk.ts'
import { busyPbx, TrackingRun } from './busy-pbx.ts'

const it = sampledIt(3)

const MIB = 1024 * 1024
let disk: SmallDisk | undefined
let log: RecordingLog
let file: (name: string) => string

/** For each test of a suite. */
function diskOfEachTest(): void {
  // Before the folder is removed.
  afterEach(() => disk?.unmount())
  const inFolder = folderOfEachTest('full-disk')
  // The state alone does not keep a process alive.
  let alive: NodeJS.Timeout
  beforeEach(() => {
    file = inFolder
    alive = setInterval(() => {}, 1000)
    mkdirSync(file('disk'))
    disk = SmallDisk.mount(file('disk'), 4 * MIB)
    log = new RecordingLog()
  })
  afterEach(() => clearInterval(alive))
}

/** Some hundred events of calls that go on at the end, and what is left of them a minute later. */
function someCalls(seed: number): { calls: Batch[]; end: Batch } {
  const batches = [...busyPbx({ callsPerSecond: 1, seconds: 20, seed })]
  return { calls: batches.slice(0, -1), end: batches.at(-1) as Batch }
}

function run(folder: string, options: StateOptions = {}): Promise<TrackingRun> {
  return TrackingRun.start(file(folder), 5, { log, tidyMs: 300, ...options })
}

function entriesIn(folder: string): string[] {
  const entries: string[] = []
  assert.equal(readEntries(file(`${folder}/journal`), (entry) => entries.push(entry)).problem, undefined)
  return entries
}

describe('a state on a disk that is full', () => {
  diskOfEachTest()

  it('waits in memory, and is the same as ever when there is room again', async (t) => {
    if (disk === undefined) return t.skip(NO_MOUNT)
    const { calls } = someCalls(1)
    const untidied = { tidyMs: 1e6 }
    const [on, beside] = [await run('disk/state', untidied), await run('beside', untidied)]
    for (const [n, batch] of calls.entries()) {
      if (n === 20) disk.fill()
      await on.feed(batch)
      await beside.feed(batch)
    }
    assert.ok(on.state.waitingBytes > 100_000)
    assert.equal(on.state.problem, undefined, 'it is only late')
    assert.equal(await on.state.tidy(), false, 'nothing is compacted while anything waits')
    assert.match(
      log.lines.join('\n'),
      /error: cannot write the state in .* at the moment: ENOSPC.*; it waits in memory/,
    )
    disk.makeRoom()
    await log.until(/ami-track can write the state in .* again/)
    assert.equal(log.lines.filter((line) => line.startsWith('error')).length, 1)
    assert.equal(on.state.waitingBytes, 0)
    assert.deepEqual(entriesIn('disk/state'), entriesIn('beside'))
  })

  it('is not compacted, goes on, and leaves no half of a file; later it is compacted', {
    timeout: 60_000,
  }, async (t) => {
    if (disk === undefined) return t.skip(NO_MOUNT)
    const { calls, end } = someCalls(2)
    const { state, feed } = await run('disk/state')
    const half = calls.length / 2
    for (const batch of calls.slice(0, half)) await feed(batch)
    disk.fill()
    assert.equal(await state.tidy(), false)
    assert.match(log.lines.join('\n'), /warn: cannot compact the journal at the moment: ENOSPC/)
    assert.deepEqual(readdirSync(file('disk/state')), ['journal'])
    disk.makeRoom()
    for (const batch of calls.slice(half)) await feed(batch)
    await feed(end)
    const before = state.bytes
    while (state.bytes > before / 3) {
      await state.tidy()
      await sleep(100)
    }
  })

  it('is given up when too much waits, says so, and begins anew when there is room, with the lines that wait', {
    timeout: 60_000,
  }, async (t) => {
    if (disk === undefined) return t.skip(NO_MOUNT)
    const { calls, end } = someCalls(3)
    const tracking = await run('disk/state', { maxWaitingBytes: 50_000 })
    const { state, feed } = tracking
    const half = calls.length / 2
    for (const batch of calls.slice(0, half)) await feed(batch)
    disk.fill()
    for (const batch of calls.slice(half)) {
      disk.fill()
      await feed(batch)
    }
    assert.equal(state.isKept, false)
    assert.match(state.problem ?? '', /^The state in .* cannot be written: a restart would forget calls\./)
    assert.match(
      log.lines.join('\n'),
      /error: ami-track gives up the state in .*, because it cannot write it: ami-track starts a new one/,
    )
    disk.makeRoom()
    while (/cannot be written/.test(state.problem ?? '')) await sleep(100)
    await log.until(/warn: ami-track keeps the state in .* again, for calls that begin from now on/)
    assert.match(state.problem ?? '', /does not contain all open calls/, 'calls that are open are not in it')

    // Those calls end, and others begin.
    for (const batch of someCalls(4).calls) await feed(batch)
    await feed(end)
    while (!state.isKept) {
      await state.tidy()
      await sleep(100)
    }
    assert.equal(state.problem, undefined)
    await log.until(/info: the state in .* contains all open calls again/)
    const { unsettled } = state
    assert.equal(unsettled.length, 5)
    state.close()
    const again = await run('disk/state')
    assert.deepEqual(again.state.unsettled.map(formatQueueLogLine), unsettled.map(formatQueueLogLine))
    again.state.close()
  })
})

describe('a daemon of which the state cannot be written', () => {
  diskOfEachTest()
  let server: FakeAsterisk
  const keep = programsOfEachTest()

  beforeEach(async () => {
    server = await FakeAsterisk.start()
    server.pbx.refuseLists()
  })
  afterEach(() => server.stop())

  function start(...more: string[]): LiveProgram {
    return keep(LiveProgram.start(server, ['ami-track', '--state', file('disk/state'), ...more]))
  }

  it('tells at its end which lines are lost, and ends with 1, as they are not kept', async (t) => {
    if (disk === undefined) return t.skip(NO_MOUNT)
    const program = start('--queuelog', '/dev/full')
    const session = await server.session()
    await program.untilStatus(/^connected/)
    disk.fill()
    for (let n = 0; n < 40; n++) session.send(heldCall(n))
    await program.untilStatus(/40 lines to write/)
    await program.untilLog(/cannot write the state in .* at the moment: ENOSPC/)
    assert.equal(await program.stop(), 1)
    const lost = program.log.filter(({ msg }) => msg.startsWith('stopped before ami-track could write this line: '))
    assert.equal(lost.length, 40)
    assert.equal(
      program.log.filter(({ msg }) => /are in the state and are written after the next start/.test(msg)).length,
      0,
    )
    await program.untilLog(/the state in .* because it cannot write it: a restart will forget all open calls/)
    assert.deepEqual(readdirSync(file('disk/state')), [])
  })

  it('keeps its lines if there is room again at its end, and writes them after the start', async (t) => {
    if (disk === undefined) return t.skip(NO_MOUNT)
    const program = start('--queuelog', '/dev/full')
    const session = await server.session()
    await program.untilStatus(/^connected/)
    disk.fill()
    for (let n = 0; n < 40; n++) session.send(heldCall(n))
    await program.untilStatus(/40 lines to write/)
    disk.makeRoom()
    assert.equal(await program.stop(), 0)
    await program.untilLog(/40 queue_log lines are in the state and are written after the next start/)
    const restarted = start('--queuelog', file('queue_log'))
    await server.session()
    await restarted.untilStatus(/ 0 lines to write/)
    assert.equal(readFileSync(file('queue_log'), 'utf8').split('\n').length - 1, 40)
  })

  it('is healthy while it is only late; once more than 64 MiB wait, /healthz and a metric say so', async (t) => {
    if (disk === undefined) return t.skip(NO_MOUNT)
    const program = start('--metrics', '127.0.0.1:0')
    const session = await server.session()
    const health = async (): Promise<Response> => fetch(`${await urlOf(program)}/healthz`)
    await scrapeUntil(program, (found) => found.get('ami_track_connected') === 1)
    disk.fill()
    session.send(heldCall(0))
    const much = amiEvent('Hold', { Channel: 'PJSIP/1-1', Uniqueid: '1.1', Nonsense: 'x'.repeat(50_000) })
    session.send(much)
    const late = await scrapeUntil(program, (found) => (found.get('ami_track_state_waiting_bytes') ?? 0) > 0)
    assert.equal(late.samples.get('ami_track_state_kept'), 1)
    assert.equal((await health()).status, 200)
    for (let n = 0; n < 1400; n++) session.send(much)
    await scrapeUntil(program, (found) => found.get('ami_track_state_kept') === 0)
    const { status } = await health()
    assert.equal(status, 503)
    disk.makeRoom()
    await program.untilLog(/ami-track keeps the state in .* again, for calls that begin from now on/)
    await scrapeUntil(program, (found) => found.get('ami_track_state_waiting_bytes') === 0)
    assert.match(await (await health()).text(), /^The state in .* does not contain all open calls/)
  })
})
