import { boundsOf, type ExplainedCall, type Note } from './call.ts'

/** How calls are shown: as text for a terminal, as a page, or as JSON. */
export interface View {
  /** Whether many calls of which none is asked for are listed, and not told in full. */
  readonly listsMany: boolean
  head(): string
  /** A call in full. */
  call(call: ExplainedCall): string
  /** One of many calls, which are only listed. */
  summary(call: ExplainedCall): string
  /** @param listed how many calls were only listed */
  tail(listed: number): string
}

const MARKS: Readonly<Record<Note['kind'], string>> = { line: '>', asterisk: '*', reason: '-' }

/** A note as it stands under its event: `- no hold: a party of the call is hanging up (moh)` */
export function noteText({ kind, text, tracker }: Note): string {
  return `${MARKS[kind]} ${text}${tracker === undefined ? '' : ` (${tracker})`}`
}

/** `3 lines`, `1 line`, `no line` */
export function counted(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count > 1 ? 's' : ''}`
}

/** When it was and how long, with no regard to where in the world it is read. */
export function timeOf(call: ExplainedCall): string {
  const { begin, end } = boundsOf(call)
  return `${utc(begin)}, ${seconds(end - begin)} s`
}

/** `2026-11-22 18:49:20 UTC` */
export function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** ms as seconds with three digits, which is as exact as the stamps are worth. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}

/** What of a call is not shown, as there was too much of it; undefined if nothing. */
export function omittedOf({ omitted: { events, spans, stations } }: ExplainedCall): string | undefined {
  const told = [
    ...(events > 0 ? [counted(events, 'further event')] : []),
    ...(spans > 0 ? [`${counted(spans, 'further bar')} of the ladder`] : []),
    ...(stations > 0 ? [`${counted(stations, 'further station')} of the heading`] : []),
  ]
  return told.length === 0 ? undefined : told.join(', ')
}

/** Why a call has no line, where no tracker gave a reason. */
export function whyNothing({ id, lines, reasons }: ExplainedCall): string | undefined {
  if (id === '' || lines > 0 || reasons > 0) return undefined
  return 'nothing in this call leads to a line: no dial, no hold, no parking'
}
