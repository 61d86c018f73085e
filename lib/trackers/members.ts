import type { QueueLogFields } from '../queue-log/record.ts'

/**
 * The agents that tracked calls add to their queues: an agent with two calls on a queue is added at the first and removed
 * after the last.
 */
export class Members {
  private readonly calls = new Map<string, number>()
  private readonly areWritten: boolean

  /** @param areWritten false if these lines are not wanted (`--joinlines 0`): then nobody is added */
  constructor(areWritten: boolean) {
    this.areWritten = areWritten
  }

  get size(): number {
    return this.calls.size
  }

  /** @param at ms since the epoch */
  add(queuename: string, agent: string, at: number): QueueLogFields[] {
    if (!this.areWritten) return []
    const key = JSON.stringify([queuename, agent])
    const before = this.calls.get(key) ?? 0
    this.calls.set(key, before + 1)
    return before === 0 ? [memberLine(queuename, agent, 'ADDMEMBER', at)] : []
  }

  /** @param at ms since the epoch */
  remove(queuename: string, agent: string, at: number): QueueLogFields[] {
    const key = JSON.stringify([queuename, agent])
    const before = this.calls.get(key) ?? 0
    if (before > 1) {
      this.calls.set(key, before - 1)
      return []
    }
    return this.calls.delete(key) ? [memberLine(queuename, agent, 'REMOVEMEMBER', at)] : []
  }
}

/** ADDMEMBER and REMOVEMEMBER have no call: Asterisk writes MANAGER for changes over AMI. */
export function memberLine(
  queuename: string,
  agent: string,
  event: 'ADDMEMBER' | 'REMOVEMEMBER' | 'HOTDESKING',
  at: number,
  data: string[] = [],
): QueueLogFields {
  return { time: at / 1000, callid: 'MANAGER', queuename, agent, event, data }
}
