import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { type Compacted, compact } from '../../lib/state/compactor.ts'
import { bytesOf, entryOf } from '../../lib/state/entries.ts'
import type { OpenCall } from '../../lib/trackers/tracker.ts'
import { Scene } from '../support/scene.ts'

const call = (n: number, since = 1): OpenCall => {
  return { callid: `1.${n}`, queuename: 'q', agent: 'PJSIP/1001', number: '', space: '', state: 'connected', since }
}

interface Made extends Compacted {
  isMade: boolean
  /** The entries of the new journal. */
  entries: string[]
  /** The events that the replay was given. */
  replayed: string[]
}

interface Of {
  /** The entries of the journal, in its slices. */
  slices?: readonly (readonly string[])[]
  lines?: readonly string[]
  replayed?: readonly OpenCall[][]
  openCalls?: readonly OpenCall[][]
  isWhole?: boolean
}

async function compacted({
  slices = [],
  lines = [],
  replayed = [],
  openCalls = [],
  isWhole = true,
}: Of): Promise<Made> {
  const written: Buffer[] = []
  const events: AmiMessage[] = []
  const rewriting = {
    slices: async function* () {
      for (const slice of slices) yield slice.map((entry) => bytesOf([entry]))
    },
    write: async (bytes: Uint8Array) => {
      written.push(Buffer.from(bytes))
    },
  }
  const replay = {
    pass: (messages: AmiMessage[]) => {
      events.push(...messages)
    },
    openCalls: () => [...replayed],
  }
  const found = await compact(rewriting, { replay, openCalls, lines, isWhole })
  const entries = Buffer.concat(written)
    .toString('latin1')
    .split(/(?<=\n)/)
    .filter((line) => line !== '')
    .map((line) => entryOf(Buffer.from(line, 'latin1')))
  return { ...found, entries, replayed: events.map(({ event }) => event) }
}

const isMadeOf = async (replayed: readonly OpenCall[][], openCalls: readonly OpenCall[][]): Promise<boolean> =>
  (await compacted({ replayed, openCalls })).isMade

describe('a compaction', () => {
  it('leaves the events of calls that are open, and behind them the lines as they are now, not those of before', async () => {
    const scene = new Scene().at(0).create('over').create('open').at(1).hangup('over').at(60).event('Tick')
    const [over = '', open = '', end = '', tick = ''] = scene.records.map((record) => record.toLine())
    const slices = [
      [over, '#lines 0 0 []'],
      [open, end],
      ['#settled 4', tick],
    ]
    const made = await compacted({ slices, lines: ['#lines 7 5 []', '#sent 6'] })
    assert.deepEqual(made.entries, [open, tick, '#lines 7 5 []', '#sent 6'])
    assert.deepEqual(made.replayed, ['Newchannel', 'Tick'])
    assert.deepEqual([made.isMade, made.isSame, made.hasClosed], [true, true, false])
  })

  it('writes any number of lines', async () => {
    const lines = Array.from({ length: 1201 }, (_, n) => `#sent ${n}`)
    assert.deepEqual((await compacted({ lines })).entries, lines)
  })

  it('says whether calls are left that are over: they need not be kept a moment later', async () => {
    const scene = new Scene().at(0).create('over').hangup('over').at(1).event('Tick')
    assert.equal((await compacted({ slices: [scene.records.map((record) => record.toLine())] })).hasClosed, true)
  })

  it('is made where what is left gives the same open calls, in whatever order', async () => {
    const many = Array.from({ length: 1100 }, (_, n) => call(n))
    assert.ok(await isMadeOf([[call(1), call(2)], []], [[call(2), call(1)], []]))
    assert.ok(await isMadeOf([many], [many.toReversed()]))
  })

  it('is not made where one is missing, too many, another, or of another tracker', async () => {
    const many = Array.from({ length: 1100 }, (_, n) => call(n))
    assert.equal(await isMadeOf([[call(1)]], [[call(1), call(2)]]), false)
    assert.equal(await isMadeOf([[call(1), call(2)]], [[call(1)]]), false)
    assert.equal(await isMadeOf([[call(1)]], [[call(1, 2)]]), false)
    assert.equal(await isMadeOf([[call(1)], []], [[], [call(1)]]), false)
    assert.equal(await isMadeOf([[call(1), call(1)]], [[call(1), call(2)]]), false)
    assert.equal(await isMadeOf([[call(1), call(2)]], [[call(1), call(1)]]), false)
    assert.equal(await isMadeOf([many], [[...many.slice(1), call(0, 2)]]), false)
  })

  it('that is not made writes no lines', async () => {
    const { entries, isSame } = await compacted({ lines: ['#sent 1'], openCalls: [[call(1)]], replayed: [[]] })
    assert.deepEqual([entries, isSame], [[], false])
  })

  it('is made all the same of a journal that was begun anew, which cannot hold all open calls', async () => {
    const of = { lines: ['#sent 1'], openCalls: [[call(1)]], replayed: [[]], isWhole: false }
    const { entries, isSame, isMade } = await compacted(of)
    assert.deepEqual([entries, isSame, isMade], [['#sent 1'], false, true])
  })

  it('has no mercy with an entry that is no event', async () => {
    await assert.rejects(
      compacted({
        slices: [['{"queue_log":{"time":1,"callid":"1","queuename":"q","agent":"a","event":"X","data":[]}}']],
      }),
      /^Error: no event: \{"queue_log"/,
    )
  })
})
