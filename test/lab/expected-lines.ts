/**
 * What a flow must leave in queue_log, as a text:
 *
 *     {caller}|support|{agent}|CONNECT|#wait|{leg}|#
 *     + {caller}|support|{agent}|CALLERONHOLD|
 *
 * Every line of the flow is there, without its time. `+` stands before those that ami-track adds. `{role}` is the interface
 * of a phone of the flow, or else a Uniqueid, the same one wherever the name stands; `#` is a number, `#name` the same one
 * wherever the name stands; `*` is anything. The lines of a paragraph stand in this order; paragraphs may be interleaved,
 * because Asterisk writes the lines of different calls from different threads.
 */
export interface ExpectedLine {
  text: string
  isOurs: boolean
  columns: readonly ExpectedColumn[]
}

interface ExpectedColumn {
  pattern: RegExp
  /** What the groups of the pattern are bound to. */
  names: readonly string[]
}

/** What names stand for. */
export type Bindings = ReadonlyMap<string, string>

const UNIQUEID = '((?:[\\w-]+-)?\\d+\\.\\d+)'

/** @param roles names that stand for a text that is known, such as the interfaces of phones */
export function parseExpected(text: string, roles: Bindings = new Map()): ExpectedLine[][] {
  const paragraphs = text.split(/\n[ \t]*\n/).map((paragraph) =>
    paragraph
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => parseLine(line, roles)),
  )
  return paragraphs.filter((lines) => lines.length > 0)
}

function parseLine(line: string, roles: Bindings): ExpectedLine {
  const isOurs = line.startsWith('+ ')
  const text = isOurs ? line.slice(2) : line
  return { text: line, isOurs, columns: text.split('|').map((column) => parseColumn(column, roles)) }
}

function parseColumn(column: string, roles: Bindings): ExpectedColumn {
  const names: string[] = []
  const source = column.replace(/\{(\w+)\}|#(\w*)|\*(?!\d)|[^{#*]+|\*/g, (piece, role?: string, number?: string) => {
    if (role !== undefined && roles.has(role)) return literally(roles.get(role) ?? '')
    if (role !== undefined) {
      names.push(role)
      return UNIQUEID
    }
    if (number !== undefined) {
      names.push(number === '' ? '' : `#${number}`)
      return '(\\d+)'
    }
    return piece === '*' ? '[^|]*' : literally(piece)
  })
  return { pattern: new RegExp(`^${source}$`), names }
}

function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/**
 * Whether a line (without its time) is the one expected.
 *
 * @returns what the names stand for then, or undefined
 */
export function matchLine({ columns }: ExpectedLine, actual: string, bindings: Bindings): Bindings | undefined {
  const texts = actual.split('|')
  if (texts.length !== columns.length) return undefined
  const found = new Map(bindings)
  for (const [index, { pattern, names }] of columns.entries()) {
    const groups = pattern.exec(texts[index] ?? '')
    if (groups === null) return undefined
    for (const [at, name] of names.entries()) {
      const text = groups[at + 1] ?? ''
      if (name === '') continue
      if ((found.get(name) ?? text) !== text) return undefined
      // Different calls have different names.
      if (!name.startsWith('#') && !found.has(name) && [...found.values()].includes(text)) return undefined
      found.set(name, text)
    }
  }
  return found
}
