import type { Finding, FindingState } from './finding.ts'

/** As terminals understand them. */
const COLOURS: Readonly<Record<FindingState, number>> = { ok: 32, note: 33, wrong: 31 }
/** As wide as the longest state, and a gap. */
const STATE_WIDTH = 8

/** A finding for a person: a line, and its remedy in the next. */
export function textOf({ check, state, finding, remedy }: Finding, hasColours: boolean): string {
  const shown = state.padEnd(STATE_WIDTH)
  const coloured = hasColours ? `\u001b[${COLOURS[state]}m${shown}\u001b[0m` : shown
  const indent = ' '.repeat(STATE_WIDTH)
  return `${coloured}${check}: ${finding}\n${remedy === undefined ? '' : `${indent}${remedy}\n`}`
}

/**
 * A finding for a program: a line of NDJSON.
 *
 * @param pbx of which it is, where there are many
 */
export function jsonOf({ check, state, finding, remedy }: Finding, pbx?: string): string {
  return `${JSON.stringify({ pbx, check, state, finding, remedy })}\n`
}
