import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AmiMessage } from '../ami/message.ts'
import { startTimeIn } from '../calls/resync/server-lists.ts'
import type { QueueLogRecord } from '../queue-log/record.ts'
import { LineReader } from '../records/ndjson.ts'
import type { Batch, StageRecord } from '../records/record.ts'
import type { Log } from '../text/log.ts'
import { withoutClosedCalls } from './compaction.ts'
import { Journal } from './journal.ts'

/** Beyond so many bytes a journal is looked through for what can be dropped; again when it is twice what was left. */
const COMPACTED_FROM_BYTES = 1024 * 1024

/** The beginnings of entries that are no message. */
const SENT = '#sent '
const SETTLED = '#settled '
const DROPPED = '#dropped '

/** What new trackers make of some events. */
export interface Replayed {
  /** How many lines they give. */
  lines: number
  /** What they know of the calls that are open then. */
  openCalls: string
}

/** How far the trackers are. */
export interface Progress {
  /** How many lines they have given. */
  lines: number
  /** The time of the latest line: whole seconds since the epoch. */
  lastTime: number
  /** As in {@link Replayed}. */
  openCalls: () => string
}

/**
 * What survives the process: the events since all calls were over last, and which of the lines that they gave have been
 * written. The state of the trackers is nothing else than what these events make of new ones, so after a start they are
 * given the events again, and lines that were written before are not written again.
 *
 * Lines are known by their number: the same events give the same lines in the same order.
 */
export class State {
  private readonly journal: Journal
  private readonly sent = new Set<number>()
  private readonly settled = new Set<number>()
  private restored: AmiMessage[] = []
  private readonly log: Log
  private compactedTo: number
  private isBroken = false
  private isClosed = false

  /** How many events have been kept since the journal was begun, those dropped since included. */
  seen = 0
  /** The time of the last line of events that were dropped: whole seconds since the epoch. */
  lastTime = 0

  private constructor(journal: Journal, log: Log) {
    this.journal = journal
    this.log = log
    this.compactedTo = journal.size
  }

  /**
   * Opens the state in a folder, which is made if there is none.
   *
   * @throws Error if the folder or the journal in it cannot be read or written
   */
  static open(folder: string, log: Log): State {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const { journal, entries, problem } = Journal.open(join(folder, 'journal'))
    if (problem !== undefined) log.error(problem)
    const state = new State(journal, log)
    for (const entry of entries) state.restore(entry)
    return state
  }

  /** The events of before: to be given to new trackers. */
  get events(): readonly AmiMessage[] {
    return this.restored
  }

  /** They have been given to them. */
  forgetEvents(): void {
    this.restored = []
  }

  /** Keeps events before anything is made of them. */
  keep(batch: Batch): void {
    const entries = batch.filter(isKept).map((record) => record.toLine())
    if (entries.length === 0) return
    this.seen += entries.length
    this.append(entries)
  }

  /** Whether a line was written, or given up. */
  isSettled(line: number): boolean {
    return this.settled.has(line)
  }

  /** Whether a line was on its way when the process ended: nobody knows if it was written. */
  wasSent(line: number): boolean {
    return this.sent.has(line)
  }

  /** A line is on its way. */
  markSent({ number }: QueueLogRecord): void {
    if (number === undefined) return
    this.sent.add(number)
    this.append([`${SENT}${number}`])
  }

  /** A line was written, refused, or given up: it is not to be written again. */
  markSettled({ number }: QueueLogRecord): void {
    if (number === undefined) return
    this.settled.add(number)
    this.append([`${SETTLED}${number}`])
  }

  /**
   * Drops what belongs to calls that are over, if the journal has become long and all lines are settled.
   *
   * @param replay gives events to new trackers
   * @returns how many lines the events that are left give, so that the next one has this number; undefined if nothing was
   * dropped
   */
  compact(
    { lines, openCalls, lastTime }: Progress,
    replay: (events: AmiMessage[]) => Replayed,
    fromBytes = COMPACTED_FROM_BYTES,
  ): number | undefined {
    if (this.isBroken) return undefined
    if (this.journal.size < Math.max(fromBytes, this.compactedTo * 2) || this.settled.size < lines) return undefined
    const kept = withoutClosedCalls(this.journal.read().flatMap(messageOf))
    const replayed = replay(kept)
    // What is kept must be as good as all there was. If it is not, a long journal is better than a wrong one.
    this.compactedTo = this.journal.size
    if (replayed.openCalls !== openCalls()) return undefined
    const settled = Array.from({ length: replayed.lines }, (_, line) => line)
    this.journal.replace([
      `${DROPPED}${this.seen - kept.length} ${lastTime}`,
      ...kept.map((message) => message.toLine()),
      ...settled.map((line) => `${SETTLED}${line}`),
    ])
    this.compactedTo = this.journal.size
    this.lastTime = lastTime
    this.sent.clear()
    this.settled.clear()
    for (const line of settled) this.settled.add(line)
    return replayed.lines
  }

  private append(entries: string[]): void {
    if (this.isBroken || this.isClosed) return
    try {
      this.journal.append(entries)
    } catch (error) {
      // With a gap it would tell of other calls than there are.
      this.isBroken = true
      this.journal.discard()
      this.log.error(
        `the state cannot be kept any more: ${(error as Error).message}; a restart will know of no open calls`,
      )
    }
  }

  /** Keeps nothing any more. */
  close(): void {
    this.isClosed = true
    this.journal.close()
  }

  private restore(entry: string): void {
    const [first = '', second = ''] = entry.slice(entry.indexOf(' ') + 1).split(' ')
    if (entry.startsWith(SETTLED)) this.settled.add(Number(first))
    else if (entry.startsWith(SENT)) this.sent.add(Number(first))
    else if (entry.startsWith(DROPPED)) {
      this.seen += Number(first)
      this.lastTime = Number(second)
    } else {
      const messages = messageOf(entry)
      this.seen += messages.length
      for (const message of messages) this.restored.push(message)
    }
  }
}

/** Of the answers to actions, only the time at which the server started is of use later: what lists told is in events. */
function isKept(record: StageRecord): boolean {
  if (record.kind !== 'ami') return false
  return record.event === '' ? startTimeIn(record) !== undefined : !record.isListItem()
}

const journalLines = new LineReader(() => true)

function messageOf(entry: string): AmiMessage[] {
  const record = entry.startsWith('#') ? undefined : journalLines.read(entry)
  return record?.kind === 'ami' ? [record] : []
}
