import { counted } from './words.js'

/**
 * What a row shows in one place.
 *
 * @typedef {object} Column
 * @property {string} name names its class
 * @property {string} title
 */

/**
 * The texts of a row, by the names of the columns; a number is the time since when something is so: ms since the epoch.
 *
 * @typedef {Record<string, string | number>} Texts
 */

/** The rows of a table, or the items of a list, which come, change and go. Texts are the callers' own, and stay texts. */
export class Rows {
  #section
  #columns
  #table
  #body
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map()

  /**
   * @param {HTMLElement} section that has a table or a list
   * @param {readonly Column[]} columns
   */
  constructor(section, columns) {
    this.#section = section
    this.#columns = columns
    this.#table = section.querySelector('table')
    this.#body = this.#table === null ? child(section, 'ul') : this.#begin(this.#table)
  }

  /**
   * @template {{ id: string }} T
   * @param {readonly T[]} items in their order
   * @param {number} most of more, how many there are is told
   * @param {(item: T) => Texts} textsOf
   */
  show(items, most, textsOf) {
    const shown = items.slice(0, most)
    const ids = new Set(shown.map(({ id }) => id))
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue
      row.remove()
      this.#rows.delete(id)
    }
    for (const [n, item] of shown.entries()) {
      const row = this.#rows.get(item.id) ?? this.#create()
      this.#rows.set(item.id, row)
      this.#fill(row, textsOf(item))
      if (this.#body.children[n] !== row) this.#body.insertBefore(row, this.#body.children[n] ?? null)
    }
    child(this.#section, '.empty').hidden = items.length > 0
    ;(this.#table ?? this.#body).hidden = items.length === 0
    const more = child(this.#section, '.more')
    more.hidden = items.length <= most
    more.textContent = `And ${counted(items.length - most, 'more call')}.`
  }

  /** @param {HTMLTableElement} table */
  #begin(table) {
    // On a phone, rows are no longer laid out as those of a table. They are rows all the same.
    table.setAttribute('role', 'table')
    const head = table.createTHead()
    head.setAttribute('role', 'rowgroup')
    const row = head.insertRow()
    row.setAttribute('role', 'row')
    for (const { name, title } of this.#columns) {
      const cell = document.createElement('th')
      cell.scope = 'col'
      cell.className = name
      cell.setAttribute('role', 'columnheader')
      cell.textContent = title
      row.append(cell)
    }
    const body = table.createTBody()
    body.setAttribute('role', 'rowgroup')
    return body
  }

  #create() {
    const row = document.createElement(this.#table === null ? 'li' : 'tr')
    if (this.#table !== null) row.setAttribute('role', 'row')
    for (const { name, title } of this.#columns) {
      const cell = document.createElement(this.#table === null ? 'p' : 'td')
      cell.className = name
      // Letters that run from right to left, or say so, have no say outside.
      const text = document.createElement('bdi')
      if (this.#table === null) {
        const label = document.createElement('span')
        label.className = 'label'
        label.textContent = title
        cell.append(label, ' ')
      } else cell.setAttribute('role', 'cell')
      cell.append(text)
      row.append(cell)
    }
    return row
  }

  /**
   * @param {HTMLElement} row
   * @param {Texts} texts
   */
  #fill(row, texts) {
    for (const [n, { name }] of this.#columns.entries()) {
      const cell = child(row.children[n], 'bdi')
      const text = texts[name] ?? ''
      if (typeof text === 'number') cell.dataset.since = String(text)
      else if (cell.dataset.since !== undefined || cell.textContent !== text) {
        delete cell.dataset.since
        cell.textContent = text
      }
    }
  }
}

/**
 * @param {Element | undefined} parent
 * @param {string} selector
 * @returns {HTMLElement}
 */
function child(parent, selector) {
  const found = parent?.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new TypeError(`the page has no ${selector}`)
  return found
}
