/** A hold, from when to when the one who pressed the button knows of it: ms since the epoch. */
export interface Hold {
  began: number
  /** undefined: it goes on. */
  ended: number | undefined
}

/** When something was done, in ms since the epoch: from when it was asked for until Asterisk had answered. */
interface Act {
  from: number
  to: number
}

/** A hold as somebody made it at a phone. */
interface PhoneHold {
  /** Whose it is: the call of a phone. */
  by: unknown
  began: Act
  resumed?: Act
  /** When the phone left the call in it: ms since the epoch. */
  left?: number
}

/** Between what a phone does and the event that tells of it: ms. */
const TOLERANCE_MS = 1000

/**
 * The holds that the phones of a flow made, and when: what the times of CALLERONHOLD and CALLEROFFHOLD are compared
 * with. Lines that stand in their order may be of holds that lasted 0 s.
 */
export class PhoneHolds {
  private readonly holds: PhoneHold[] = []
  /** When somebody did what ends a hold as well: hung up, transferred, pressed a code, or had Asterisk do so. */
  private readonly otherEnds: Act[] = []
  private readonly now: () => number

  constructor(now: () => number = Date.now) {
    this.now = now
  }

  /** Puts the other party on hold. */
  begin(by: unknown, act: () => Promise<void>): Promise<void> {
    return this.timed(act, (began) => this.holds.push({ by, began }))
  }

  resume(by: unknown, act: () => Promise<void>): Promise<void> {
    const open = this.holds.findLast((hold) => hold.by === by && hold.resumed === undefined)
    return this.timed(act, (resumed) => {
      if (open !== undefined) open.resumed = resumed
    })
  }

  /** A phone is in a call no more. */
  leave(by: unknown): void {
    for (const hold of this.holds) if (hold.by === by && hold.resumed === undefined) hold.left ??= this.now()
  }

  /** All of them, as who made them knows. */
  get all(): Hold[] {
    return this.holds.map(({ began, resumed, left }) => ({ began: began.from, ended: resumed?.from ?? left }))
  }

  /** Does what may end a hold otherwise. */
  mayEnd<T>(act: () => Promise<T>): Promise<T> {
    return this.timed(act, (end) => this.otherEnds.push(end))
  }

  /** Does something, and notes when: from its beginning on, so that it counts also while it goes on. */
  private async timed<T>(act: () => Promise<T>, note: (act: Act) => void): Promise<T> {
    const timed = { from: this.now(), to: Number.POSITIVE_INFINITY }
    note(timed)
    try {
      return await act()
    } finally {
      timed.to = this.now()
    }
  }

  /**
   * What is wrong with the times of lines.
   *
   * @param lines of queue_log, with their times in whole seconds
   * @param lateMs how much later than what was done a line may be
   * @returns a sentence for each line that no phone accounts for
   */
  faultsOf(lines: readonly string[], lateMs = TOLERANCE_MS): string[] {
    const unused = new Set(this.holds)
    return loggedHolds(lines).flatMap(({ on, off }) => {
      const begun = [...unused].filter(({ began }) => isAt(on.time, began, lateMs))
      if (begun.length === 0) return [`no phone began a hold at the time of ${on.line}; ${this.told}`]
      const found = begun.find((hold) => off === undefined || this.ends(hold, off.time, lateMs))
      if (found === undefined) return [`no phone ended the hold at the time of ${off?.line}; ${this.told}`]
      unused.delete(found)
      return []
    })
  }

  private ends({ began, resumed }: PhoneHold, time: number, lateMs: number): boolean {
    if (resumed !== undefined && isAt(time, resumed, lateMs)) return true
    const isWithin = (end: Act): boolean =>
      end.from >= began.to && end.from < (resumed?.from ?? Number.POSITIVE_INFINITY)
    return this.otherEnds.some((end) => isWithin(end) && isAt(time, end, lateMs))
  }

  private get told(): string {
    const seconds = ({ from, to }: Act): string => `${(from / 1000).toFixed(2)}…${(to / 1000).toFixed(2)}`
    const holds = this.holds.map(
      ({ began, resumed }) => `${seconds(began)} to ${resumed === undefined ? '?' : seconds(resumed)}`,
    )
    return `the phones held from ${holds.join(', ') || 'nothing'}, and may have ended holds at ${this.otherEnds.map(seconds).join(', ') || 'no time'}`
  }
}

interface LoggedLine {
  line: string
  /** Whole seconds. */
  time: number
}

function loggedHolds(lines: readonly string[]): { on: LoggedLine; off?: LoggedLine }[] {
  const open = new Map<string, { on: LoggedLine; off?: LoggedLine }>()
  const holds: { on: LoggedLine; off?: LoggedLine }[] = []
  for (const line of lines) {
    const [time, callid, queue, , event] = line.split('|')
    const key = `${callid} ${queue}`
    if (event === 'CALLERONHOLD') {
      const hold = { on: { line, time: Number(time) } }
      holds.push(hold)
      open.set(key, hold)
    } else if (event === 'CALLEROFFHOLD') {
      const hold = open.get(key)
      if (hold !== undefined) hold.off = { line, time: Number(time) }
      open.delete(key)
    }
  }
  return holds
}

/** Whether a time in whole seconds can be that of what was done. */
function isAt(seconds: number, { from, to }: Act, lateMs: number): boolean {
  return seconds >= Math.floor((from - TOLERANCE_MS) / 1000) && seconds <= Math.floor((to + lateMs) / 1000)
}
