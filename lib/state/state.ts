import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { AmiMessage } from '../ami/message.ts'
import { TICK } from '../ami/own-events.ts'
import { startTimeIn } from '../calls/resync/server-lists.ts'
import type { QueueLogFields, QueueLogRecord } from '../queue-log/record.ts'
import type { Batch, StageRecord } from '../records/record.ts'
import type { Log } from '../text/log.ts'
import { neededEvents } from '../trackers/table.ts'
import type { OpenCall } from '../trackers/tracker.ts'
import { CompactionSchedule, type ScheduleOptions } from './compaction-schedule.ts'
import { compact, eventIn, isEvent, type Replay } from './compactor.ts'
import { Journal } from './journal.ts'
import { LineBook } from './line-book.ts'
import { TakingTurns } from './taking-turns.ts'

const COMPACTED_FROM_BYTES = 1024 * 1024
const TIDY_MS = 30_000
const MAX_WAITING_BYTES = 64 * 1024 * 1024
/** Of all states of a process so few are compacted at the same time: each stops the loop for a moment again and again. */
const compactions = new TakingTurns(2)
/** How often it is tried to begin a journal anew after one was given up, in ms. */
const BEGIN_ANEW_MS = 500

/** The trackers whose state this is. */
export interface Followed {
  /** The calls that are open now, by tracker. */
  openCalls: () => OpenCall[][]
  /** Makes new trackers of the same kinds and settings. */
  replay: () => Replay
}

export interface StateOptions extends Partial<ScheduleOptions> {
  /** So much may wait to be written down while the disk is full; then the journal is given up. */
  maxWaitingBytes?: number
}

/**
 * What survives the process: the events of the calls that are open, and the lines that are not settled. The state of the
 * trackers is exactly what these events make of new ones, so after a start they are given the events again.
 *
 * The lines that events gave stand in the journal behind them, so it does not matter what new trackers give for them.
 */
export class State {
  private readonly folder: string
  private readonly log: Log
  private readonly options: Required<StateOptions>
  /** undefined while it cannot be kept. */
  private journal: Journal | undefined
  private readonly lines = new LineBook()
  private restored: AmiMessage[] = []
  /** How many of them have given all their lines. */
  private accounted = 0
  private followed: Followed | undefined
  /** Whether the journal holds all that the trackers know. */
  private isWhole = true
  private isMarked = true
  private schedule: CompactionSchedule
  private compacting: Promise<boolean> | undefined
  private tidying: NodeJS.Timeout | undefined
  private beginning: NodeJS.Timeout | undefined
  private isClosed = false

  private constructor(folder: string, log: Log, options: Required<StateOptions>) {
    this.folder = folder
    this.log = log
    this.options = options
    this.schedule = new CompactionSchedule(options, 0)
  }

  /**
   * Opens the state in a folder, which is made if there is none.
   *
   * @throws Error if the folder or the journal in it cannot be read or written
   */
  static open(
    folder: string,
    log: Log,
    {
      compactedFromBytes = COMPACTED_FROM_BYTES,
      tidyMs = TIDY_MS,
      maxWaitingBytes = MAX_WAITING_BYTES,
    }: StateOptions = {},
  ): State {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const create = (): State => new State(folder, log, { compactedFromBytes, tidyMs, maxWaitingBytes })
    let state = create()
    const { journal, problem } = Journal.open(state.path, (entry) => state.restore(entry))
    if (problem !== undefined) {
      log.error(problem)
      state = create()
    }
    state.use(journal)
    return state
  }

  private get path(): string {
    return join(this.folder, 'journal')
  }

  // ---- what was before

  /** The events of before: to be given to new trackers. */
  get events(): readonly AmiMessage[] {
    return this.restored
  }

  /** How many of {@link events} have given all their lines: those of the others are new. */
  get accountedEvents(): number {
    return this.accounted
  }

  /** They have been given to them. */
  forgetEvents(): void {
    this.restored = []
  }

  /** The time of the last line: seconds since the epoch; 0 before the first. */
  get lastTime(): number {
    return this.lines.lastTime
  }

  /** The lines that are not settled. */
  get unsettled(): readonly QueueLogRecord[] {
    return this.lines.unsettled
  }

  /** The lines that were settled last. */
  get settled(): readonly QueueLogRecord[] {
    return this.lines.settled
  }

  /** Whether a line was on its way when the process ended: nobody knows if it was written. */
  wasSent({ number }: QueueLogRecord): boolean {
    return number !== undefined && this.lines.wasSent(number)
  }

  // ---- what happens

  /** The trackers that are given all events from now on. */
  follow(followed: Followed): void {
    this.followed = followed
    this.tidying = setInterval(() => this.tidy(), this.options.tidyMs / 3).unref()
  }

  /** Keeps events, before anything that is made of them goes on. */
  keep(batch: Batch): void {
    const entries = batch.filter(isKept).map((record) => record.toLine())
    if (entries.length === 0) return
    if (batch.some((record) => record.kind === 'ami' && record.event !== TICK)) this.schedule.touch()
    // The events before these gave no lines, or that would be told already.
    if (!this.isMarked) entries.unshift(this.lines.add([]).entry)
    this.isMarked = false
    this.append(entries)
  }

  /** Keeps the lines that the last events gave, before they go on. They have their numbers then. */
  keepLines(lines: readonly QueueLogFields[]): QueueLogRecord[] {
    if (lines.length === 0) return []
    const { records, entry } = this.lines.add(lines)
    this.isMarked = true
    this.append([entry])
    return records
  }

  /** A line is on its way. */
  markSent({ number }: QueueLogRecord): void {
    if (number !== undefined) this.append([this.lines.send(number)])
  }

  /** A line was written, refused, or given up: it is not to be written again. */
  markSettled({ number }: QueueLogRecord): void {
    if (number === undefined) return
    this.schedule.touch()
    this.append([this.lines.settle(number)])
  }

  // ---- how it is

  /** Whether a restart now would go on with all open calls. */
  get isKept(): boolean {
    return this.journal !== undefined && this.isWhole
  }

  /** Whether calls that are over are being dropped just now. */
  get isCompacting(): boolean {
    return this.compacting !== undefined
  }

  /** How many bytes the journal has. */
  get bytes(): number {
    return this.journal?.size ?? 0
  }

  /** How many of them wait in memory, as the disk is full. */
  get waitingBytes(): number {
    return this.journal?.waitingBytes ?? 0
  }

  /** What is wrong, in a sentence for a person; undefined if nothing is. */
  get problem(): string | undefined {
    if (this.isKept) return undefined
    const what = this.journal === undefined ? 'cannot be written' : 'does not contain all open calls'
    return `The state in ${this.folder} ${what}: a restart would forget calls. See the log for details.`
  }

  // ---- its end

  /**
   * Writes down what waits. To be called when nothing more is to come.
   *
   * @returns whether the lines that are not settled are kept for the next start
   */
  finish(): boolean {
    if (this.journal === undefined) this.beginAnew()
    if (this.journal?.flush() === true) return true
    this.giveUp('a restart will forget all open calls')
    return false
  }

  /** Keeps nothing any more. */
  close(): void {
    this.isClosed = true
    clearInterval(this.tidying)
    clearInterval(this.beginning)
    this.journal?.close()
  }

  // ---- calls that are over

  /**
   * Drops what belongs to calls that are over, if there may be anything of that.
   *
   * @returns whether anything was dropped
   */
  async tidy(): Promise<boolean> {
    if (this.compacting !== undefined) return await this.compacting
    return this.schedule.isDue && (await this.compact())
  }

  /** The same where the journal has become long: before the next events are given to the trackers. */
  compactIfLong(): void {
    if (this.compacting === undefined && this.schedule.isLong(this.bytes)) this.compact()
  }

  /** Begins a compaction: all events of the journal must have been given to the trackers. */
  private compact(): Promise<boolean> {
    this.compacting ??= compactions
      .run(() => this.compactOnce())
      .finally(() => {
        this.compacting = undefined
      })
    return this.compacting
  }

  private async compactOnce(): Promise<boolean> {
    const { journal, followed, isWhole } = this
    if (journal === undefined || followed === undefined || journal.waitingBytes > 0) return false
    const openCalls = followed.openCalls()
    const { entries, hasSettled } = this.lines.snapshot()
    const { schedule } = this
    schedule.begin()
    let [isUntidy, isDone] = [true, false]
    try {
      isDone = await journal.rewrite(async (rewriting) => {
        const of = { replay: followed.replay(), openCalls, lines: entries, isWhole }
        const { isMade, isSame, hasClosed } = await compact(rewriting, of)
        if (!isMade) this.log.debug('the journal is not compacted: what would be left is not the same')
        isUntidy = !isMade || hasClosed || hasSettled
        if (isSame && this.journal === journal) this.becomeWhole()
        return isMade
      })
    } catch (error) {
      if (!this.isClosed) this.log.warn(`cannot compact the journal at the moment: ${(error as Error).message}`)
    }
    schedule.end(journal.size, isDone, isUntidy)
    return isDone
  }

  // ---- a disk that is full

  private append(entries: string[]): void {
    if (this.isClosed || this.journal === undefined) return
    this.journal.append(entries)
    if (this.journal.waitingBytes <= this.options.maxWaitingBytes) return
    this.giveUp('ami-track starts a new one as soon as possible; until then a restart will forget all open calls')
    this.beginning = setInterval(() => this.beginAnew(), BEGIN_ANEW_MS).unref()
    this.beginAnew()
  }

  private use(journal: Journal): void {
    this.journal = journal
    this.schedule = new CompactionSchedule(this.options, journal.size)
    journal.onFailure = ({ message }) =>
      this.log.error(`cannot write the state in ${this.folder} at the moment: ${message}; it waits in memory`)
    journal.onMended = () => this.log.info(`ami-track can write the state in ${this.folder} again`)
  }

  /** With a gap it would tell of other calls than there are. */
  private giveUp(outlook: string): void {
    this.log.error(`ami-track gives up the state in ${this.folder}, because it cannot write it: ${outlook}`)
    this.journal?.discard()
    this.journal = undefined
    this.isWhole = false
  }

  /**
   * Begins a new journal with the lines that are not settled. Calls that are open already are not in it: only when they are
   * over, what a replay of it gives is what the trackers know, and it is whole again.
   */
  private beginAnew(): void {
    if (this.isClosed) return
    try {
      this.use(Journal.begin(this.path, [...this.lines.snapshot().entries]))
    } catch {
      return // the disk is still full
    }
    clearInterval(this.beginning)
    this.isMarked = true
    this.log.warn(`ami-track keeps the state in ${this.folder} again, for calls that begin from now on`)
  }

  private becomeWhole(): void {
    if (this.isWhole) return
    this.isWhole = true
    this.log.info(`the state in ${this.folder} contains all open calls again`)
  }

  private restore(entry: string): void {
    const isAccounted = this.lines.restore(entry)
    if (isAccounted === true) this.accounted = this.restored.length
    if (isEvent(entry)) this.restored.push(eventIn(entry))
  }
}

/** Of the answers to actions, only the time at which the server started is of use later: what lists told is in events. */
function isKept(record: StageRecord): boolean {
  if (record.kind !== 'ami') return false
  if (record.event === '') return startTimeIn(record) !== undefined
  return neededEvents.has(record.event) && !record.isListItem()
}
