import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { queueLogAction } from '../sinks/queue-log-action.ts'
import { formatQueueLogLine, type QueueLogFields } from './record.ts'

/** What may have been written since a process ended, and long before that. */
const TAIL_BYTES = 1024 * 1024
/** Asterisk stamps a line when it writes it: not before what the line tells of, but for clocks that differ a little. */
const CLOCKS_DIFFER_S = 2

/** The last lines of a queue_log, to look for a line that may or may not have been written. */
export class QueueLogTail {
  /** The times at which each line stands there, without its time: whole seconds since the epoch. */
  private readonly times = new Map<string, number[]>()
  private readonly isStampedByAsterisk: boolean

  /**
   * @param isStampedByAsterisk whether the lines have the time at which Asterisk wrote them, and not their own
   * @throws Error if the file cannot be read
   */
  constructor(path: string, isStampedByAsterisk: boolean) {
    this.isStampedByAsterisk = isStampedByAsterisk
    for (const line of endOf(path).split('\n')) {
      const bar = line.indexOf('|')
      if (bar < 0) continue
      const rest = line.slice(bar)
      const times = this.times.get(rest)
      if (times === undefined) this.times.set(rest, [Number(line.slice(0, bar))])
      else times.push(Number(line.slice(0, bar)))
    }
  }

  /** Whether the line is there; it is counted only once. */
  take(fields: QueueLogFields): boolean {
    const line = formatQueueLogLine(this.isStampedByAsterisk ? queueLogAction(fields).written : fields).trimEnd()
    const bar = line.indexOf('|')
    const time = Number(line.slice(0, bar))
    const times = this.times.get(line.slice(bar))
    const isIt = (other: number): boolean =>
      this.isStampedByAsterisk ? other >= time - CLOCKS_DIFFER_S : other === time
    const at = times?.findIndex(isIt) ?? -1
    if (at >= 0) times?.splice(at, 1)
    return at >= 0
  }
}

function endOf(path: string): string {
  // A pipe would be waited for until somebody writes into it.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) throw new Error('it is not a regular file')
    const { size } = stats
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES))
    const read = readSync(file, bytes, 0, bytes.length, size - bytes.length)
    return bytes.toString('utf8', 0, read)
  } finally {
    closeSync(file)
  }
}
