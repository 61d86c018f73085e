import { setImmediate as nextTurn } from 'node:timers/promises'
import { dump, fill, readTemplate, type Template } from '../../bench/generate.ts'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import type { QueueLogRecord } from '../../lib/queue-log/record.ts'
import type { Batch } from '../../lib/records/record.ts'
import { State, type StateOptions } from '../../lib/state/state.ts'
import { type TrackingWithState, trackingWithState } from '../../lib/state/state-stage.ts'
import type { Log } from '../../lib/text/log.ts'
import { neededEvents, trackers } from '../../lib/trackers/table.ts'
import type { Tracker } from '../../lib/trackers/tracker.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { fixturesSideBySide } from '../support/fixtures.ts'

/** A recorded call takes some 10 s; in these it takes so many times as long. */
const STRETCHED = 1.5
const RECORDED_S = 10
/** The one who is in the conference all day, and one holding bridge for each parking lot. */
const CONFERENCE = 'c0ffee00-0000-4000-8000-000000000001'
export const HOST = '1799999999.1'
const LOT = '10700000-0000-4000-8000-000000000001'
/** So many events come at once. */
const AT_ONCE = 10

/** Of all recordings, made once: that takes longer than many of the tests. */
let templates: readonly Template[] | undefined

export interface LoadOptions {
  callsPerSecond: number
  seconds: number
  seed: number
}

/**
 * The events of a PBX that is never quiet, some at a time: recorded calls at a rate, all their parkings in one lot, and a
 * conference that is never empty, in which everyone gets the Linkedid of who is there the longest. The last says that a
 * minute has passed in which nothing happened.
 */
export function* busyPbx({ callsPerSecond, seconds, seed }: LoadOptions): Generator<Batch> {
  templates ??= fixturesSideBySide().map(({ name, amiFile }) => stretched(readTemplate(name, amiFile)))
  const bytesOfCall = templates.reduce((sum, template) => sum + bytesIn(template), 0) / templates.length
  const calls = dump({
    templates,
    bytes: callsPerSecond * seconds * bytesOfCall,
    lanes: callsPerSecond * RECORDED_S * STRETCHED,
    seed,
  })
  let batch: Batch = []
  const parser = new AmiParser(
    { wants: (event) => neededEvents.has(event) },
    (message) => {
      if (message.event !== '') batch.push(message)
    },
    () => {},
  )
  let count = 0
  let joined = 0
  let time = ''
  parser.feed(Buffer.from('Asterisk Call Manager/11.0.0\r\n'))
  for (const chunk of calls) {
    const text = chunk.toString('latin1').replace(/^Asterisk Call Manager[^\n]*\n/, '')
    for (const message of text.split(/(?<=\r\n\r\n)/)) {
      const stamp = /Timestamp: (\d+\.\d+)/.exec(message)?.[1]
      if (stamp !== undefined && Number(stamp) > Number(time)) time = stamp
      parser.feed(Buffer.from(inOneLot(message), 'latin1'))
      // One in 500 events brings somebody into the conference, as the host or as a guest who leaves a while later.
      if (count++ % 500 === 0 && time !== '') {
        parser.feed(Buffer.from(joining(joined, time)))
        if (joined > 20) parser.feed(Buffer.from(leaving(joined - 20, time)))
        joined++
      }
      if (batch.length < AT_ONCE) continue
      yield batch
      batch = []
    }
  }
  // All but the host leave at last.
  for (let guest = Math.max(1, joined - 20); guest < joined; guest++) parser.feed(Buffer.from(leaving(guest, time)))
  yield batch
  batch = []
  parser.feed(Buffer.from(`Event: Tick\r\nPrivilege: \r\nTimestamp: ${(Number(time) + 60).toFixed(6)}\r\n\r\n`))
  yield batch
}

function bytesIn(template: Template): number {
  return template.messages.reduce((sum, message) => sum + fill(message, { copy: 0, start: 1_800_000_000 }).length, 0)
}

function stretched(template: Template): Template {
  const messages = template.messages.map(({ time, texts, slots }) => ({
    time: Math.round(time * STRETCHED),
    texts,
    slots: slots.map((slot) =>
      slot.kind === 'timestamp' ? { ...slot, index: Math.round(slot.index * STRETCHED) } : slot,
    ),
  }))
  return { ...template, messages }
}

function inOneLot(message: string): string {
  if (!message.includes('BridgeTechnology: holding_bridge')) return message
  return message.replace(/^(BridgeUniqueid: ).*(?=\r$)/m, `$1${LOT}`)
}

function guest(n: number): string {
  const uniqueid = n === 0 ? HOST : `1799999999.${n + 1}`
  const linkedid = `Linkedid: ${HOST}\r\n`
  return `Channel: PJSIP/guest-${n.toString(16).padStart(8, '0')}\r\nUniqueid: ${uniqueid}\r\n${linkedid}`
}

function joining(n: number, time: string): string {
  const head = (event: string): string => `Event: ${event}\r\nPrivilege: call,all\r\nTimestamp: ${time}\r\n`
  const bridge = `BridgeUniqueid: ${CONFERENCE}\r\nBridgeType: base\r\nBridgeTechnology: softmix\r\n`
  return [
    `${head('Newchannel')}${guest(n)}ChannelState: 6\r\nContext: default\r\nExten: 800\r\n\r\n`,
    `${head('BridgeEnter')}${bridge}${guest(n)}\r\n`,
  ].join('')
}

function leaving(n: number, time: string): string {
  const head = (event: string): string => `Event: ${event}\r\nPrivilege: call,all\r\nTimestamp: ${time}\r\n`
  const bridge = `BridgeUniqueid: ${CONFERENCE}\r\nBridgeType: base\r\nBridgeTechnology: softmix\r\n`
  return [
    `${head('BridgeLeave')}${bridge}${guest(n)}\r\n`,
    `${head('HangupRequest')}${guest(n)}Cause: 16\r\n\r\n`,
    `${head('Hangup')}${guest(n)}Cause: 16\r\n\r\n`,
  ].join('')
}

const SILENT: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** A daemon's trackers with their state, and a sink that settles each line a while after it came. */
export class TrackingRun {
  readonly state: State
  readonly trackers: readonly Tracker[]
  private readonly stage: NodeJS.ReadWriteStream
  /** The lines that came, and those of them that are not settled. */
  readonly lines: QueueLogRecord[] = []
  private readonly waiting: QueueLogRecord[] = []
  /** Those that are settled, in their order. */
  readonly written: QueueLogRecord[] = []
  private readonly settledAfter: number

  private constructor(state: State, tracking: TrackingWithState, settledAfter: number) {
    this.settledAfter = settledAfter
    this.state = state
    this.trackers = tracking.tracking.trackers
    this.stage = tracking.stage
    this.stage.on('data', (records: QueueLogRecord[]) => this.take(records))
  }

  /** @param settledAfter so many lines wait at the sink */
  static async start(
    folder: string,
    settledAfter: number,
    { log = SILENT, ...options }: StateOptions & { log?: Log } = {},
  ): Promise<TrackingRun> {
    const state = State.open(folder, log, options)
    const tracking = await trackingWithState(state, {
      create: () => new Tracking(trackers),
      keepsTimes: false,
      marksCalls: false,
      tail: undefined,
      log,
      onSettled: (record) => state.markSettled(record),
    })
    return new TrackingRun(state, tracking, settledAfter)
  }

  /** Gives it some events, and waits until they are tracked. */
  readonly feed = async (batch: Batch): Promise<void> => {
    await new Promise((done) => this.stage.write(batch as unknown as Buffer, done))
  }

  /** All lines that wait are written. */
  settle(): void {
    for (const record of this.waiting.splice(0)) this.write(record)
  }

  private write(record: QueueLogRecord): void {
    this.state.markSent(record)
    this.written.push(record)
    this.state.markSettled(record)
  }

  private take(records: readonly QueueLogRecord[]): void {
    for (const record of records) {
      this.lines.push(record)
      this.waiting.push(record)
      if (this.waiting.length <= this.settledAfter) continue
      this.write(this.waiting.shift() as QueueLogRecord)
    }
  }
}

export interface LoadFigures {
  events: number
  lines: number
  mostOpenCalls: number
  mostBytes: number
  /** Of its events: what a journal without compaction would have had at the end. */
  bytesOfAll: number
  /** The most time of processors that a turn of the loop took besides the tracking itself, in ms: a slice of a compaction. */
  longestTurnMs: number
  compactions: number
}

/** So much of a journal a compaction looks through in a second, at least: 9 MB took 0.3 s on a quiet machine. */
const COMPACTED_BYTES_PER_MS = 10_000

/**
 * Gives all events to a run as fast as it takes them. While a compaction is in progress only so many come as would come in
 * the time that it takes on a quiet machine.
 *
 * @param batchMs how much time passes between two batches, in ms
 */
export async function load(run: TrackingRun, batches: Iterable<Batch>, batchMs: number): Promise<LoadFigures> {
  const figures: LoadFigures = {
    events: 0,
    lines: 0,
    mostOpenCalls: 0,
    mostBytes: 0,
    bytesOfAll: 0,
    longestTurnMs: 0,
    compactions: 0,
  }
  let [before, count, left] = [run.state.bytes, 0, 0]
  for (const batch of batches) {
    await run.feed(batch)
    figures.events += batch.length
    for (const record of batch) figures.bytesOfAll += (record as AmiMessage).toLine().length + 10
    left = run.state.isCompacting ? left - 1 : run.state.bytes / COMPACTED_BYTES_PER_MS / batchMs
    do {
      const began = process.cpuUsage()
      await nextTurn()
      const { user, system } = process.cpuUsage(began)
      figures.longestTurnMs = Math.max(figures.longestTurnMs, (user + system) / 1000)
    } while (run.state.isCompacting && left < 1)
    const { bytes } = run.state
    if (bytes < before) figures.compactions++
    before = bytes
    figures.mostBytes = Math.max(figures.mostBytes, bytes)
    if (count++ % 1000 === 0) {
      const open = run.trackers.reduce((sum, tracker) => sum + tracker.openCalls().length, 0)
      figures.mostOpenCalls = Math.max(figures.mostOpenCalls, open)
    }
  }
  figures.lines = run.lines.length
  return figures
}
