import type { TapRow } from '../explain/tap.ts'
import { NOTE_STYLES, styled } from '../explain/terminal-style.ts'
import { noteText } from '../explain/view.ts'
import { oneLine } from '../text/one-line.ts'
import { timeOfDay } from './words.ts'

/** As wide as a time and a space. */
const INDENT = ' '.repeat(13)

/** A row as a line of text: an event with its time and its call, and what stands under it. */
export function tapText({ kind, at, call, text, tracker }: TapRow, hasColours: boolean): string {
  if (kind === 'event') return `${timeOfDay(at)} ${oneLine(`${call || '(members)'}  ${text}`)}\n`
  const note = oneLine(`${INDENT}${noteText({ kind, text, ...(tracker === undefined ? {} : { tracker }) })}`)
  return `${hasColours ? styled(NOTE_STYLES[kind], note) : note}\n`
}
