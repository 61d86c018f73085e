import stringWidth from 'string-width'
import { oneLine } from './one-line.ts'

const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** A text in exactly so many columns of a terminal: filled with spaces, or cut. Nothing in it steers the terminal. */
export function inColumns(text: string, columns: number): string {
  const line = cut(oneLine(text), columns)
  return line + ' '.repeat(Math.max(0, columns - stringWidth(line)))
}

/** A text of one line, cut where it takes more columns of a terminal. */
function cut(line: string, columns: number): string {
  if (stringWidth(line) <= columns) return line
  if (columns < 1) return ''
  let cutLine = ''
  let width = 0
  for (const { segment } of letters.segment(line)) {
    width += stringWidth(segment)
    if (width > columns - 1) break
    cutLine += segment
  }
  return `${cutLine}…`
}

/** Rows of cells as lines of text: each column is as wide as its widest cell, and the last one as it is. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((row) => row.map(oneLine))
  const widths = (shown[0] ?? []).map((_, n) => Math.max(...shown.map((row) => stringWidth(row[n] ?? ''))))
  return shown.map((row) =>
    row
      .map((cell, n) => inColumns(cell, widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
