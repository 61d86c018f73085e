import { BRIDGE_LOOKS } from './ladder-plan.ts'

/** Colours by day, and by night; on paper always those by day. */
const DAY = `--ink: #1c2024; --soft: #59616a; --paper: #fff; --line: #d9dee3; --ours: #0a7d38; --asterisk: #0b6bb8;
  --reason: #955400; --hold: #f0a63a; --hold-ink: #8a4b00; --waiting: #bfe6e1; --waiting-ink: #0f7d74; --lot: #cdb9ee; --lot-ink: #6b41ad;
  --b0: #a9cbee; --b1: #f3b6cb; --b2: #cfdc8f; --letter: #14181c;`
const NIGHT = `--ink: #e6e9ec; --soft: #a3adb6; --paper: #15181b; --line: #3a4148; --ours: #54d18a; --asterisk: #6cb8f5;
  --reason: #f0b35c; --hold: #c98620; --hold-ink: #ffe0ad; --waiting: #16514c; --waiting-ink: #63d3c7; --lot: #4f3a75; --lot-ink: #b79cf0;
  --b0: #7fb0e2; --b1: #dd8ba8; --b2: #b3c46a; --letter: #0c0f12;`

export const PAGE_STYLE = `
:root { color-scheme: light dark; ${DAY} }
@media (prefers-color-scheme: dark) { :root { ${NIGHT} } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; color: var(--ink); background: var(--paper);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 0; overflow-wrap: anywhere; }
h2 small { font-size: .8rem; font-weight: normal; color: var(--soft); margin-left: .6em; } h3 { font-size: .95rem; margin: .8rem 0 .2rem; }
p { margin: .3rem 0; color: var(--soft); } a { color: inherit; }
.line { color: var(--ours); font-weight: bold; } .asterisk { color: var(--asterisk); } .reason { color: var(--reason); }
.key { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; } .key svg { vertical-align: -.2em; margin-right: .4em; }
.defs { position: absolute; width: 0; height: 0; overflow: hidden; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.facts, .index { font-size: .85rem; } .index { margin-top: 1rem; } .facts td, .facts th, .index td, .index th { padding: .15rem .9rem .15rem 0; text-align: left;
  vertical-align: top; overflow-wrap: anywhere; }
.index tr { border-top: 1px solid var(--line); } .index a { display: inline-block; min-height: 24px; }
.ladder { overflow: auto; max-height: 94vh; border: 1px solid var(--line); border-radius: 6px; margin: .6rem 0; container-type: inline-size; }
.ladder table { table-layout: fixed; width: 100%; } .ladder td, .ladder th { padding: 0; }
.ladder th { position: sticky; top: 0; z-index: 2; padding: .3rem 2px; background: var(--paper); border-bottom: 1px solid var(--line);
  font: bold 10px/1.2 ui-monospace, monospace; text-align: center; vertical-align: bottom; overflow-wrap: anywhere; }
.ladder .at { position: sticky; left: 0; z-index: 1; width: 64px; padding-right: 8px; background: var(--paper); text-align: right;
  vertical-align: top; font: 11px/28px ui-monospace, monospace; color: var(--soft); } .ladder th.at { z-index: 3; line-height: 1.2; vertical-align: bottom; }
.ladder .at a { display: block; height: 24px; text-decoration: none; } .ladder .at a:hover { text-decoration: underline; }
.ladder svg { display: block; font: 10px ui-monospace, monospace; } .ladder tbody:hover .at a { color: var(--ink); }
.notes { position: relative; } .notes .behind { position: absolute; top: 0; left: 0; }
.note { position: sticky; left: 64px; width: fit-content; max-width: calc(100vw - 8rem); max-width: calc(100cqw - 70px); padding: 0 .4em 1px;
  background: var(--paper); background: color-mix(in srgb, var(--paper) 72%, transparent); font: 11px/16px ui-monospace, monospace; overflow-wrap: anywhere; } .note.line { font-weight: bold; }
svg .up { stroke: var(--soft); stroke-width: 2; } svg .ringing { stroke: var(--soft); stroke-width: 1.5; stroke-dasharray: 3 3; }
svg circle, svg polygon { fill: var(--ink); } svg g line { stroke: var(--ink); }
svg .label { fill: var(--ink); paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .letter { fill: var(--letter); font-weight: bold; text-anchor: middle; }
.hold { fill: url(#hold); } .held { fill: url(#held); } .waiting { fill: url(#waiting); } .parking { fill: url(#parking); }
${Array.from({ length: BRIDGE_LOOKS }, (_, n) => `.b${n} { fill: url(#b${n}); }`).join(' ')}
ol, ul { list-style: none; margin: .4rem 0; padding: 0; } ol { font-size: .85rem; }
ol > li { padding: .1rem 0 .1rem 5.5em; position: relative; overflow-wrap: anywhere; } ol > li:target { outline: 2px solid var(--asterisk); }
time { position: absolute; left: 0; width: 4.6em; text-align: right; color: var(--soft); }
li li { font-family: ui-monospace, monospace; }
@page { size: landscape; margin: 10mm; }
@media print { :root { color-scheme: light; ${DAY} } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 10pt; } section + section { break-before: page; } h2, h3 { break-after: avoid; }
  .ladder { overflow: visible; max-height: none; border: 0; container-type: normal; } .ladder table { zoom: var(--fit, 1); }
  .ladder .at, .ladder th, .note { position: static; } .note { max-width: none; position: relative; left: 0; } tbody, tr, ol > li { break-inside: avoid; } a { text-decoration: none; } }
`

const HATCHES = {
  hold: '<rect width="6" height="6" fill="var(--hold)"/><path d="M-1 1 1 -1M0 6 6 0M5 7 7 5" stroke="var(--hold-ink)" stroke-width="1.6"/>',
  held: '<rect width="6" height="6" fill="var(--hold)"/><circle cx="3" cy="3" r="1.4" fill="var(--hold-ink)"/>',
  waiting:
    '<rect width="6" height="6" fill="var(--waiting)"/><path d="M0 3H6" stroke="var(--waiting-ink)" stroke-width="2"/>',
  parking:
    '<rect width="6" height="6" fill="var(--lot)"/><path d="M0 0 6 6M0 6 6 0" stroke="var(--lot-ink)" stroke-width=".8"/>',
}

/** What bars are filled with, told apart by colour and by pattern: also where there is no colour. */
const PATTERNS = [
  ...Object.entries(HATCHES).map(
    ([id, inside]) => `<pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse">${inside}</pattern>`,
  ),
  ...Array.from({ length: BRIDGE_LOOKS }, (_, n) => {
    const fill = `<rect width="24" height="9999" fill="var(--b${n % (BRIDGE_LOOKS / 2)})"/>`
    const edges = n < BRIDGE_LOOKS / 2 ? '' : '<path d="M1 0V9999M11 0V9999" stroke="var(--letter)" stroke-width="2"/>'
    return `<pattern id="b${n}" width="1" height="1">${fill}${edges}</pattern>`
  }),
]

/** The patterns, for all ladders of a page. */
export const PAGE_PATTERNS = `<svg class="defs" aria-hidden="true"><defs>${PATTERNS.join('')}</defs></svg>`

const KEY = [
  ['bridge b0', 'in a bridge: one letter, one bridge'],
  ['hold', 'holds'],
  ['held', 'hears the music of a hold'],
  ['waiting', 'hears music while it waits: in a queue, a parking lot, the dialplan'],
  ['parking', 'in a parking lot'],
] as const

/** What the marks, bars and lines of the page mean. */
export const PAGE_KEY = `<p class="key"><span class="line">&gt; a line of ami-track</span><span class="asterisk">* a line of Asterisk</span>
<span class="reason">- why there is no line</span>
${KEY.map(([looks, text]) => `<span>${swatch(`<rect class="${looks}" width="24" height="12"/>`)}${text}</span>`).join('\n')}
<span>${swatch('<line class="ringing" x2="24" y1="6" y2="6"/>')}not up yet, then ${swatch('<line class="up" x2="24" y1="6" y2="6"/>')}up</span></p>
`

function swatch(inside: string): string {
  return `<svg width="24" height="12" aria-hidden="true">${inside}</svg>`
}
