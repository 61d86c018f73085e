/**
 * What a flow must leave in queue_log, as a text:
 *
 *     {caller}|support|{agent}|CONNECT|#wait|{leg}|#
 *     + {caller}|support|{agent}|CALLERONHOLD|
 *
 * Every line of the flow is there, without its time. `+` stands before those that ami-track adds, `~` before those that
 * Asterisk writes late at times (see {@link paragraphsWithLate}), `?` before those that it does not always write. `{role}` is the interface of a phone of the flow, or else
 * a Uniqueid, the same one wherever the name stands; `#` is a number, `#name` the same one wherever the name stands; `*` is
 * anything; ` or ` stands between two lines of which there is one. The lines of a paragraph stand in this order; paragraphs
 * may be interleaved, because Asterisk writes the lines of different calls from different threads.
 */
export interface ExpectedLine {
  text: string
  isOurs: boolean
  mayBeLate: boolean
  mayBeMissing: boolean
  /** The columns of each line that it may be. */
  choices: readonly (readonly ExpectedColumn[])[]
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
  const [, mark, text = ''] = /^([+~?] )?(.*)$/.exec(line) ?? []
  const choices = text.split(' or ').map((choice) => parseColumns(choice, roles))
  return { text: line, isOurs: mark === '+ ', mayBeLate: mark === '~ ', mayBeMissing: mark === '? ', choices }
}

function parseColumns(text: string, roles: Bindings): ExpectedColumn[] {
  return text.split('|').map((column) => parseColumn(column, roles))
}

/**
 * The lines where Asterisk was late: those that may be are not tied to the order of their paragraph. Where it was so late
 * that the caller had hung up, it has written that instead.
 */
export function paragraphsWithLate(paragraphs: readonly ExpectedLine[][]): ExpectedLine[][] {
  const late = paragraphs.flat().filter(({ mayBeLate }) => mayBeLate)
  const inTime = paragraphs.map((lines) => lines.filter(({ mayBeLate }) => !mayBeLate))
  const tooLate = parseColumns('COMPLETECALLER|#|#|1', new Map())
  return [
    ...inTime,
    ...late.map((line) => [
      { ...line, choices: line.choices.flatMap((columns) => [columns, [...columns.slice(0, 3), ...tooLate]]) },
    ]),
  ]
}

/** What app_queue writes in the place of a transfer where it hears of the hang-up first. */
const COMPLETED: Readonly<Record<string, string>> = {
  BLINDTRANSFER: 'COMPLETEAGENT',
  // To it the consultation is the caller (asterisk#759), and that is what hangs up.
  ATTENDEDTRANSFER: 'COMPLETECALLER',
}

/** Asterisk's own line of a transfer, which may be that of a hang-up in its place. */
export function orCompleted(line: ExpectedLine): ExpectedLine {
  const found = Object.entries(COMPLETED).find(([verb]) => line.text.includes(`|${verb}|`))
  if (line.isOurs || found === undefined) return line
  const completed = parseColumns(found[1], new Map())
  // What two columns of a transfer tell, where it went, a hang-up has not.
  const hungUp = line.choices.map((columns) => [...columns.slice(0, 3), ...completed, ...columns.slice(6)])
  return { ...line, choices: [...line.choices, ...hungUp] }
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
export function matchLine({ choices, isOurs }: ExpectedLine, actual: string, bindings: Bindings): Bindings | undefined {
  for (const columns of choices) {
    const found = matchColumns(columns, actual.split('|'), bindings, isOurs)
    if (found !== undefined) return found
  }
  return undefined
}

function matchColumns(
  columns: readonly ExpectedColumn[],
  texts: readonly string[],
  bindings: Bindings,
  isOurs: boolean,
): Bindings | undefined {
  if (texts.length !== columns.length) return undefined
  const found = new Map(bindings)
  for (const [index, { pattern, names }] of columns.entries()) {
    const groups = pattern.exec(texts[index] ?? '')
    if (groups === null) return undefined
    for (const [at, name] of names.entries()) {
      if (name !== '' && !bind(found, name, groups[at + 1] ?? '', isOurs)) return undefined
    }
  }
  return found
}

/** Different calls have different names; numbers may be the same. */
function bind(bindings: Map<string, string>, name: string, text: string, isOurs: boolean): boolean {
  const known = bindings.get(name)
  if (known !== undefined) return known === text || (!isOurs && isNextSecond(name, known, text))
  if (!name.startsWith('#') && [...bindings.values()].includes(text)) return false
  bindings.set(name, text)
  return true
}

/**
 * app_queue looks at the clock for CONNECT, and again for the call's end: a call of which the two stood on either side of a
 * second had `CONNECT|0` and `COMPLETECALLER|1` (16.28).
 */
function isNextSecond(name: string, known: string, text: string): boolean {
  return name.startsWith('#') && Number(text) === Number(known) + 1
}
