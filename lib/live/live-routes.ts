import type { ServerResponse } from 'node:http'
import type { TapSelection } from '../explain/tap.ts'
import type { Asked, Routes } from '../http/http-server.ts'
import type { Reply } from '../http/reply.ts'
import { callsNow, Feed, type LiveSource, statusNow } from './feed.ts'
import { LINES_KEPT } from './live-lines.ts'
import { eventOf } from './send-to.ts'
import { feedTap } from './tap-feed.ts'

/** Of what is answered here: another number means that something has another meaning, or is gone. */
const LIVE_VERSION = 1
/** So many may look at a time. */
const MAX_LOOKERS = 100
/** So many may tap at a time: each costs some microseconds an event. */
const MAX_TAPS = 10
const EVENT_STREAM = 'text/event-stream; charset=utf-8'
/** Who comes to look sees so many lines of before, unless another number is asked for. */
const LINES_AT_FIRST = 50

/** What is shown of a process to those who look. */
export interface LiveRoutesOptions extends LiveSource {
  /** Of the program. */
  readonly version: string
  /** Whether a PBX of this name is to be followed. */
  has(pbx: string): boolean
  /** Whether it is known which are. */
  isKnown(): boolean
}

/** How it is, the open calls, the last lines, and all of them as they change. docs/live.md describes it. */
export class LiveRoutes {
  private readonly options: LiveRoutesOptions
  private readonly feeds = new Map<string | undefined, Feed>()
  private lookers = 0
  private taps = 0

  constructor(options: LiveRoutesOptions) {
    this.options = options
  }

  readonly routes: Routes = {
    '/v1/status': (asked, reply) =>
      this.ofPbx(asked, reply, (pbx) => {
        const { version } = this.options
        return { version: LIVE_VERSION, program: version, now: Date.now(), pbxs: statusNow(this.options, pbx) }
      }),
    '/v1/calls': (asked, reply) =>
      this.ofPbx(asked, reply, (pbx) => ({ version: LIVE_VERSION, now: Date.now(), ...callsNow(this.options, pbx) })),
    '/v1/lines': (asked, reply) =>
      this.ofPbx(asked, reply, (pbx) => {
        const lines = this.options.lines.last(countIn(asked, LINES_KEPT), pbx)
        return { version: LIVE_VERSION, now: Date.now(), lines }
      }),
    '/v1/events': (asked, reply) => this.look(asked, reply),
    '/v1/tap': (asked, reply) => this.tap(asked, reply),
  }

  /** Nobody looks any more. */
  close(): void {
    for (const feed of this.feeds.values()) feed.end()
    this.feeds.clear()
  }

  private ofPbx(asked: Asked, reply: Reply, answer: (pbx: string | undefined) => unknown): void {
    const pbx = this.pbxIn(asked, reply)
    if (pbx !== null) reply.json(answer(pbx))
  }

  /** The PBX that is asked for; undefined for all, null if there is none of this name, which is answered then. */
  private pbxIn({ query }: Asked, reply: Reply): string | undefined | null {
    const pbx = query.get('pbx') ?? undefined
    if (pbx === undefined || this.options.has(pbx)) return pbx
    if (this.options.isKnown()) reply.text(404, 'No PBX has this name.\n')
    else reply.text(503, 'ami-track does not know its PBXs yet: try again later.\n')
    return null
  }

  private tap(asked: Asked, reply: Reply): void {
    const pbx = this.pbxIn(asked, reply)
    if (pbx === null || !this.mayStream(reply)) return
    const [one, other] = this.options.pbxs(pbx)
    const tap = one?.followed?.tap
    if (other !== undefined) reply.text(400, 'This daemon follows many PBXs: name one (--pbx NAME, or ?pbx=NAME).\n')
    else if (this.taps >= MAX_TAPS)
      reply.text(503, `ami-track tap already runs ${MAX_TAPS} times on this daemon: try again later.\n`)
    else if (tap === undefined) reply.text(503, 'ami-track does not follow this PBX at the moment.\n')
    else {
      const looker = this.streamTo(reply, { role: one?.followed?.status.role })
      this.taps++
      looker.on('close', () => this.taps--)
      feedTap(tap, selectionIn(asked), looker)
    }
  }

  /** Whether an answer may go on for as long as the client listens; if not, it is answered. */
  private mayStream(reply: Reply): boolean {
    if (reply.isHead) {
      reply.text(200, '', EVENT_STREAM)
      return false
    }
    if (this.lookers < MAX_LOOKERS) return true
    reply.text(503, `${MAX_LOOKERS} browsers and programs already show this page: try again later.\n`)
    return false
  }

  private streamTo(reply: Reply, more = {}): ServerResponse {
    const looker = reply.stream(EVENT_STREAM)
    this.lookers++
    looker.on('close', () => this.lookers--)
    looker.on('error', () => {})
    const hello = { version: LIVE_VERSION, program: this.options.version, now: Date.now(), ...more }
    looker.write(eventOf('hello', JSON.stringify(hello)))
    return looker
  }

  private look(asked: Asked, reply: Reply): void {
    const pbx = this.pbxIn(asked, reply)
    if (pbx === null || !this.mayStream(reply)) return
    const { lines } = this.options
    const before = lines.after(lastSeen(asked), pbx) ?? lines.last(countIn(asked, LINES_AT_FIRST), pbx)
    const feed = this.feeds.get(pbx) ?? new Feed(this.options, pbx)
    this.feeds.set(pbx, feed)
    const looker = this.streamTo(reply)
    looker.on('close', () => {
      feed.delete(looker)
      if (feed.size > 0 || this.feeds.get(pbx) !== feed) return
      this.feeds.delete(pbx)
      feed.end()
    })
    feed.add(looker, before)
  }
}

/** `call=1795373360.2&agent=Jane` */
function selectionIn({ query }: Asked): TapSelection {
  const of = (name: string): string | undefined => query.get(name) || undefined
  return { call: of('call'), queue: of('queue'), number: of('number'), agent: of('agent') }
}

/** `lines=20` */
function countIn({ query }: Asked, fallback: number): number {
  const text = query.get('lines') ?? ''
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LINES_KEPT) : fallback
}

/** The id of the last line that one saw who was here before. */
function lastSeen({ headers, query }: Asked): string {
  return String(headers['last-event-id'] ?? query.get('after') ?? '')
}
