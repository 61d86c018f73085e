import { PAGE_BEGIN } from '../files/own-beginnings.ts'
import { boundsOf, type CallEvent, type ExplainedCall, type Note } from './call.ts'
import { escaped } from './html-text.ts'
import { ladderOf } from './ladder.ts'
import { counted, seconds, timeOf, titleOf, type View, whyNothing } from './view.ts'

/** A ladder of more channels or events than these is no picture any more: then there is the text alone. */
const MAX_COLUMNS = 24
const MAX_ROWS = 600

/** Nothing may be loaded or run, whatever a caller is called. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

const STYLE = `
:root { color-scheme: light dark; --ink: #1c2024; --soft: #60686f; --paper: #fff; --line: #d9dee3; --ours: #0a7d38;
  --asterisk: #0b6bb8; --reason: #a15c00; --bridge: #9db9d6; --hold: #e3a33b; --parking: #a888d8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa4ad; --paper: #15181b; --line: #363d44;
  --ours: #54d18a; --asterisk: #6cb8f5; --reason: #f0b35c; --bridge: #3d5c7d; --hold: #a9731c; --parking: #72559f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; color: var(--ink); background: var(--paper);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin: 2rem 0 0; overflow-wrap: anywhere; }
p { margin: .3rem 0; color: var(--soft); }
.ladder { overflow-x: auto; border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; }
svg { display: block; font: 11px ui-monospace, monospace; }
svg text { fill: var(--ink); } svg .time { text-anchor: end; fill: var(--soft); } svg .name { text-anchor: middle; font-weight: bold; }
svg .middle { text-anchor: middle; } svg .label { font-size: 10px; fill: var(--soft); }
svg .life { stroke: var(--line); stroke-width: 2; } svg circle, svg polygon { fill: var(--ink); } svg g line { stroke: var(--ink); }
svg .bridge, .key .bridge { fill: var(--bridge); background: var(--bridge); }
svg .hold, svg .music, .key .hold { fill: var(--hold); background: var(--hold); }
svg .parking, .key .parking { fill: var(--parking); background: var(--parking); } svg rect { opacity: .8; }
svg .note.line, .line { fill: var(--ours); color: var(--ours); font-weight: bold; }
svg .note.asterisk, .asterisk { fill: var(--asterisk); color: var(--asterisk); }
svg .note.reason, .reason { fill: var(--reason); color: var(--reason); }
.key span { margin-right: 1.2em; white-space: nowrap; } .key i { display: inline-block; width: 1em; height: .7em; margin-right: .3em; }
ol, ul { list-style: none; margin: .4rem 0; padding: 0; } ol { font-size: .85rem; }
ol > li { padding: .1rem 0 .1rem 5.5em; position: relative; overflow-wrap: anywhere; }
time { position: absolute; left: 0; width: 4.6em; text-align: right; color: var(--soft); font-variant-numeric: tabular-nums; }
li li { font-family: ui-monospace, monospace; }
table { border-collapse: collapse; } td { padding: .1rem .8rem .1rem 0; overflow-wrap: anywhere; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 10pt; }
  .ladder { overflow: visible; border: 0; } svg { max-width: 100%; height: auto; } section { break-after: page; }
  ol > li { break-inside: avoid; } }
`

const MARKS: Readonly<Record<Note['kind'], string>> = { line: '&gt;', asterisk: '*', reason: '-' }

/** Calls as one page that needs nothing else: for each a ladder, and the same as text. */
export class HtmlView implements View {
  head(): string {
    return `${PAGE_BEGIN}<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>ami-track explain</title><style>${STYLE}</style></head><body>
<h1>Why these calls have their lines</h1>
<p class="key"><span class="line">&gt; a line of ours</span><span class="asterisk">* Asterisk&#39;s own</span>
<span class="reason">- why there is none</span><span><i class="bridge"></i>bridge</span><span><i class="hold"></i>hold, music</span>
<span><i class="parking"></i>parking lot</span></p>
`
  }

  call(call: ExplainedCall): string {
    const { begin } = boundsOf(call)
    const nothing = whyNothing(call)
    const hasLadder = call.channels.length > 0 && call.channels.length <= MAX_COLUMNS && call.events.length <= MAX_ROWS
    return [
      `<section><h2>${escaped(titleOf(call))}</h2>`,
      `<p>${timeOf(call)}, ${counted(call.lines, 'line')}${call.isOver ? '' : ', the dump does not tell its end'}</p>`,
      ...(nothing === undefined ? [] : [`<p class="reason">${nothing}</p>`]),
      ...(hasLadder ? [`<div class="ladder" tabindex="0">${ladderOf(call)}</div>`] : []),
      '<ol>',
      ...call.events.map((event) => item(event, begin)),
      '</ol>',
      ...(call.omitted > 0 ? [`<p>${counted(call.omitted, 'further event')}</p>`] : []),
      '</section>\n',
    ].join('\n')
  }

  summary(call: ExplainedCall): string {
    const names = call.channels.slice(0, 6).map(({ name }) => escaped(name))
    return `<p>${escaped(titleOf(call))}: ${timeOf(call)}, ${counted(call.lines, 'line')}; ${names.join(', ')}</p>\n`
  }

  tail(listed: number): string {
    const hint =
      listed === 0 ? '' : `<p>${counted(listed, 'call')}: --call, --queue or --number explains some of them</p>\n`
    return `${hint}</body></html>\n`
  }
}

function item({ at, text, notes }: CallEvent, begin: number): string {
  const told = notes.map(({ kind, text: note, tracker }) => {
    const by = kind === 'reason' && tracker !== undefined ? ` (${tracker})` : ''
    return `<li class="${kind}">${MARKS[kind]} ${escaped(note + by)}</li>`
  })
  const list = told.length === 0 ? '' : `<ul>${told.join('')}</ul>`
  return `<li><time>${seconds(at - begin)}</time> ${escaped(text)}${list}</li>`
}
