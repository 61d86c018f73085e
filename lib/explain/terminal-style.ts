import type { Note } from './call.ts'

/** As terminals understand them: how a text begins that is shown so. */
const STYLES = { bold: 1, dim: 2, green: 32, yellow: 33, cyan: 36 } as const

export type Style = keyof typeof STYLES

/** How notes stand out. */
export const NOTE_STYLES: Readonly<Record<Note['kind'], Style>> = { line: 'green', asterisk: 'cyan', reason: 'yellow' }

/** A text as a terminal with colours shows it so. */
export function styled(style: Style, text: string): string {
  return `\u001b[${STYLES[style]}m${text}\u001b[0m`
}
