import type { FakeAsterisk } from '../support/fake-asterisk.ts'
import { heldCall, heldCallEnds } from '../support/held-call.ts'
import { followersAt, pidOf } from './fleet-stage.ts'

/** So many are open at a time: a line that waits for a writer is written as long as its call goes on. */
const CALLS_OPEN = 40

/** A call of a PBX, of which its tracker has to write one line. */
export interface ProbeCall {
  /** When it was put on hold: ms since the epoch. */
  readonly at: number
  /** The members that were logged in then: their process ids. */
  readonly followers: readonly number[]
  /** When its lines came, and from whom. */
  readonly lines: { at: number; pid: number | undefined }[]
}

/** Calls of one PBX, one after the other, and the lines that were written of them. */
export class ProbeCalls {
  readonly name: string
  readonly calls: ProbeCall[] = []
  private readonly server: FakeAsterisk
  private first = 0

  constructor(name: string, server: FakeAsterisk) {
    this.name = name
    this.server = server
    server.onLine((line, session) => {
      const [, number] = /\|queue-(\d+)\|/.exec(line) ?? []
      this.calls[Number(number)]?.lines.push({ at: Date.now(), pid: pidOf(session) })
    })
  }

  /** A call is put on hold. */
  next(): void {
    const at = this.server.clock()
    const n = this.calls.push({ at, followers: followersAt(this.server), lines: [] }) - 1
    this.server.send(heldCall(n, at))
    if (n >= CALLS_OPEN) this.server.send(heldCallEnds(n - CALLS_OPEN, at))
  }

  /** Those that are looked at. */
  get judged(): readonly ProbeCall[] {
    return this.calls.slice(this.first)
  }

  /** From now on calls are looked at. */
  begin(): void {
    this.first = this.calls.length
  }

  /** Who wrote last before a call: its process id. */
  writerBefore(call: ProbeCall): number | undefined {
    const before = this.calls.slice(0, this.calls.indexOf(call)).findLast(({ lines }) => lines.length > 0)
    return before?.lines[0]?.pid
  }

  /** The times in which no line came, each from the line before to the line behind it: ms since the epoch. */
  silences(longerThanMs: number): { from: number; to: number }[] {
    const times = this.judged.flatMap(({ lines }) => lines.map(({ at }) => at)).sort((one, other) => one - other)
    return times.flatMap((to, n) => {
      const from = times[n - 1] ?? to
      return to - from > longerThanMs ? [{ from, to }] : []
    })
  }
}
