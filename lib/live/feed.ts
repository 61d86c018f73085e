import type { ServerResponse } from 'node:http'
import type { Log } from '../text/log.ts'
import { type LiveCall, liveCalls } from './live-call.ts'
import type { LiveLine, LiveLines } from './live-lines.ts'
import { type LookedAtPbx, type PbxStatus, statusOf } from './pbx-status.ts'
import { eventOf, SIGN_OF_LIFE_MS, sendTo } from './send-to.ts'

/** Calls are looked at again after so long, in ms. */
const LOOK_EVERY_MS = 500
/** Of so many times the length of a look nothing is looked at: looking takes 2 % of the time at most. */
const RESTS_PER_LOOK = 50
/** How a PBX is, is told again after so many looks, where it has changed: lags do all the time. */
const LOOKS_PER_STATUS = 4
/** Lines go out together that come within so long, in ms. */
const LINES_TOGETHER_MS = 50
/** More calls are not shown: of those, the ones that changed last. */
const MAX_CALLS = 2000

/** What a feed shows. */
export interface LiveSource {
  readonly lines: LiveLines
  readonly log: Log
  /** The PBXs that are followed, or one of them. */
  pbxs(name: string | undefined): Iterable<LookedAtPbx>
}

/** The calls that are open now: the ones that changed last, if they are too many. */
export function callsNow(source: LiveSource, pbx: string | undefined): { calls: LiveCall[]; total: number } {
  const calls = [...source.pbxs(pbx)].flatMap(({ name, followed }) =>
    followed === undefined ? [] : liveCalls(followed.tracking.trackers, name),
  )
  const total = calls.length
  if (total <= MAX_CALLS) return { calls, total }
  return { calls: calls.sort((one, other) => other.since - one.since).slice(0, MAX_CALLS), total }
}

/** How PBXs are now. */
export function statusNow({ lines, ...source }: LiveSource, pbx: string | undefined): PbxStatus[] {
  return [...source.pbxs(pbx)].map((one) => statusOf(one, lines))
}

/**
 * Tells those who look at the same PBX, or at all, what changes: as server-sent events, put together once for all of them.
 * While nobody looks nothing is done.
 */
export class Feed {
  private readonly source: LiveSource
  private readonly pbx: string | undefined
  private readonly lookers = new Set<ServerResponse>()
  private readonly endListening: () => void
  private shown = new Map<string, string>()
  private shownStatus = ''
  private shownTotal = -1
  private waiting: LiveLine[] = []
  private looks = 0
  private looking: NodeJS.Timeout | undefined
  private flushing: NodeJS.Timeout | undefined
  private readonly living: NodeJS.Timeout

  /** @param pbx the one of many that is looked at; undefined for all */
  constructor(source: LiveSource, pbx: string | undefined) {
    this.source = source
    this.pbx = pbx
    this.endListening = source.lines.onLine((line) => this.addLine(line))
    this.living = setInterval(() => this.send(eventOf('alive', `{"now":${Date.now()}}`)), SIGN_OF_LIFE_MS)
    this.look()
  }

  get size(): number {
    return this.lookers.size
  }

  /** Shows what was seen last to one who comes, and what changes from then on. @param lines the last ones, of before */
  add(looker: ServerResponse, lines: readonly LiveLine[]): void {
    this.flushLines()
    this.lookers.add(looker)
    const all = [...this.shown.values()].join(',')
    looker.write(
      eventOf('status', this.shownStatus) +
        eventOf('calls', `{"all":true,"total":${this.shownTotal},"changed":[${all}],"ended":[]}`) +
        this.linesEvent(lines),
    )
  }

  delete(looker: ServerResponse): void {
    this.lookers.delete(looker)
  }

  /** Tells nobody anything any more. */
  end(): void {
    clearTimeout(this.looking)
    clearTimeout(this.flushing)
    clearInterval(this.living)
    this.endListening()
    for (const looker of this.lookers) looker.destroy()
    this.lookers.clear()
  }

  // ---- calls and status

  private look(): void {
    const began = performance.now()
    clearTimeout(this.looking)
    try {
      this.tellCalls()
      if (this.looks++ % LOOKS_PER_STATUS === 0) this.tellStatus()
    } catch (error) {
      // Whatever goes wrong for those who look, the daemon goes on.
      this.source.log.error(`cannot build the page of the open calls: ${(error as Error).message}`)
      this.end()
      return
    }
    const took = performance.now() - began
    this.looking = setTimeout(() => this.look(), Math.max(LOOK_EVERY_MS, took * RESTS_PER_LOOK))
  }

  private tellCalls(): void {
    const { calls, total } = callsNow(this.source, this.pbx)
    const now = new Map(calls.map((call) => [call.id, JSON.stringify(call)]))
    const changed = [...now].filter(([id, json]) => this.shown.get(id) !== json).map(([, json]) => json)
    const ended = [...this.shown.keys()].filter((id) => !now.has(id))
    const isSame = changed.length === 0 && ended.length === 0 && total === this.shownTotal
    this.shown = now
    this.shownTotal = total
    if (isSame) return
    const told = `"changed":[${changed.join(',')}],"ended":${JSON.stringify(ended)}`
    this.send(eventOf('calls', `{"all":false,"total":${total},${told}}`))
  }

  private tellStatus(): void {
    const status = JSON.stringify({ pbxs: statusNow(this.source, this.pbx) })
    if (status === this.shownStatus) return
    this.shownStatus = status
    this.send(eventOf('status', status))
  }

  // ---- lines

  private addLine(line: LiveLine): void {
    if (this.pbx !== undefined && line.pbx !== this.pbx) return
    this.waiting.push(line)
    this.flushing ??= setTimeout(() => this.flushLines(), LINES_TOGETHER_MS)
  }

  private flushLines(): void {
    clearTimeout(this.flushing)
    this.flushing = undefined
    const lines = this.waiting
    this.waiting = []
    if (lines.length > 0) this.send(this.linesEvent(lines))
  }

  private linesEvent(lines: readonly LiveLine[]): string {
    const last = lines.at(-1)
    if (last === undefined) return ''
    return `id: ${last.id}\n${eventOf('lines', JSON.stringify({ lines }))}`
  }

  private send(text: string): void {
    for (const looker of this.lookers) sendTo(looker, text)
  }
}
