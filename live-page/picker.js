/** @import { Feed } from './feed.js' */

import { part } from './view.js'

/**
 * Lets somebody choose one PBX of many. It stands in the address of the page, which can be kept.
 *
 * @param {Feed} feed
 * @param {string | null} pbx the one that is looked at; null for all
 */
export function offerPbxs(feed, pbx) {
  const select = part('#picker select')
  if (!(select instanceof HTMLSelectElement)) return
  select.addEventListener('change', () => {
    const query = new URLSearchParams(location.search)
    query.delete('pbx')
    if (select.value !== '') query.set('pbx', select.value)
    location.search = String(query)
  })
  feed.onNames = (names) => {
    part('#picker').hidden = names.length < 2
    select.replaceChildren(...['', ...names].map((name) => choice(name, name === (pbx ?? ''))))
  }
}

/**
 * @param {string} name
 * @param {boolean} isChosen
 */
function choice(name, isChosen) {
  const option = document.createElement('option')
  option.value = name
  option.textContent = name === '' ? 'All' : name
  option.selected = isChosen
  return option
}
