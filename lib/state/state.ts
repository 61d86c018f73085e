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
/** How many states of a process are compacted at the same time: each one blocks the event loop for short moments. */
const compactions = new TakingTurns(2)
/** How often a new journal is tried after one was given up, in ms. */
const BEGIN_ANEW_MS = 500

/** The trackers whose state this is. */
export interface Followed {
  /** The calls that are open now, by tracker. */
  openCalls: () => OpenCall[][]
  /** Makes new trackers of the same kinds and settings. */
  replay: () => Replay
}

export interface StateOptions extends Partial<ScheduleOptions> {
  /** How many bytes may wait while the disk is full. Then the journal is given up. */
  maxWaitingBytes?: number
}

/**
 * What survives the process: the events of the open calls, and the lines that are not settled. New trackers that read
 * these events get exactly the same state, so after a start they read the events again.
 *
 * The lines of the events are in the journal after them, so it does not matter which lines new trackers write for them.
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
  /** Whether the journal has everything that the trackers know. */
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
   * Opens the state in a folder. Creates the folder if it does not exist.
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

  /** The events from before the start, for new trackers. */
  get events(): readonly AmiMessage[] {
    return this.restored
  }

  /** How many of {@link events} have given all their lines. Lines of the others are new. */
  get accountedEvents(): number {
    return this.accounted
  }

  /** The new trackers have read them. */
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

  /** The trackers that get all events from now on. */
  follow(followed: Followed): void {
    this.followed = followed
    this.tidying = setInterval(() => this.tidy(), this.options.tidyMs / 3).unref()
  }

  /** Keeps events. Called before anything that follows from them goes on. */
  keep(batch: Batch): void {
    const entries = batch.filter(isKept).map((record) => record.toLine())
    if (entries.length === 0) return
    if (batch.some((record) => record.kind === 'ami' && record.event !== TICK)) this.schedule.touch()
    // The events before these gave no lines: otherwise an entry would say so already.
    if (!this.isMarked) entries.unshift(this.lines.add([]).entry)
    this.isMarked = false
    this.append(entries)
  }

  /** Keeps the lines of the last events before they go on, and gives them their numbers. */
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

  /** A line was written, refused, or given up: it must not be written again. */
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

  /** Whether a compaction runs now. */
  get isCompacting(): boolean {
    return this.compacting !== undefined
  }

  /** How many bytes the journal has. */
  get bytes(): number {
    return this.journal?.size ?? 0
  }

  /** How many of them wait in memory because the disk is full. */
  get waitingBytes(): number {
    return this.journal?.waitingBytes ?? 0
  }

  /** What is wrong, as a sentence for people; undefined if nothing is. */
  get problem(): string | undefined {
    if (this.isKept) return undefined
    const what = this.journal === undefined ? 'cannot be written' : 'does not contain all open calls'
    return `The state in ${this.folder} ${what}: a restart would forget calls. See the log for details.`
  }

  // ---- its end

  /**
   * Writes what waits. To be called when nothing more will come.
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
   * Drops the data of calls that are over, if there may be any.
   *
   * @returns whether anything was dropped
   */
  async tidy(): Promise<boolean> {
    if (this.compacting !== undefined) return await this.compacting
    return this.schedule.isDue && (await this.compact())
  }

  /** The same if the journal has become long: before the trackers get the next events. */
  compactIfLong(): void {
    if (this.compacting === undefined && this.schedule.isLong(this.bytes)) this.compact()
  }

  /** Begins a compaction: the trackers must have read all events of the journal. */
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

  /** With a gap it would show wrong calls. */
  private giveUp(outlook: string): void {
    this.log.error(`ami-track gives up the state in ${this.folder}, because it cannot write it: ${outlook}`)
    this.journal?.discard()
    this.journal = undefined
    this.isWhole = false
  }

  /**
   * Begins a new journal with the lines that are not settled. It does not have the calls that are already open. When
   * they are over, a replay of the journal gives what the trackers know, and it is complete again.
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

/**
 * Of the answers to actions, only the start time of the server is needed later: the content of the lists is in events.
 */
function isKept(record: StageRecord): boolean {
  if (record.kind !== 'ami') return false
  if (record.event === '') return startTimeIn(record) !== undefined
  return neededEvents.has(record.event) && !record.isListItem()
}
