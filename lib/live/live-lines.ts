import { randomBytes } from 'node:crypto'
import type { LineOutcome } from '../queue-log/outcome.ts'
import { formatQueueLogLine, orNone, type QueueLogRecord, queueLogField } from '../queue-log/record.ts'

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

/** What is kept of a line: what is shown of it is put together when somebody looks. */
interface KeptLine {
  readonly number: number
  readonly pbx: string
  readonly record: QueueLogRecord
  readonly outcome: LineOutcome
}

/** So many lines are kept. */
export const LINES_KEPT = 1000

/** The last lines of a process, for those who look. */
export class LiveLines {
  /** A name for the life of this process: the count of lines begins anew with each. */
  private readonly process = randomBytes(4).toString('hex')
  /** The last ones in a ring, the oldest at `next` once it is full. */
  private readonly ring: KeptLine[] = []
  private next = 0
  private readonly lastByPbx = new Map<string, KeptLine>()
  private count = 0
  private readonly listeners = new Set<(line: LiveLine) => void>()

  add(record: QueueLogRecord, outcome: LineOutcome, pbx = ''): void {
    const line = { number: ++this.count, pbx, record, outcome }
    this.ring[this.next] = line
    this.next = (this.next + 1) % LINES_KEPT
    this.lastByPbx.set(pbx, line)
    if (this.listeners.size === 0) return
    const shown = this.liveLineOf(line)
    for (const listener of this.listeners) listener(shown)
  }

  /**
   * Those behind another one, as far as they are kept: the oldest first. undefined if that is none of this process.
   *
   * @param pbx of this PBX alone
   */
  after(id: string, pbx?: string): LiveLine[] | undefined {
    const [process, number = ''] = id.split('-')
    if (process !== this.process || !/^\d{1,15}$/.test(number)) return undefined
    const behind = this.count - Number(number)
    return behind > 0 ? ofPbx(this.kept().slice(-behind), pbx).map((line) => this.liveLineOf(line)) : []
  }

  /** The last ones, the oldest first. @param pbx of this PBX alone */
  last(count: number, pbx?: string): LiveLine[] {
    const lines = count === 0 ? [] : ofPbx(this.kept(), pbx).slice(-count)
    return lines.map((line) => this.liveLineOf(line))
  }

  /** The last one of a PBX. */
  lastOf(pbx: string): LiveLine | undefined {
    const line = this.lastByPbx.get(pbx)
    return line && this.liveLineOf(line)
  }

  /** Calls back for each line from now on. @returns ends that */
  onLine(listener: (line: LiveLine) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  private kept(): KeptLine[] {
    return [...this.ring.slice(this.next), ...this.ring.slice(0, this.next)]
  }

  private liveLineOf({ number, pbx, record, outcome }: KeptLine): LiveLine {
    const { time, callid, queuename, agent, event } = record
    const [call, queue, by] = [callid, queuename, agent].map((text) => queueLogField(orNone(text))) as [
      string,
      string,
      string,
    ]
    return {
      id: `${this.process}-${number}`,
      pbx,
      at: Math.round(time * 1000),
      outcome,
      text: formatQueueLogLine(record).trimEnd(),
      callid: call,
      queue,
      agent: by,
      verb: queueLogField(event),
    }
  }
}

function ofPbx(lines: KeptLine[], pbx: string | undefined): KeptLine[] {
  return pbx === undefined ? lines : lines.filter((line) => line.pbx === pbx)
}
