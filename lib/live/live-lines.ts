import { randomBytes } from 'node:crypto'
import type { LineOutcome } from '../queue-log/outcome.ts'
import { formatQueueLogLine, harmless, orNone, type QueueLogRecord } from '../queue-log/record.ts'

/** A line of queue_log, and what became of it. docs/live.md describes it. */
export interface LiveLine {
  /** Names the line: of two daemons, also of one that was started again, it differs. */
  readonly id: string
  /** The name of its PBX; '' where the process follows one. */
  readonly pbx: string
  /** When it happened: ms since the epoch. */
  readonly at: number
  readonly outcome: LineOutcome
  /** The line as it stands in queue_log, but for its time, which Asterisk stamps: without a line end. */
  readonly text: string
  readonly callid: string
  readonly queue: string
  readonly agent: string
  readonly verb: string
}

/** So many lines are kept. */
export const LINES_KEPT = 1000

/** The last lines of a process, for those who look. */
export class LiveLines {
  /** A name for the life of this process: the count of lines begins anew with each. */
  private readonly process = randomBytes(4).toString('hex')
  /** The last ones in a ring, the oldest at `next` once it is full. */
  private readonly ring: LiveLine[] = []
  private next = 0
  private readonly lastByPbx = new Map<string, LiveLine>()
  private count = 0
  private readonly listeners = new Set<(line: LiveLine) => void>()

  add(record: QueueLogRecord, outcome: LineOutcome, pbx = ''): void {
    const { time, callid, queuename, agent, event } = record
    const [call = '', queue = '', by = '', verb = ''] = [
      ...[callid, queuename, agent].map((text) => harmless(orNone(text))),
      harmless(event),
    ]
    const text = formatQueueLogLine(record).trimEnd()
    const id = `${this.process}-${++this.count}`
    const line = { id, pbx, at: Math.round(time * 1000), outcome, text, callid: call, queue, agent: by, verb }
    this.ring[this.next] = line
    this.next = (this.next + 1) % LINES_KEPT
    this.lastByPbx.set(pbx, line)
    for (const listener of this.listeners) listener(line)
  }

  /** Those behind another one, as far as they are kept: the oldest first. undefined if that is none of this process. */
  after(id: string): LiveLine[] | undefined {
    const [process, number = ''] = id.split('-')
    if (process !== this.process || !/^\d{1,15}$/.test(number)) return undefined
    const behind = this.count - Number(number)
    return behind > 0 ? this.kept().slice(-behind) : []
  }

  /** The last ones, the oldest first. @param pbx of this PBX alone */
  last(count: number, pbx?: string): LiveLine[] {
    const kept = pbx === undefined ? this.kept() : this.kept().filter((line) => line.pbx === pbx)
    return count === 0 ? [] : kept.slice(-count)
  }

  /** The last one of a PBX. */
  lastOf(pbx: string): LiveLine | undefined {
    return this.lastByPbx.get(pbx)
  }

  /** Calls back for each line from now on. @returns ends that */
  onLine(listener: (line: LiveLine) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  private kept(): LiveLine[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)]
  }
}
