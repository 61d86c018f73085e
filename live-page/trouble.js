/** @import { Feed } from './feed.js' */

import { clockTime } from './words.js'

/**
 * What is wrong, and what is done about it; empty if nothing is.
 *
 * @param {Feed} feed
 * @returns {{ text: string, remedy: string }}
 */
export function troubleOf({ needsToken, lostSince, refusal, isKnown, pbxs }) {
  if (needsToken) return { text: '', remedy: '' }
  if (lostSince !== undefined) {
    const text = refusal || `The daemon has not answered since ${clockTime(lostSince)}.`
    return { text, remedy: isKnown ? 'Trying again. The page shows the calls of that time.' : 'Trying again.' }
  }
  const [first, ...others] = pbxs.filter(({ trouble }) => trouble !== null)
  if (first === undefined) return { text: '', remedy: '' }
  const { text = '', remedy = '' } = first.trouble ?? {}
  const more = others.length === 0 ? '' : ` PBXs with a problem: ${others.length} more.`
  return { text: first.name === '' ? text : `${first.name}: ${text}`, remedy: remedy + more }
}
