/** @import { LiveCall } from '../lib/live/live-call.ts' */

import { counted } from './words.js'

/** Who cannot see the page hears what becomes of parked calls, and no clock. */
export class News {
  #place
  /** @type {Map<string, LiveCall> | undefined} */
  #parked

  /** @param {HTMLElement} place a status that is read aloud when it changes */
  constructor(place) {
    this.#place = place
  }

  /** @param {ReadonlyMap<string, LiveCall>} calls all that are open */
  tell(calls) {
    const now = new Map([...calls].filter(([, { state }]) => state === 'parked'))
    const news = this.#parked === undefined ? [beginning(now.size)] : [...newsOf(this.#parked, now, calls)]
    this.#parked = now
    if (news.length > 0) this.#place.textContent = news.join(' ')
  }
}

/** @param {number} count */
function beginning(count) {
  return count === 0 ? 'No call is parked.' : `${counted(count, 'parked call')}.`
}

/**
 * @param {ReadonlyMap<string, LiveCall>} before those that were parked
 * @param {ReadonlyMap<string, LiveCall>} now those that are
 * @param {ReadonlyMap<string, LiveCall>} calls all that are open
 */
function* newsOf(before, now, calls) {
  for (const [id, { space, number }] of now) {
    if (before.get(id)?.space !== space) yield `Parked at ${space}: ${number || 'an unknown number'}.`
  }
  for (const [id, { space }] of before) {
    if (now.has(id)) continue
    yield calls.has(id) ? `The call at ${space} was picked up.` : `The call at ${space} is over.`
  }
}
