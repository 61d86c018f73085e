import { boundsOf, type CallChannel, type CallEvent, type ExplainedCall, type Note } from './call.ts'
import { escaped } from './html-text.ts'
import { seconds } from './view.ts'

const TIME_WIDTH = 64
const COLUMN_WIDTH = 150
const NOTES_WIDTH = 520
const HEAD_HEIGHT = 52
const EVENT_HEIGHT = 20
const NOTE_HEIGHT = 17
const BAR_WIDTH = { bridge: 8, hold: 14, music: 14, parking: 14 } as const
/** A line of queue_log is cut here in the picture; in the text below it is whole. */
const NOTE_LETTERS = 76
const NAME_LETTERS = 22

interface Row {
  readonly event: CallEvent
  readonly y: number
}

/** A call as a ladder: its channels as columns, events as arrows, bridges, holds and lots as bars, lines at their events. */
export function ladderOf(call: ExplainedCall): string {
  const columns = new Map(call.channels.map(({ uniqueid }, n) => [uniqueid, TIME_WIDTH + COLUMN_WIDTH * (n + 0.5)]))
  const rows: Row[] = []
  let y = HEAD_HEIGHT + EVENT_HEIGHT
  for (const event of call.events) {
    rows.push({ event, y })
    y += EVENT_HEIGHT + NOTE_HEIGHT * Math.max(0, event.notes.length - 1)
  }
  const height = y + 12
  const notesX = TIME_WIDTH + COLUMN_WIDTH * call.channels.length + 8
  const width = notesX + NOTES_WIDTH
  const { begin } = boundsOf(call)
  const yOf = placeIn(rows, height - 12)
  return [
    `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="ladder diagram">`,
    ...call.channels.map((channel, n) => column(channel, n, columns, yOf)),
    ...call.spans.map(({ kind, uniqueid, label, begin: from, end }) => {
      const x = columns.get(uniqueid)
      if (x === undefined) return ''
      const top = yOf(from, 'top')
      const bar = BAR_WIDTH[kind]
      const title = `<title>${escaped(kind === 'bridge' ? `in bridge ${label}` : label)}</title>`
      const bottom = end === undefined ? height - 12 : yOf(end)
      return `<rect class="${kind}" x="${x - bar / 2}" y="${top}" width="${bar}" height="${Math.max(3, bottom - top)}" rx="3">${title}</rect>`
    }),
    ...rows.flatMap((row) => [
      `<text class="time" x="${TIME_WIDTH - 8}" y="${row.y + 4}">${seconds(row.event.at - begin)}</text>`,
      arrow(row, columns),
      ...row.event.notes.map((note, n) => noteAt(note, notesX, row.y + 4 + n * NOTE_HEIGHT)),
    ]),
    '</svg>',
  ].join('\n')
}

function column(
  { uniqueid, name, begin, end }: CallChannel,
  n: number,
  columns: ReadonlyMap<string, number>,
  yOf: (at: number | undefined, fallback: 'top' | 'bottom') => number,
): string {
  const x = columns.get(uniqueid) ?? 0
  const short = name.length > NAME_LETTERS ? `${name.slice(0, 9)}…${name.slice(-12)}` : name
  return [
    `<text class="name" x="${x}" y="${n % 2 === 0 ? 18 : 36}"><title>${escaped(`${name} ${uniqueid}`)}</title>${escaped(short)}</text>`,
    `<line class="life" x1="${x}" x2="${x}" y1="${yOf(begin, 'top')}" y2="${yOf(end, 'bottom')}"/>`,
  ].join('')
}

function arrow({ event, y }: Row, columns: ReadonlyMap<string, number>): string {
  const { kind, from, to, text, event: name } = event
  const x = columns.get(from)
  const toX = columns.get(to)
  const title = `<title>${escaped(text)}</title>`
  if (x === undefined) return ''
  if (toX === undefined || toX === x) {
    const label = `<text class="label" x="${x + 10}" y="${y + 4}">${escaped(name)}</text>`
    return `<g class="event ${kind}-event">${title}<circle cx="${x}" cy="${y}" r="4"/>${label}</g>`
  }
  const side = toX > x ? 1 : -1
  const tip = toX - side * 4
  const head = `${tip},${y} ${tip - side * 8},${y - 4} ${tip - side * 8},${y + 4}`
  const label = `<text class="label middle" x="${(x + toX) / 2}" y="${y - 3}">${escaped(name)}</text>`
  return `<g class="event ${kind}-event">${title}<line x1="${x}" x2="${tip}" y1="${y}" y2="${y}"/><polygon points="${head}"/>${label}</g>`
}

function noteAt({ kind, text }: Note, x: number, y: number): string {
  const shown = text.length > NOTE_LETTERS ? `${text.slice(0, NOTE_LETTERS - 1)}…` : text
  return `<text class="note ${kind}" x="${x}" y="${y}"><title>${escaped(text)}</title>${escaped(shown)}</text>`
}

/**
 * Where a time is in the picture, in which events stand one under the other and not to scale: at the first event of it
 * for what begins, at the last for what ends.
 */
function placeIn(
  rows: readonly Row[],
  bottom: number,
): (at: number | undefined, fallback?: 'top' | 'bottom') => number {
  const first = new Map<number, number>()
  const last = new Map<number, number>()
  for (const { event, y } of rows) {
    if (!first.has(event.at)) first.set(event.at, y)
    last.set(event.at, y)
  }
  return (at, fallback = 'bottom') => {
    if (at === undefined) return fallback === 'top' ? HEAD_HEIGHT : bottom
    return (fallback === 'top' ? first : last).get(at) ?? rows.find(({ event }) => event.at >= at)?.y ?? bottom
  }
}
