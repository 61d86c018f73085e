import { PAGE_BEGIN } from '../files/own-beginnings.ts'
import { boundsOf, type CallChannel, type CallEvent, type ExplainedCall, type Moment } from './call.ts'
import { headingOf } from './heading.ts'
import { escaped } from './html-text.ts'
import { ladderOf } from './ladder.ts'
import { lettersOf } from './ladder-plan.ts'
import { PAGE_KEY, PAGE_PATTERNS, PAGE_STYLE } from './page-style.ts'
import { counted, noteText, omittedOf, seconds, timeOf, utc, type View, whyNothing } from './view.ts'

/** A ladder of more channels or events than these is no picture any more: then there is the text alone. */
const MAX_COLUMNS = 24
const MAX_ROWS = 600

/** Calls are held until they are as long, in letters, so that their index stands above them; then the next index begins. */
const HELD_LETTERS = 32 * 1024 * 1024

/** Nothing may be loaded or run, whatever a caller is called. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

/** Calls as one page that needs nothing else: for each a ladder, and the same as text; an index if there are several. */
export class HtmlView implements View {
  readonly listsMany = true
  private readonly heldLetters: number
  private calls = 0
  private rows: string[] = []
  private sections: string[] = []
  private letters = 0
  private isListing = false

  /** @param heldLetters how many letters of calls are held for their index */
  constructor(heldLetters = HELD_LETTERS) {
    this.heldLetters = heldLetters
  }

  head(): string {
    return `${PAGE_BEGIN}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>ami-track explain</title><style>${PAGE_STYLE}</style></head><body>
${PAGE_PATTERNS}
<main><h1>Why these calls have their lines</h1>
${PAGE_KEY}`
  }

  call(call: ExplainedCall): string {
    const anchor = `call-${++this.calls}`
    this.rows.push(indexRow(call, anchor))
    const section = sectionOf(call, anchor)
    this.sections.push(section)
    this.letters += section.length
    return this.letters < this.heldLetters ? '' : this.taken()
  }

  summary(call: ExplainedCall): string {
    const begin = this.isListing ? '' : INDEX_BEGIN
    this.isListing = true
    return `${begin}${indexRow(call)}\n`
  }

  tail(listed: number): string {
    const end = this.isListing ? INDEX_END : ''
    const hint =
      listed === 0 ? '' : `<p>${counted(listed, 'call')}: use --call, --queue or --number to explain some of them</p>\n`
    return `${this.taken()}${end}${hint}</main></body></html>\n`
  }

  /** The calls that are held, below their index. */
  private taken(): string {
    const index = this.calls > 1 && this.rows.length > 0 ? `${INDEX_BEGIN}${this.rows.join('\n')}\n${INDEX_END}` : ''
    const text = index + this.sections.join('')
    this.rows = []
    this.sections = []
    this.letters = 0
    return text
  }
}

const INDEX_BEGIN = `<nav aria-label="Calls"><table class="index"><thead>
<tr><th scope="col">Call</th><th scope="col">Begin</th><th scope="col">Lines</th><th scope="col">Id</th></tr></thead>
`
const INDEX_END = '</table></nav>\n'

function indexRow(call: ExplainedCall, anchor?: string): string {
  const heading = escaped(headingOf(call))
  const name = anchor === undefined ? heading : `<a href="#${anchor}">${heading}</a>`
  return `<tr><td>${name}</td><td>${utc(boundsOf(call).begin)}</td><td>${call.lines}</td><td>${escaped(call.id)}</td></tr>`
}

function sectionOf(call: ExplainedCall, anchor: string): string {
  const { begin } = boundsOf(call)
  const nothing = whyNothing(call)
  const omitted = omittedOf(call)
  const { length } = call.channels
  const hasLadder = length > 0 && length <= MAX_COLUMNS && call.events.length <= MAX_ROWS
  return [
    `<section id="${anchor}"><h2>${escaped(headingOf(call))}${call.id === '' ? '' : ` <small>${escaped(call.id)}</small>`}</h2>`,
    `<p>${timeOf(call)}, ${counted(call.lines, 'line')}${call.isOver ? '' : ', the dump ends before this call'}</p>`,
    ...(nothing === undefined ? [] : [`<p class="reason">${nothing}</p>`]),
    ...(hasLadder ? [ladderOf(call, anchor)] : []),
    ...(length === 0 ? [] : [channelTable(call, begin)]),
    ...(hasLadder ? ['<h3>As text</h3>'] : []),
    '<ol>',
    ...call.events.map((event, row) => item(event, `${anchor}-${row}`, begin)),
    '</ol>',
    ...(omitted === undefined ? [] : [`<p>${omitted}</p>`]),
    '</section>\n',
  ].join('\n')
}

/** The channels with their whole names, and which bridge has which letter. */
function channelTable({ channels, spans }: ExplainedCall, begin: number): string {
  const bridges = [...lettersOf(spans)].map(([id, letter]) => `${letter} ${escaped(id)}`)
  return [
    '<h3>Channels</h3>',
    '<table class="facts"><thead><tr><th scope="col">Channel</th><th scope="col">Uniqueid</th><th scope="col">Caller</th>',
    '<th scope="col">Begins</th><th scope="col">Up</th><th scope="col">Ends</th></tr></thead>',
    ...channels.map((channel) => channelRow(channel, begin)),
    '</table>',
    ...(bridges.length === 0 ? [] : [`<p>Bridges: ${bridges.join(', ')}</p>`]),
  ].join('\n')
}

function channelRow({ name, uniqueid, number, callerName, begin, up, end }: CallChannel, from: number): string {
  const caller = callerName === number ? number : `${callerName} ${number}`.trim()
  const time = (moment: Moment | undefined): string => (moment === undefined ? '' : seconds(moment.at - from))
  const cells = [escaped(name), escaped(uniqueid), escaped(caller), time(begin), time(up), time(end)]
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
}

function item({ at, text, notes }: CallEvent, anchor: string, begin: number): string {
  const told = notes.map((note) => `<li class="${note.kind}">${escaped(noteText(note))}</li>`)
  const list = told.length === 0 ? '' : `<ul>${told.join('')}</ul>`
  return `<li id="${anchor}"><time>${seconds(at - begin)}</time> ${escaped(text)}${list}</li>`
}
