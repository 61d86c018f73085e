/**
 * @import { LiveCall } from '../lib/live/live-call.ts'
 * @import { LiveLine } from '../lib/live/live-lines.ts'
 * @import { PbxStatus } from '../lib/live/pbx-status.ts'
 */

/** The daemon says that it is there each 15 s: one that is silent for so long, in ms, is not. */
const SILENCE_MS = 40_000
const CHECK_EVERY_MS = 5000
/** Where the browser does not try again by itself, we do after so long, in ms. */
const AGAIN_MS = 3000
/** So many lines are shown. */
const LINES = 20

/** What a daemon says, and whether it says anything. */
export class Feed {
  /** @type {Map<string, LiveCall>} */
  calls = new Map()
  total = 0
  /** @type {readonly PbxStatus[]} */
  pbxs = []
  /** @type {LiveLine[]} The oldest first. */
  lines = []
  program = ''
  /** How far the clock of the daemon is ahead of that of the browser: ms. */
  ahead = 0
  /** Whether the calls are known. */
  isKnown = false
  /** @type {number | undefined} Since when the daemon does not answer: ms since the epoch by the browser's clock. */
  lostSince
  /** What it says instead of an answer; '' if it says nothing. */
  refusal = ''
  /** Whether somebody has to type the token. */
  needsToken = false

  /** @type {((names: readonly string[]) => void) | undefined} Told which PBXs there are, of a process that follows many. */
  onNames

  /** @type {EventSource | undefined} */
  #source
  #heardAt = Date.now()
  #lastId = ''
  #pbx
  #changed
  #names = ''

  /**
   * @param {string | null} pbx the one of many that is looked at; null for all
   * @param {() => void} changed called back when anything is different
   */
  constructor(pbx, changed) {
    this.#pbx = pbx
    this.#changed = changed
  }

  /** Looks at it from now on, whatever happens. */
  start() {
    this.open()
    setInterval(() => {
      if (this.needsToken || Date.now() - this.#heardAt < SILENCE_MS) return
      // The network may be gone without a word: then the browser still takes it for open.
      this.#lose()
      this.open()
    }, CHECK_EVERY_MS)
  }

  /** Connects anew. */
  open() {
    this.needsToken = false
    this.#source?.close()
    const source = new EventSource(this.#url(LINES))
    this.#source = source
    /** @type {Record<string, (data: any) => void>} */
    const takes = {
      hello: (data) => this.#takeHello(data),
      status: ({ pbxs }) => {
        this.pbxs = pbxs
        void this.#askNames()
      },
      calls: (data) => this.#takeCalls(data),
      lines: ({ lines }) => {
        this.lines = [...this.lines, ...lines].slice(-LINES)
      },
      alive: ({ now }) => this.#setClock(now),
    }
    for (const [event, take] of Object.entries(takes)) {
      source.addEventListener(event, ({ data, lastEventId }) => {
        this.#heardAt = Date.now()
        this.#lastId = lastEventId || this.#lastId
        this.lostSince = undefined
        this.refusal = ''
        take(JSON.parse(data))
        this.#changed()
      })
    }
    source.addEventListener('error', () => {
      this.#lose()
      if (source.readyState === EventSource.CLOSED && source === this.#source) void this.#askWhy()
    })
  }

  /** @param {number} lines */
  #url(lines) {
    const query = new URLSearchParams({ lines: String(lines) })
    if (this.#pbx !== null) query.set('pbx', this.#pbx)
    if (this.#lastId !== '') query.set('after', this.#lastId)
    return `v1/events?${query}`
  }

  #lose() {
    this.lostSince ??= Date.now()
    this.#changed()
  }

  /** An EventSource does not tell what it was answered. */
  async #askWhy() {
    const end = new AbortController()
    try {
      const answer = await fetch(this.#url(0), { signal: end.signal })
      this.needsToken = answer.status === 401
      this.refusal = answer.ok ? '' : (await answer.text()).trim()
      if (answer.status === 404) await this.#askNames()
    } catch {
      this.refusal = ''
    }
    end.abort()
    this.#changed()
    if (!this.needsToken) setTimeout(() => this.open(), AGAIN_MS)
  }

  /** Who looks at one PBX is told of that one: which there are has to be asked for. */
  async #askNames() {
    if (this.#pbx !== null && this.#names !== '') return
    let { pbxs } = this
    if (this.#pbx !== null) {
      try {
        pbxs = (await (await fetch('v1/status')).json()).pbxs
      } catch {
        // It is asked again with the next status.
        return
      }
    }
    const names = pbxs.map(({ name }) => name)
    if (this.#names === JSON.stringify(names)) return
    this.#names = JSON.stringify(names)
    this.onNames?.(names)
  }

  /** @param {{ program: string, now: number }} hello */
  #takeHello({ program, now }) {
    // Another version has another page.
    if (this.program !== '' && this.program !== program) location.reload()
    this.program = program
    this.#setClock(now)
  }

  /** @param {{ all: boolean, total: number, changed: LiveCall[], ended: string[] }} calls */
  #takeCalls({ all, total, changed, ended }) {
    if (all) this.calls.clear()
    for (const id of ended) this.calls.delete(id)
    for (const call of changed) this.calls.set(call.id, call)
    this.total = total
    this.isKnown = true
  }

  /** @param {number} now */
  #setClock(now) {
    this.ahead = now - Date.now()
  }
}
