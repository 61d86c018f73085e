import { boundsOf, type CallEvent, type ExplainedCall, type Span } from './call.ts'
import { escaped } from './html-text.ts'
import { LadderPlan, type PlannedSpan, type Presence } from './ladder-plan.ts'
import { noteText, seconds } from './view.ts'

/** In CSS pixels. */
const TIME_WIDTH = 64
const ALL_COLUMNS_WIDTH = 900
const COLUMN_WIDTH = { least: 75, most: 150 } as const
const ROW_HEIGHT = 24
/** Where an event is in its row. */
const MIDDLE = 14
const LETTER_WIDTH = 6.1

/** How wide a landscape page of A4 or Letter is at least, in CSS pixels, within the margins that the page asks for. */
const PAPER_WIDTH = 970

/** Where the bars of a channel stand beside its life line: what it is in, on it; its hold at the left, music at the right. */
const BARS: Readonly<Record<Span['kind'], { left: number; width: number }>> = {
  bridge: { left: -6, width: 12 },
  parking: { left: -6, width: 12 },
  hold: { left: -18, width: 10 },
  held: { left: 8, width: 10 },
  waiting: { left: 8, width: 10 },
}

/** A channel has at most 80 letters in its name; one that has more was made to be in the way. */
const NAME_LETTERS = 80

/** The letter of a bridge stands in its bar again after so many rows. */
const LETTER_EVERY = 8

/**
 * A call as a ladder: its channels as columns, each event as a row with its arrow, bridges, holds, music and lots as bars, and
 * lines under their events. It is a table, so that paper has its head on each page, and no page ends within a row.
 *
 * @param anchor of the call in the page: `call-3`
 */
export function ladderOf(call: ExplainedCall, anchor: string): string {
  const ladder = new Ladder(call, anchor)
  return ladder.html()
}

class Ladder {
  private readonly call: ExplainedCall
  private readonly anchor: string
  private readonly plan: LadderPlan
  private readonly columnWidth: number
  private readonly width: number
  private readonly begin: number
  private readonly labels: readonly Label[]
  private readonly letters: readonly ReadonlySet<number>[]

  constructor(call: ExplainedCall, anchor: string) {
    const count = call.channels.length
    this.call = call
    this.anchor = anchor
    this.plan = new LadderPlan(call)
    this.columnWidth = Math.min(COLUMN_WIDTH.most, Math.max(COLUMN_WIDTH.least, Math.floor(ALL_COLUMNS_WIDTH / count)))
    this.width = this.columnWidth * count
    this.begin = boundsOf(call).begin
    this.labels = call.events.map((event, row) => this.label(event, row))
    this.letters = this.plan.spans.map((span) => this.letterRows(span))
  }

  html(): string {
    const { channels, events } = this.call
    const whole = TIME_WIDTH + this.width
    // Chromium and Firefox shrink the text with it; up to 12 channels need none of it.
    const fit = whole > PAPER_WIDTH ? ` style="--fit:${(PAPER_WIDTH / whole).toFixed(3)}"` : ''
    const columns = [TIME_WIDTH, ...channels.map(() => this.columnWidth)]
    return [
      `<div class="ladder" tabindex="0" role="region" aria-label="Ladder of ${this.anchor.replace('-', ' ')}"${fit}>`,
      `<table style="min-width:${whole}px"><colgroup>${columns.map((width) => `<col style="width:${width}px">`).join('')}<col></colgroup>`,
      `<thead><tr><th scope="col" class="at">s</th>${channels.map(({ name }) => `<th scope="col">${shownName(name)}</th>`).join('')}<td></td></tr></thead>`,
      ...events.map((event, row) => this.row(event, row)),
      '</table></div>',
    ].join('\n')
  }

  private row(event: CallEvent, row: number): string {
    const span = this.call.channels.length + 1
    const picture = [this.lives(row, MIDDLE, String(ROW_HEIGHT)), this.bars(row), this.arrow(event, row)].join('')
    const notes = event.notes.map((note) => `<div class="note ${note.kind}">${escaped(noteText(note))}</div>`)
    const below =
      notes.length === 0
        ? ''
        : `<tr><td class="at"></td><td class="notes" colspan="${span}">${this.behindNotes(row)}${notes.join('')}</td></tr>`
    return [
      `<tbody data-event="${event.number}"><tr><td class="at"><a href="#${this.anchor}-${row}">${seconds(event.at - this.begin)}</a></td>`,
      `<td colspan="${span}"><svg role="img" width="${this.width}" height="${ROW_HEIGHT}"><title>${escaped(event.text)}</title>${picture}</svg></td></tr>${below}</tbody>`,
    ].join('')
  }

  /** The life lines in a row, or behind its notes: dashed until the channel is up. */
  private lives(row: number, middle: number, height: string): string {
    const parts = this.plan.lives.flatMap((life, n) => {
      const x = this.x(n)
      return life.map(({ kind, presence }) => {
        const [top, bottom] = extent(presence, row, middle, height)
        return top === bottom ? '' : `<line class="${kind}" x1="${x}" x2="${x}" y1="${top}" y2="${bottom}"/>`
      })
    })
    return parts.join('')
  }

  private bars(row: number, middle = MIDDLE, height = String(ROW_HEIGHT)): string {
    return this.plan.spans
      .map(({ span, column, presence, looks, letter }, n) => {
        const [top, bottom] = extent(presence, row, middle, height)
        if (top === bottom) return ''
        const { left, width } = BARS[span.kind]
        const x = this.x(column)
        const length = bottom === '100%' ? '100%' : String(Number(bottom) - Number(top))
        const bar = `<rect class="${looks}" data-span="${n}" x="${x + left}" y="${top}" width="${width}" height="${length}"/>`
        const hasLetter = height !== '100%' && this.letters[n]?.has(row)
        return hasLetter ? `${bar}<text class="letter" x="${x}" y="${MIDDLE + 4}">${letter}</text>` : bar
      })
      .join('')
  }

  /** The life lines and bars behind the notes of an event go on: nothing begins or ends there. */
  private behindNotes(row: number): string {
    return `<svg class="behind" aria-hidden="true" width="${this.width}" height="100%">${this.lives(row, 0, '100%')}${this.bars(row, 0, '100%')}</svg>`
  }

  private arrow({ kind, from, to }: CallEvent, row: number): string {
    const label = this.labels[row]
    if (label === undefined) return ''
    const text = `<text class="label ${label.anchor}" x="${label.x}" y="${label.y}">${escaped(label.text)}</text>`
    const column = this.plan.columns.get(from)
    if (column === undefined) return text
    const x = this.x(column)
    const toX = this.x(this.plan.columns.get(to) ?? column)
    if (toX === x) return `<g class="${kind}-event"><circle cx="${x}" cy="${MIDDLE}" r="4"/>${text}</g>`
    const side = toX > x ? 1 : -1
    const tip = toX - side * 2
    const back = tip - side * 8
    const head = `${tip},${MIDDLE} ${back},${MIDDLE - 4} ${back},${MIDDLE + 4}`
    const line = `<line x1="${x}" x2="${tip - side * 6}" y1="${MIDDLE}" y2="${MIDDLE}"/><circle cx="${x}" cy="${MIDDLE}" r="2.5"/>`
    return `<g class="${kind}-event">${line}<polygon points="${head}"/>${text}</g>`
  }

  /** What stands beside an event's dot, or above its arrow. */
  private label({ from, to, text, event, number }: CallEvent, row: number): Label {
    const column = this.plan.columns.get(from)
    if (column === undefined) return labelAt('start', 4, event === '' ? text : event)
    const said = this.said(column, event, text) || this.plan.letterAt(number)
    const shown = said === '' ? event : `${event} ${said}`
    const x = this.x(column)
    const toX = this.x(this.plan.columns.get(to) ?? column)
    if (toX !== x) return labelAt('middle', (x + toX) / 2, shown)
    const right = labelAt('start', x + (this.plan.hasMusic(column, row) ? 22 : 12), shown)
    return right.right <= this.width ? right : labelAt('end', x - (this.plan.hasHold(column, row) ? 22 : 12), shown)
  }

  /** The rows behind the first one of a bridge's bar, some way apart, in which its letter is covered by nothing. */
  private letterRows({ letter, span, column, presence: { first, last } }: PlannedSpan): Set<number> {
    const rows = new Set<number>()
    if (letter === '') return rows
    const x = this.x(column)
    let next = first + 1
    for (const [row, { from, to }] of this.call.events.entries()) {
      const { left = 0, right = 0 } = this.labels[row] ?? {}
      const isCovered = from === span.uniqueid || to === span.uniqueid || (left < x + 8 && right > x - 8)
      if (row < next || row >= last || isCovered) continue
      rows.add(row)
      next = row + LETTER_EVERY
    }
    return rows
  }

  /** Of a Newstate, which state. */
  private said(column: number, event: string, text: string): string {
    const name = this.call.channels[column]?.name ?? ''
    return event === 'Newstate' && text.startsWith(`${name} `) ? text.slice(name.length + 1) : ''
  }

  private x(column: number): number {
    return this.columnWidth * (column + 0.5)
  }
}

interface Label {
  readonly text: string
  /** Which end of it is at x. */
  readonly anchor: 'start' | 'middle' | 'end'
  readonly x: number
  readonly y: number
  readonly left: number
  readonly right: number
}

function labelAt(anchor: Label['anchor'], x: number, text: string): Label {
  const width = text.length * LETTER_WIDTH
  const left = { start: x, middle: x - width / 2, end: x - width }[anchor]
  return { text, anchor, x, y: anchor === 'middle' ? MIDDLE - 4 : MIDDLE + 4, left, right: left + width }
}

/**
 * From where to where something is in a row: from its event on in the first, up to its event in the last.
 *
 * @param middle where the row's event is
 * @param height of the row: a number, or 100%
 */
function extent({ first, last }: Presence, row: number, middle: number, height: string): [top: string, bottom: string] {
  if (row < first || row > last) return ['0', '0']
  return [row === first ? String(middle) : '0', row === last ? String(middle) : height]
}

/** A channel's name, which may be broken where its parts end. */
function shownName(name: string): string {
  const shown = name.length > NAME_LETTERS ? `${name.slice(0, NAME_LETTERS - 1)}…` : name
  return shown
    .split(/(?<=[/@-])/)
    .map(escaped)
    .join('<wbr>')
}
