import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HeaderMessage, type HeaderValue, wireOf } from '../../lib/ami/message.ts'
import { LISTS, RESYNC_BEGIN, RESYNC_END } from '../../lib/ami/own-events.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { formatQueueLogLine, type QueueLogRecord } from '../../lib/queue-log/record.ts'
import { chain } from '../../lib/streams/chain.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { batchingsOf } from './chunkings.ts'
import { type FakeChannel, FakePbx } from './fake-pbx.ts'
import { Scene, T0 } from './scene.ts'

const LIST_ACTIONS = ['CoreStatus', 'CoreShowChannels', 'BridgeList', 'Status', 'ParkedCalls', 'QueueStatus']

/** A call flow during which lost the connection to Asterisk: what the server lists after it stands in the stream. */
export class ResyncScene extends Scene {
  readonly pbx = new FakePbx()

  constructor() {
    super()
    // As a live stream begins: a session, of which nobody knows anything yet.
    this.lost()
  }

  /** The connection was lost, and is made again: a session begins. */
  lost(): this {
    this.records.push(new HeaderMessage(new Map<string, HeaderValue>([['Event', RESYNC_BEGIN]])))
    return this
  }

  /** What {@link pbx} lists at the scene's time. */
  lists(): this {
    const whole = LIST_ACTIONS.filter((name) => !this.pbx.refused.has(name))
    for (const [index, name] of LIST_ACTIONS.entries()) this.list(name, index)
    if (!whole.includes('CoreShowChannels') && !whole.includes('Status')) {
      const bridges = new Set(this.pbx.channels.flatMap(({ bridge }) => bridge ?? []))
      for (const bridge of bridges) this.list('BridgeInfo', LIST_ACTIONS.length, bridge)
      whole.push('BridgeInfo')
    }
    return this.event(RESYNC_END, { [LISTS]: whole.join(',') })
  }

  /** Puts a channel among those that the server lists. */
  there(name: string, more: Partial<FakeChannel> = {}): this {
    this.pbx.channels.push({ name, uniqueid: this.uniqueid(name), ...more })
    return this
  }

  /** Puts a parked call among those that the server lists, its channel too. */
  thereParked(name: string, more: Partial<FakeChannel> = {}, duration = 0, space = '701'): this {
    this.pbx.lots = ['lot']
    this.pbx.parked.push({ name, uniqueid: this.uniqueid(name), space, duration })
    return this.there(name, { bridge: 'lot', ...more })
  }

  /** The stream as it comes from the server. */
  get bytes(): Buffer {
    return Buffer.concat(this.records.map((record) => (record.kind === 'ami' ? wireOf(record) : Buffer.alloc(0))))
  }

  private list(name: string, index: number, bridge = ''): void {
    const action = new Map([
      ['action', name],
      ['actionid', `ami-track-${index + 3}${bridge}`],
      ['variables', 'CHANNEL(onhold)'],
      ['bridgeuniqueid', bridge],
    ])
    const parser = new AmiParser(
      {},
      (message) => this.records.push(message),
      () => {},
    )
    parser.feed(this.pbx.answer(action) ?? Buffer.alloc(0))
  }
}

/**
 * Asserts which lines of queue_log a scene gives with every tracker on, in whatever batches they come. Times are
 * seconds since the beginning of the scene, and channels stand as `<name>` for their Uniqueids.
 *
 * @param isOver whether nothing may be remembered at the end
 */
export async function assertLinesAfterLoss(scene: ResyncScene, expected: string[], isOver = true): Promise<void> {
  const wanted = expected.map((line) => {
    const [time, ...columns] = line.split('|')
    return `${[T0 + Number(time), ...columns].join('|').replace(/<([^>]+)>/g, (_, name) => scene.uniqueid(name))}`
  })
  for (const { label, chunks } of batchingsOf(scene.bytes)) {
    const tracking = new Tracking(trackers)
    assert.deepEqual(await linesOf(chunks, tracking), wanted, label)
    if (isOver) assert.equal(tracking.size, 0, 'entries left')
  }
}

async function linesOf(chunks: readonly Buffer[], tracking: Tracking): Promise<string[]> {
  const lines: string[] = []
  const stages = chain({ tracking, parse: { onReport: ({ text }) => assert.fail(text) } })
  await pipeline(Readable.from(chunks), stages, async (source: AsyncIterable<QueueLogRecord[]>) => {
    for await (const some of source) lines.push(...some.map((line) => formatQueueLogLine(line).trimEnd()))
  })
  return lines
}
