/**
 * @import { LiveCall } from '../lib/live/live-call.ts'
 * @import { LiveLine } from '../lib/live/live-lines.ts'
 * @import { Feed } from './feed.js'
 * @import { Texts } from './rows.js'
 */

import { News } from './news.js'
import { Rows } from './rows.js'
import { troubleOf } from './trouble.js'
import { clockTime, counted, length, lotOf } from './words.js'

/** With more on a wall, nothing could be read from afar. */
const MAX_ON_WALL = 20
const MAX_ROWS = 200

const CARD = [
  { name: 'space', title: 'Dial' },
  { name: 'number', title: 'Caller' },
  { name: 'lot', title: 'Lot' },
  { name: 'pbx', title: 'PBX' },
  { name: 'since', title: 'For' },
]
const CALL = [
  { name: 'number', title: 'Number' },
  { name: 'agent', title: 'Agent' },
  { name: 'queue', title: 'Queue' },
  { name: 'state', title: 'State' },
  { name: 'pbx', title: 'PBX' },
  { name: 'since', title: 'For' },
]
const LINE = [
  { name: 'time', title: 'Time' },
  { name: 'verb', title: 'Verb' },
  { name: 'agent', title: 'Agent' },
  { name: 'queue', title: 'Queue' },
  { name: 'call', title: 'Call' },
  { name: 'data', title: 'Data' },
  { name: 'pbx', title: 'PBX' },
]

/** The page. */
export class View {
  #pbx
  #isWall
  #parked = new Rows(part('#parked'), CARD)
  #held = new Rows(part('#held'), CALL)
  #others = new Rows(part('#others'), CALL)
  #lines = new Rows(part('#lines'), LINE)
  #news = new News(part('#news'))

  /**
   * @param {string | null} pbx the one that is looked at; null for all
   * @param {boolean} isWall whether parked calls are to fill the screen
   */
  constructor(pbx, isWall) {
    this.#pbx = pbx
    this.#isWall = isWall
    document.body.classList.toggle('is-wall', isWall)
    const query = new URLSearchParams(pbx === null ? {} : { pbx })
    if (!isWall) query.set('view', 'wall')
    const link = part('#other-view')
    link.setAttribute('href', `./?${query}`)
    link.textContent = isWall ? 'All calls' : 'Wall'
  }

  /** @param {Feed} feed what is known now */
  show(feed) {
    const { calls, isKnown, needsToken, lostSince, pbxs, lines } = feed
    part('#login').hidden = !needsToken
    part('#calls').hidden = !isKnown || needsToken
    const { text, remedy } = troubleOf(feed)
    setText(part('#trouble strong'), text)
    setText(part('#trouble span'), remedy)
    part('#trouble').hidden = text === ''
    document.body.classList.toggle('is-troubled', text !== '')
    document.body.classList.toggle('is-stale', lostSince !== undefined)
    document.body.classList.toggle('is-of-many', this.#pbx === null && pbxs.length > 1)
    if (!isKnown) return
    const all = [...calls.values()].sort((one, other) => one.since - other.since)
    const parked = all.filter(({ state }) => state === 'parked')
    this.#news.tell(calls)
    document.title = parked.length === 0 ? 'ami-track' : `(${parked.length}) ami-track`
    if (this.#isWall) arrange(parked.slice(0, MAX_ON_WALL))
    this.#parked.show(parked, this.#isWall ? MAX_ON_WALL : MAX_ROWS, cardTexts)
    if (!this.#isWall) {
      const isOther = (/** @type {LiveCall} */ { state }) => state !== 'parked' && state !== 'on hold'
      this.#held.show(
        all.filter(({ state }) => state === 'on hold'),
        MAX_ROWS,
        callTexts,
      )
      this.#others.show(all.filter(isOther), MAX_ROWS, callTexts)
      this.#lines.show([...lines].reverse(), MAX_ROWS, lineTexts)
    }
    setText(part('#about'), aboutOf(feed))
    this.tick(feed)
  }

  /**
   * Lets the clocks go on.
   *
   * @param {Feed} feed
   */
  tick({ ahead, lostSince }) {
    // Of a call that may be over long since, nobody knows how long it lasts.
    const now = (lostSince ?? Date.now()) + ahead
    for (const clock of document.querySelectorAll('[data-since]')) {
      setText(clock, length(now - Number(clock instanceof HTMLElement && clock.dataset.since)))
    }
  }
}

/**
 * A part of the page that is always there.
 *
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function part(selector) {
  const found = document.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new TypeError(`the page has no ${selector}`)
  return found
}

/**
 * What is the same is not written again: a screen reader would read it again.
 *
 * @param {Element} element
 * @param {string} text
 */
function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/**
 * On a wall, the codes fill the screen.
 *
 * @param {readonly LiveCall[]} parked
 */
function arrange(parked) {
  const count = parked.length
  const columns = [1, 4, 9, 12].findIndex((most) => count <= most) + 1 || 5
  const letters = Math.max(3, ...parked.map(({ space }) => space.length))
  const sizes = { columns, rows: Math.max(1, Math.ceil(count / columns)), letters: Math.min(letters, 10) }
  for (const [name, size] of Object.entries(sizes)) part('#parked ul').style.setProperty(`--${name}`, String(size))
}

/**
 * @param {LiveCall} call
 * @returns {Texts}
 */
function cardTexts({ space, number, queue, pbx, since }) {
  return { space: space || '?', number: number || 'unknown', lot: lotOf(queue), pbx, since }
}

/**
 * @param {LiveCall} call
 * @returns {Texts}
 */
function callTexts({ number, agent, queue, state, pbx, since }) {
  return { number: number || 'unknown', agent: agent === 'NONE' ? '' : agent, queue, state, pbx, since }
}

/**
 * @param {LiveLine} line
 * @returns {Texts}
 */
function lineTexts({ at, verb, outcome, agent, queue, callid, text, pbx }) {
  const data = text.split('|').slice(5).join('|')
  const said = outcome === 'written' ? verb : `${verb} (not written: ${outcome})`
  return { time: clockTime(at), verb: said, agent, queue, call: callid, data, pbx }
}

/** @param {Feed} feed */
function aboutOf({ program, pbxs, total, calls }) {
  const [pbx] = pbxs
  const asterisk = pbx?.asterisk ? `Asterisk ${pbx.asterisk}` : 'Asterisk'
  const where = pbxs.length === 1 ? `${asterisk} at ${pbx?.address}` : counted(pbxs.length, 'PBX')
  const cut = total > calls.size ? `. Of ${counted(total, 'open call')}, ${calls.size} are shown` : ''
  return `ami-track ${program}, ${where}${cut}`
}
