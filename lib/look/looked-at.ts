import type { LiveCall } from '../live/live-call.ts'
import type { LiveLine } from '../live/live-lines.ts'
import type { PbxStatus } from '../live/pbx-status.ts'
import type { DaemonEvent } from './daemon-client.ts'

/** So many lines are remembered. */
const MAX_LINES = 200

/** What is known of a daemon from its events. */
export class LookedAt {
  readonly calls = new Map<string, LiveCall>()
  /** How many calls are open: of too many, not all are shown. */
  total = 0
  pbxs: readonly PbxStatus[] = []
  readonly lines: LiveLine[] = []
  program = ''
  /** Why the daemon is not there; undefined if it is, or has not answered yet. */
  lost: string | undefined
  /** Whether it has said which calls are open. */
  isKnown = false

  /** @throws TypeError if it is none of a daemon */
  take({ event, data }: DaemonEvent): void {
    this.lost = undefined
    if (event === 'hello') this.program = (data as { program: string }).program
    else if (event === 'status') this.pbxs = (data as { pbxs: PbxStatus[] }).pbxs
    else if (event === 'lines') this.takeLines((data as { lines: LiveLine[] }).lines)
    else if (event === 'calls') this.takeCalls(data as CallsEvent)
  }

  /** Whether the daemon follows PBXs that have names. */
  get isOfMany(): boolean {
    return this.pbxs.some(({ name }) => name !== '')
  }

  /** The daemon is not there: what it said of calls is past. */
  lose(why: string): void {
    this.lost = why
    this.isKnown = false
    this.calls.clear()
    this.total = 0
  }

  private takeCalls({ all, total, changed, ended }: CallsEvent): void {
    if (all) this.calls.clear()
    this.isKnown = true
    for (const id of ended) this.calls.delete(id)
    for (const call of changed) this.calls.set(call.id, call)
    this.total = total
  }

  private takeLines(lines: readonly LiveLine[]): void {
    this.lines.push(...lines)
    this.lines.splice(0, Math.max(0, this.lines.length - MAX_LINES))
  }
}

interface CallsEvent {
  readonly all: boolean
  readonly total: number
  readonly changed: readonly LiveCall[]
  readonly ended: readonly string[]
}
