import type { LiveCall } from '../live/live-call.ts'
import type { LiveLine } from '../live/live-lines.ts'
import type { PbxStatus } from '../live/pbx-status.ts'
import { inColumns } from '../text/columns.ts'
import { length } from '../text/length.ts'
import type { LookedAt } from './looked-at.ts'
import { clockTime } from './words.ts'

/** A column of the list of calls, and how calls are sorted by it. */
const COLUMNS = ['STATE', 'SINCE', 'QUEUE', 'AGENT', 'NUMBER', 'SPACE', 'PBX'] as const

export type Column = (typeof COLUMNS)[number]

/** How the list is looked at. */
export interface TopView {
  sortedBy: Column
  isReversed: boolean
  /** Calls that have this text in one of their columns are shown. */
  filter: string
  /** Whether what is typed goes into the filter. */
  isTyping: boolean
  /** How many calls are above the screen. */
  scrolled: number
}

export interface ScreenSize {
  columns: number
  rows: number
}

/** A row of the screen, and whether it stands out where there are colours. */
export interface ScreenRow {
  readonly text: string
  readonly style: 'plain' | 'bold' | 'head' | 'trouble' | 'held' | 'dim'
}

const STATES: Readonly<Record<LiveCall['state'], string>> = {
  dialling: 'dialling',
  ringing: 'ringing',
  connected: 'talking',
  'on hold': 'on hold',
  parked: 'parked',
}

/** On a wide screen, columns stand no further apart than this. */
const WIDEST = 32
/** That another one writes a line is as it should be on a standby. */
const STYLES_OF_LINES: Readonly<Record<LiveLine['outcome'], ScreenRow['style']>> = {
  written: 'plain',
  theirs: 'dim',
  late: 'dim',
  refused: 'trouble',
  unanswered: 'trouble',
}

/** From this height on, the last lines are shown below the calls: so many. */
const ROWS_FOR_LINES = 16
const LINES_SHOWN = 5

/** The calls of a filter, in their order. */
export function chosenCalls(calls: Iterable<LiveCall>, view: TopView): LiveCall[] {
  const wanted = view.filter.toLowerCase()
  const found = [...calls].filter((call) => wanted === '' || COLUMNS.some((column) => has(call, column, wanted)))
  const sign = view.isReversed ? -1 : 1
  return found.sort((one, other) => sign * compare(one, other, view.sortedBy) || one.id.localeCompare(other.id))
}

/** The column behind another one, of those that are shown. */
export function columnBehind(column: Column, step: 1 | -1, isOfMany: boolean): Column {
  const shown = columnsOf(isOfMany)
  return shown[(shown.indexOf(column) + step + shown.length) % shown.length] ?? 'SINCE'
}

/**
 * The screen of `ami-track top`, row by row.
 *
 * @param now ms since the epoch
 */
export function topScreen(looked: LookedAt, view: TopView, { columns, rows }: ScreenSize, now: number): ScreenRow[] {
  const chosen = chosenCalls(looked.calls.values(), view)
  const lines = rows < ROWS_FOR_LINES ? [] : lastLines(looked)
  const room = roomForCalls(looked, rows)
  const first = Math.max(0, Math.min(view.scrolled, chosen.length - room))
  const widths = widthsOf(looked.isOfMany, columns)
  const shown = chosen.slice(first, first + room)
  const calls = shown.map((call): ScreenRow => ({ text: rowOf(call, widths, now), style: styleOf(call) }))
  const empty = Array.from({ length: room - calls.length }, (_, n): ScreenRow => {
    return { text: n === 0 && calls.length === 0 ? nothing(looked, view) : '', style: 'dim' }
  })
  return [
    { text: titleOf(looked, now), style: 'bold' } as const,
    ...(troubleOf(looked) ?? [{ text: countsOf(looked, chosen.length), style: 'plain' } as const]),
    { text: headOf(widths, view), style: 'head' } as const,
    ...calls,
    ...empty,
    ...(lines.length > 0 ? [{ text: 'last lines', style: 'head' } as const, ...lines] : []),
    { text: footOf(view, chosen.length, first, shown.length), style: 'dim' } as const,
  ].map(({ text, style }) => ({ text: inColumns(text, columns), style }))
}

/** For how many calls there is room. */
export function roomForCalls(looked: LookedAt, rows: number): number {
  const lines = rows < ROWS_FOR_LINES ? 0 : Math.min(LINES_SHOWN, looked.lines.length)
  const others = 3 + (troubleOf(looked)?.length ?? 1) + (lines > 0 ? lines + 1 : 0)
  return Math.max(1, rows - others)
}

function titleOf({ program, pbxs, lost }: LookedAt, now: number): string {
  const time = clockTime(now)
  if (lost !== undefined || pbxs.length === 0) return `${time}  ami-track ${program}`
  if (pbxs.length > 1) return `${time}  ami-track ${program}  ${pbxs.length} PBXs`
  const [pbx] = pbxs as [PbxStatus]
  const lag = pbx.lagMs === null ? '' : `  lag ${Math.round(pbx.lagMs)} ms`
  const name = pbx.name === '' ? '' : `${pbx.name} `
  return `${time}  ami-track ${program}  ${name}${pbx.address}  ${pbx.isConnected ? pbx.role : 'not connected'}${lag}`
}

/** What is wrong and what to do, a row each: both are longer than half a row. */
function troubleOf({ lost, pbxs }: LookedAt): ScreenRow[] | undefined {
  if (lost !== undefined) return [{ text: `! ${lost}`, style: 'trouble' }]
  const troubled = pbxs.filter(({ trouble }) => trouble !== null)
  const [first] = troubled
  if (first?.trouble == null) return undefined
  const of = first.name === '' ? '' : `${troubled.length} of ${pbxs.length} have a problem. ${first.name}: `
  return [
    { text: `! ${of}${first.trouble.text}`, style: 'trouble' },
    { text: `  ${first.trouble.remedy}`, style: 'trouble' },
  ]
}

function countsOf({ calls, total }: LookedAt, chosen: number): string {
  const byState = new Map<string, number>()
  for (const { state } of calls.values()) byState.set(STATES[state], (byState.get(STATES[state]) ?? 0) + 1)
  const states = [...byState].map(([state, count]) => `${count} ${state}`).join(', ')
  const cutOff = total > calls.size ? `, only the ${calls.size} that changed last are shown` : ''
  const filtered = chosen === calls.size ? '' : `, ${chosen} shown`
  return `${total} open call${total === 1 ? '' : 's'}${states === '' ? '' : `: ${states}`}${cutOff}${filtered}`
}

function nothing({ lost, calls, isKnown }: LookedAt, { filter }: TopView): string {
  if (lost !== undefined) return ''
  if (!isKnown) return 'waiting for the daemon'
  return calls.size > 0 ? `no call contains "${filter}"` : 'no call is open'
}

function lastLines({ lines }: LookedAt): ScreenRow[] {
  return lines.slice(-LINES_SHOWN).map(({ at, text, outcome }) => {
    const fields = text.slice(text.indexOf('|') + 1)
    const what = outcome === 'written' ? '' : `  (${outcome})`
    return { text: `${clockTime(at)} ${fields}${what}`, style: STYLES_OF_LINES[outcome] }
  })
}

function footOf(view: TopView, chosen: number, first: number, shown: number): string {
  if (view.isTyping) return `filter: ${view.filter}_   Enter keeps it, Esc clears it`
  const range = chosen > shown ? `${first + 1}–${first + shown} of ${chosen}   ` : ''
  const filter = view.filter === '' ? 'type to filter' : `filter: ${view.filter} (Esc clears it)`
  return `q ends   ${range}${filter}   Tab sorts by another column, - backwards`
}

function headOf(widths: ReadonlyMap<Column, number>, { sortedBy, isReversed }: TopView): string {
  const names = [...widths].map(([column, width]) => {
    return inColumns(column === sortedBy ? `${column}${isReversed ? '▴' : '▾'}` : column, width)
  })
  return names.join(' ')
}

function rowOf(call: LiveCall, widths: ReadonlyMap<Column, number>, now: number): string {
  return [...widths].map(([column, width]) => inColumns(cellOf(call, column, now), width)).join(' ')
}

function cellOf(call: LiveCall, column: Column, now: number): string {
  switch (column) {
    case 'STATE':
      return STATES[call.state]
    case 'SINCE':
      return length(now - call.since)
    case 'QUEUE':
      return call.queue
    case 'AGENT':
      return call.agent === 'NONE' ? '' : call.agent
    case 'NUMBER':
      return call.number
    case 'SPACE':
      return call.space
    case 'PBX':
      return call.pbx
  }
}

function styleOf({ state }: LiveCall): ScreenRow['style'] {
  return state === 'on hold' || state === 'parked' ? 'held' : 'plain'
}

function has(call: LiveCall, column: Column, wanted: string): boolean {
  return column !== 'SINCE' && cellOf(call, column, 0).toLowerCase().includes(wanted)
}

function compare(one: LiveCall, other: LiveCall, column: Column): number {
  // The longest stands first, as it asks for somebody to look at it.
  if (column === 'SINCE') return one.since - other.since
  return cellOf(one, column, 0).localeCompare(cellOf(other, column, 0), undefined, { numeric: true })
}

function columnsOf(isOfMany: boolean): readonly Column[] {
  return isOfMany ? COLUMNS : COLUMNS.filter((column) => column !== 'PBX')
}

/** What is fixed first; the rest of the width goes to queue, agent and number. */
function widthsOf(isOfMany: boolean, columns: number): Map<Column, number> {
  const fixed: Partial<Record<Column, number>> = { STATE: 8, SINCE: 8, SPACE: 6, PBX: 14 }
  const shown = columnsOf(isOfMany)
  const taken = shown.reduce((sum, column) => sum + (fixed[column] ?? 0) + 1, -1)
  const rest = Math.max(3, columns - taken)
  const shares: Partial<Record<Column, number>> = { QUEUE: 0.3, AGENT: 0.38, NUMBER: 0.32 }
  return new Map(
    shown.map((column) => {
      const share = Math.max(1, Math.floor(rest * (shares[column] ?? 0)))
      return [column, fixed[column] ?? Math.min(share, WIDEST)]
    }),
  )
}
