import type { TapRow } from '../explain/tap.ts'
import { oneLine } from '../text/one-line.ts'
import { timeOfDay } from './words.ts'

/** As terminals understand them. */
const STYLES: Readonly<Record<TapRow['kind'], string>> = {
  event: '',
  line: '\u001b[32m',
  asterisk: '\u001b[36m',
  reason: '\u001b[33m',
}
const RESET = '\u001b[0m'
const MARKS: Readonly<Record<Exclude<TapRow['kind'], 'event'>, string>> = { line: '>', asterisk: '*', reason: '-' }
/** As wide as a time and a space. */
const INDENT = ' '.repeat(13)

/** A row as a line of text: an event with its time and its call, and what stands under it. */
export function tapText(row: TapRow, hasColours: boolean): string {
  const text = textOf(row)
  const style = hasColours ? STYLES[row.kind] : ''
  return `${style}${text}${style === '' ? '' : RESET}\n`
}

function textOf({ kind, at, call, text, tracker }: TapRow): string {
  if (kind === 'event') return `${timeOfDay(at)} ${oneLine(`${call || '(members)'}  ${text}`)}`
  return oneLine(`${INDENT}${MARKS[kind]} ${text}${tracker === undefined ? '' : ` (${tracker})`}`)
}
