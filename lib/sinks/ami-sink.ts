import { Writable } from 'node:stream'
import type { ActionHeaders } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { isDenial, QUEUE_LOG_ACTION } from '../ami/privileges.ts'
import type { ErrorLog, Log } from '../log.ts'
import { formatQueueLogLine, harmless, type QueueLogRecord } from '../queue-log.ts'
import { DoubtfulLines } from './doubtful-lines.ts'
import type { OnSettled } from './outcome.ts'
import { queueLogAction } from './queue-log-action.ts'
import { isParkingsFirst, markHotdesking, Predecessors } from './settling.ts'
import { ALWAYS_OURS, type Turn } from './turn.ts'

/** Who sends actions: a connection that is up at times. */
export interface ActionLink {
  readonly isUp: boolean
  onUp(listener: () => void): void
  request(name: string, headers: ActionHeaders): Promise<AmiMessage>
}

export interface AmiSinkOptions {
  /** The manager user, to name it where something has to be changed in manager.conf. */
  login: string
  log: Log
  errors: ErrorLog
  /** Whether another tracker writes these lines; nobody else does if undefined. */
  turn?: Turn
  /** The queue_log that Asterisk writes, if it can be read: it tells whether a line arrived that was not answered for. */
  tail?: string
  /** Told before a line is sent, and of what became of it. */
  onSent?: (record: QueueLogRecord) => void
  onSettled?: OnSettled
}

/**
 * How long, in ms, a line waits that must stand behind one that Asterisk itself is about to write: the event comes
 * before the line, in 6 of 300 log-ins by more than it takes to answer it (22.10).
 */
const SETTLING_MS = 250
/** So many lines are sent without waiting for the answer to the first. */
const MAX_IN_FLIGHT = 100
/** A server that has not answered for so long, in ms, may be gone: what is sent to it then might be lost. */
const ANSWER_MS = 1000
/** What Asterisk says to every action from the moment on at which it is told to stop, until it has ended. */
const SHUTTING_DOWN = 'Asterisk is shutting down'
/** How often, in ms, it is asked again meanwhile: it may wait for the end of its calls, or be told to go on. */
const SHUTTING_DOWN_MS = 1000
/** So many lines wait for a connection; then the stages before wait as well, and events are kept instead. */
const MAX_WAITING = 10_000

interface Line {
  readonly record: QueueLogRecord
  /** When it came: ms of performance.now(). */
  readonly readAt: number
  /** When it may be sent: ms of performance.now(). */
  readonly dueAt: number
  /** When it was sent: ms of performance.now(). */
  sentAt: number
}

/**
 * Writes queue_log records through Asterisk, by QueueLog actions. Asterisk stamps them with its own clock.
 *
 * Lines go out in their order. One that settles first holds back those of the same call and the same member, no others:
 * a hold that is logged late may end up behind the end of its call.
 */
export class AmiSink extends Writable {
  private readonly link: ActionLink
  private readonly options: AmiSinkOptions
  /** Those that may be sent, and those that settle, each in their order. */
  private readonly ready: Line[] = []
  private readonly undecided: Line[] = []
  private settling: Line[] = []
  private settlingFirst = new Predecessors()
  private readonly inFlight = new Set<Line>()
  /** Those that a server did not take because it shuts down, in their order: they go out before all others. */
  private notTaken: Line[] = []
  private readonly turn: Turn
  private readonly doubtful: DoubtfulLines | undefined
  private timer: NodeJS.Timeout | undefined
  private takesAgain: NodeJS.Timeout | undefined
  private spaceWanted: (() => void) | undefined
  private endWanted: (() => void) | undefined

  private wasLastRefused = false

  constructor(link: ActionLink, options: AmiSinkOptions) {
    super({ objectMode: true, highWaterMark: 16 })
    this.link = link
    this.options = options
    this.turn = options.turn ?? ALWAYS_OURS
    this.doubtful = options.tail === undefined ? undefined : new DoubtfulLines(options.tail)
    link.onUp(() => {
      // Privileges are read at the login, and what follows may be another tracker's to write.
      this.wasLastRefused = false
      this.endDoubts()
      this.sendAgain()
    })
    this.turn.onChange(() => this.pump())
  }

  /** The lines that were not sent yet, and are to be. */
  get unwritten(): readonly string[] {
    const others = this.turn.isOthers ? [] : [...this.undecided, ...this.settling]
    return [...this.notTaken, ...this.ready, ...others].map(({ record }) => formatQueueLogLine(record))
  }

  /** Those that were sent, and not answered for. */
  get unanswered(): readonly string[] {
    const records = [...[...this.inFlight].map(({ record }) => record), ...(this.doubtful?.records ?? [])]
    return records.map(formatQueueLogLine)
  }

  /** Why lines cannot be written just now. */
  get problem(): string | undefined {
    if (this.wasLastRefused) return 'Asterisk refused the last queue_log line: the log says why.'
    return this.isAnswerOverdue() ? 'Asterisk does not answer whether it wrote the last queue_log lines.' : undefined
  }

  override _write(records: QueueLogRecord[], _encoding: BufferEncoding, done: () => void): void {
    const ofHotdesking = markHotdesking(records)
    const readAt = performance.now()
    const settledAt = readAt + SETTLING_MS
    for (const [index, record] of records.entries()) {
      const dueAt = ofHotdesking.has(index) || isParkingsFirst(record) ? settledAt : 0
      this.enqueue({ record, readAt, dueAt, sentAt: 0 })
    }
    this.pump()
    if (this.waiting < MAX_WAITING) done()
    else this.spaceWanted = done
  }

  override _final(done: () => void): void {
    this.endWanted = done
    this.pump()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.timer)
    clearTimeout(this.takesAgain)
    done(error)
  }

  private enqueue(line: Line): void {
    if (line.dueAt === 0 && !this.settlingFirst.concern(line.record)) {
      this.undecided.push(line)
      return
    }
    this.settling.push(line)
    this.settlingFirst.add(line.record)
    if (this.settling.length === 1) this.settle()
  }

  private get waiting(): number {
    return this.notTaken.length + this.ready.length + this.undecided.length + this.settling.length
  }

  private pump(): void {
    this.decide()
    while (this.mayGoOut) {
      const line = this.ready.shift()
      if (line === undefined) break
      this.send(line)
    }
    if (this.spaceWanted !== undefined && this.waiting < MAX_WAITING / 2) {
      const tell = this.spaceWanted
      this.spaceWanted = undefined
      tell()
    }
    if (this.endWanted !== undefined && this.waiting + this.inFlight.size === 0) {
      const tell = this.endWanted
      this.endWanted = undefined
      tell()
    }
  }

  private get mayGoOut(): boolean {
    if (!this.link.isUp || this.notTaken.length > 0) return false
    return this.inFlight.size < MAX_IN_FLIGHT && !this.isAnswerOverdue()
  }

  /** Sorts out whose the lines are, in their order: one that is undecided holds back those behind it. */
  private decide(): void {
    const { turn, undecided } = this
    for (let line = undecided[0]; line !== undefined; line = undecided[0]) {
      const owner = turn.ownerOf(line.record.time * 1000, line.readAt)
      if (owner === 'undecided') return
      undecided.shift()
      if (owner === 'ours') this.ready.push(line)
      else this.options.onSettled?.(line.record, 'theirs')
    }
  }

  private isAnswerOverdue(): boolean {
    const [oldest] = this.inFlight
    return oldest !== undefined && performance.now() - oldest.sentAt > ANSWER_MS
  }

  /** Moves on what has settled; what is held back by something that has not stays behind it. */
  private settle(): void {
    const now = performance.now()
    const kept: Line[] = []
    const first = new Predecessors()
    for (const line of this.settling) {
      if (line.dueAt <= now && !first.concern(line.record)) {
        this.undecided.push(line)
        continue
      }
      kept.push(line)
      first.add(line.record)
    }
    this.settling = kept
    this.settlingFirst = first
    const [next] = kept
    if (next === undefined) return
    this.timer = setTimeout(
      () => {
        this.settle()
        this.pump()
      },
      Math.ceil(next.dueAt - now),
    )
  }

  private send(line: Line): void {
    line.sentAt = performance.now()
    this.inFlight.add(line)
    this.options.onSent?.(line.record)
    this.link
      .request(QUEUE_LOG_ACTION.name, this.headersOf(line.record))
      .then(
        (response) => this.answered(line, response),
        () => this.lost(line),
      )
      .finally(() => {
        this.inFlight.delete(line)
        this.pump()
      })
  }

  private headersOf(record: QueueLogRecord): ActionHeaders {
    const { headers, isCut } = queueLogAction(record)
    if (isCut) {
      const call = harmless(record.callid)
      this.options.errors.tell('cut', `a queue_log line is too long for Asterisk and was cut (call ${call})`)
    }
    return headers
  }

  private answered(line: Line, response: AmiMessage): void {
    const { record } = line
    if (response.get('Message') === SHUTTING_DOWN) {
      this.notTaken.push(line)
      this.takesAgain ??= setTimeout(() => this.sendAgain(), SHUTTING_DOWN_MS)
      return
    }
    this.wasLastRefused = response.get('Response') !== 'Success'
    this.options.onSettled?.(record, this.wasLastRefused ? 'refused' : 'written')
    if (!this.wasLastRefused) {
      this.doubtful?.remember(record)
      return
    }
    const message = response.get('Message') ?? 'no reason is given'
    this.options.errors.tell(`refused: ${message}`, `Asterisk refused a queue_log line: ${this.remedyFor(message)}`)
    this.options.log.debug(`refused: ${formatQueueLogLine(record).trimEnd()}`)
  }

  /** Whether the server is another one, or the same that may go on: those that it did not take are sent first. */
  private sendAgain(): void {
    clearTimeout(this.takesAgain)
    this.takesAgain = undefined
    this.ready.unshift(...this.notTaken)
    this.notTaken = []
    this.pump()
  }

  private remedyFor(message: string): string {
    if (!isDenial(message)) return message
    const { login } = this.options
    return (
      `${message}. Add "${QUEUE_LOG_ACTION.privilege}" to the write line of [${login}] in manager.conf, then "asterisk -rx 'manager reload'", ` +
      `then restart ami-track (privileges are read at the login)`
    )
  }

  private lost({ record }: Line): void {
    if (this.doubtful === undefined) this.giveUp(record)
    else this.doubtful.add(record)
  }

  /** The connection is back: what was on its way when it was lost has arrived by now, or never will. */
  private endDoubts(): void {
    if (this.doubtful === undefined) return
    try {
      const { written, missing } = this.doubtful.lookUp()
      for (const record of written) this.options.onSettled?.(record, 'written')
      this.ready.unshift(...missing.map((record) => ({ record, readAt: 0, dueAt: 0, sentAt: 0 })))
    } catch (error) {
      this.options.log.warn(`the queue_log cannot be read: ${(error as Error).message}`)
      for (const record of this.doubtful.giveUp()) this.giveUp(record)
    }
  }

  /** Whether Asterisk wrote it is not known; sent again, it might be there twice. */
  private giveUp(record: QueueLogRecord): void {
    this.options.onSettled?.(record, 'unanswered')
    const line = formatQueueLogLine(record).trimEnd()
    this.options.log.warn(`the connection was lost before Asterisk answered whether it wrote ${line}`)
  }
}
